package probes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// ICMP sends echo requests and waits for the replies. One reply is enough to
// be up; how many were lost is a fact. Where the system allows no echo
// requests, nothing is known.
type ICMP struct {
	Host  string `yaml:"host" doc:"name or address" required:"true"`
	Count int    `yaml:"count" doc:"echo requests that are sent, 200 ms apart, at most 10"`

	once sync.Once
	err  error
}

const (
	defaultEchoes = 3
	mostEchoes    = 10
	echoInterval  = 200 * time.Millisecond
	echoPatience  = 3 * time.Second // for a reply, once all requests are sent
)

func newICMP() Prober { return &ICMP{Count: defaultEchoes} }

// Validate checks the settings.
func (i *ICMP) Validate() error {
	i.once.Do(func() {
		var faults []error
		if err := checkHost(i.Host); err != nil {
			faults = append(faults, prefixed("host", err))
		}
		if i.Count < 1 || i.Count > mostEchoes {
			faults = append(faults, fmt.Errorf("count: must be from 1 to %d", mostEchoes))
		}
		i.err = errors.Join(faults...)
	})
	return i.err
}

// Target returns the host as a URI.
func (i *ICMP) Target() string { return "icmp://" + hostOnly(i.Host) }

// Observe implements [Prober]. Wait is the mean time of a round trip; the time
// between the requests is in no phase. The facts are sent, received, loss (from
// 0 to 1) and rtt_min, rtt_mean and rtt_max in milliseconds.
func (i *ICMP) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := i.Validate(); err != nil {
		return Observation{}, settingsFault(err)
	}
	const port = "7" // echo; nothing is ever sent to it
	w := newWire(from, plan{}, net.JoinHostPort(i.Host, port))
	w.observed.URL, w.observed.Proto = i.Target(), "icmp"
	// A datagram connection sends nothing. It looks the name up, applies the
	// network policy and finds whether there is a route.
	var to net.IP
	fault := w.over(ctx, "udp", nil, func(conn net.Conn) *Fault {
		if peer, ok := conn.RemoteAddr().(*net.UDPAddr); ok {
			to = peer.IP
			w.observed.Remote = peer.AddrPort().Addr().String()
		}
		return nil
	})
	if fault != nil {
		return w.done(fault)
	}
	e := &echoes{count: i.Count}
	err := e.run(ctx, to)
	o, _ := w.done(nil)
	o.Facts = e.facts()
	o.Phases.Wait = e.mean()
	if fault := i.judge(ctx, e, err); fault != nil {
		return o, fault
	}
	return o, nil
}

func (i *ICMP) judge(ctx context.Context, e *echoes, err error) *Fault {
	switch {
	case len(e.times) > 0:
		return nil
	case !e.listening:
		return faultf(ClassLocal, err, "unsupported here: the system allows echo requests neither to users (net.ipv4.ping_group_range) nor to the program (CAP_NET_RAW): %v", root(err))
	case errors.Is(ctx.Err(), context.Canceled):
		return faultf(ClassLocal, ctx.Err(), "we stopped before there was a reply")
	case errors.Is(e.failed, syscall.EHOSTUNREACH):
		return faultf(ClassConnect, e.failed, "no route to the host %s", i.Host)
	case e.failed != nil:
		return faultf(ClassLocal, e.failed, "we cannot send echo requests: %v", root(e.failed))
	case err != nil && !isAny(err, []error{context.DeadlineExceeded}):
		return faultf(ClassLocal, err, "we cannot receive echo replies: %v", root(err))
	}
	return faultf(ClassTimeout, err, "no reply to %s after %s", plural(e.sent, "echo request"), brief(e.waited.Round(10*time.Millisecond)))
}

// echoes are the requests of one run, and their replies. Their times are taken
// here: those that come back in the replies are the other side's word.
type echoes struct {
	count     int
	listening bool
	sent      int
	at        [mostEchoes]time.Time
	times     []time.Duration
	failed    error // why a request could not be sent
	waited    time.Duration
}

// run sends the requests: as any user may where the system allows it, and
// otherwise with the rights of the program.
func (e *echoes) run(ctx context.Context, to net.IP) error {
	began := time.Now()
	defer func() { e.waited = time.Since(began) }()
	err := e.ping(ctx, to, false)
	if !e.listening {
		if privileged := e.ping(ctx, to, true); e.listening {
			return privileged
		}
	}
	return err
}

func (e *echoes) ping(ctx context.Context, to net.IP, privileged bool) error {
	p := probing.New(to.String())
	p.SetIPAddr(&net.IPAddr{IP: to})
	p.SetPrivileged(privileged)
	p.SetLogger(probing.NoopLogger{})
	p.RecordRtts, p.RecordTTLs = false, false
	p.Count, p.Interval = e.count, echoInterval
	p.Timeout = time.Duration(e.count-1)*echoInterval + echoPatience
	p.OnSetup = func() { e.listening = true }
	p.OnSendError = func(_ *probing.Packet, err error) { e.failed = err }
	p.OnSend = func(packet *probing.Packet) {
		if e.sent++; packet.Seq < len(e.at) {
			e.at[packet.Seq] = time.Now()
		}
	}
	p.OnRecv = func(packet *probing.Packet) {
		if packet.Seq >= 0 && packet.Seq < len(e.at) && packet.IPAddr.IP.Equal(to) {
			e.times = append(e.times, time.Since(e.at[packet.Seq]))
		}
	}
	return p.RunWithContext(ctx)
}

// mean returns the mean round trip; where there was none, how long it was
// waited for.
func (e *echoes) mean() time.Duration {
	if len(e.times) == 0 {
		return e.waited
	}
	var sum time.Duration
	for _, t := range e.times {
		sum += t
	}
	return sum / time.Duration(len(e.times))
}

func (e *echoes) facts() map[string]any {
	facts := map[string]any{"sent": e.sent, "received": len(e.times)}
	if e.sent > 0 {
		facts["loss"] = float64(e.sent-len(e.times)) / float64(e.sent)
	}
	if len(e.times) > 0 {
		milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
		facts["rtt_min"], facts["rtt_max"] = milliseconds(slices.Min(e.times)), milliseconds(slices.Max(e.times))
		facts["rtt_mean"] = milliseconds(e.mean())
	}
	return facts
}
