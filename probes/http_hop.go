package probes

import (
	"context"
	"net"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"
)

// hop records when each phase of one request ended. Attempts to connect run
// side by side, and a late one may end after the hop did, so each hop has its
// own record.
type hop struct {
	began time.Time

	mu        sync.Mutex
	lookup    bool      // a name is looked up
	looked    time.Time // the look-up ended
	attempts  []attempt
	remote    string    // address and port of the connection
	connected time.Time // a connection stands
	secured   time.Time // and its handshake is done, where there is one
	first     time.Time // first byte of the final answer
	interim   int       // answers 1xx before it
	status    int       // of the final answer; used by the exchange alone
}

// Hop is one request of an exchange that was redirected.
type Hop struct {
	URL    string `json:"url"`              // without secrets
	Status int    `json:"status,omitempty"` // 0 without an answer
	Phases Phases `json:"phases"`           // Redirect is zero
	Remote string `json:"remote,omitempty"` // address and port that answered
}

// attempt is one try to connect to one address.
type attempt struct {
	address string
	began   time.Time
	err     error
}

func newHop(began time.Time) *hop { return &hop{began: began} }

// trace returns a context in which the hop records its look-up and connection.
func (h *hop) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { h.note(func() { h.lookup = true }) },
		DNSDone:  func(httptrace.DNSDoneInfo) { h.note(func() { h.looked = time.Now() }) },
		ConnectStart: func(_, address string) {
			h.note(func() { h.attempts = append(h.attempts, attempt{address: address, began: time.Now()}) })
		},
		ConnectDone: func(_, address string, err error) {
			h.note(func() {
				for i := range h.attempts {
					if h.attempts[i].address == address {
						h.attempts[i].err = err
					}
				}
			})
		},
		GotFirstResponseByte: func() { h.note(func() { h.first = time.Now() }) },
		Got1xxResponse:       h.gotInterim,
	})
}

// summary returns the hop, which was over at end.
func (h *hop) summary(url string, end time.Time) Hop {
	return Hop{URL: url, Status: h.status, Phases: h.phases(end), Remote: h.remote}
}

func (h *hop) note(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// gotInterim goes on waiting for the final answer, for a bounded number of
// others before it.
func (h *hop) gotInterim(int, textproto.MIMEHeader) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.first = time.Time{}
	if h.interim++; h.interim > maxInterim {
		return errInterim
	}
	return nil
}

func (h *hop) connectedTo(conn net.Conn) {
	h.note(func() { h.connected, h.remote = time.Now(), conn.RemoteAddr().String() })
}

func (h *hop) handshakeDone(secure bool) {
	h.note(func() {
		if h.secured = h.connected; secure {
			h.secured = time.Now()
		}
	})
}

// answered notes that the head of the final answer is here. Where others came
// before it, its first byte was not seen apart.
func (h *hop) answered() {
	h.note(func() {
		if h.first.IsZero() {
			h.first = time.Now()
		}
	})
}

// phases divides the time from the hop's begin to end. Connect is the attempt
// that succeeded, since it stands for one round trip; the time that attempts at
// other addresses took before it counts as look-up. A phase that was not
// finished lasts until end.
func (h *hop) phases(end time.Time) Phases {
	h.mu.Lock()
	defer h.mu.Unlock()
	var p Phases
	at := h.began
	for _, phase := range []struct {
		took  *time.Duration
		until time.Time
	}{
		{&p.DNS, h.connecting()}, {&p.Connect, h.connected}, {&p.TLS, h.secured}, {&p.Wait, h.first}, {&p.Transfer, end},
	} {
		if phase.until.IsZero() {
			*phase.took = max(0, end.Sub(at))
			break
		}
		if phase.until.After(at) {
			*phase.took = phase.until.Sub(at)
			at = phase.until
		}
	}
	return p
}

// connecting returns when the attempt that counts began; the zero time while
// the name is looked up. Its caller holds the lock.
func (h *hop) connecting() time.Time {
	if len(h.attempts) == 0 {
		if h.lookup {
			return h.looked
		}
		return h.began
	}
	if !h.lookup && len(h.attempts) == 1 {
		return h.began
	}
	for _, a := range h.attempts {
		if a.address == h.remote {
			return a.began
		}
	}
	return h.attempts[0].began
}
