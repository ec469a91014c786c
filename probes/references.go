package probes

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// Reference is a target of the form "host:port" that accepts TCP connections.
type Reference string

// UnmarshalText reads a target such as "www.data.gouv.fr:443".
func (r *Reference) UnmarshalText(text []byte) error {
	host, port, err := net.SplitHostPort(string(text))
	if n, errPort := strconv.ParseUint(port, 10, 16); err != nil || errPort != nil || host == "" || n == 0 {
		return fmt.Errorf("%q is not a target: want a form such as www.data.gouv.fr:443", text)
	}
	*r = Reference(text)
	return nil
}

// References are targets that are nearly always there. When a service cannot
// be reached they are tried before it is called down: if none of them can be
// reached either, the fault is ours. A nil *References is always reached.
type References struct {
	targets []Reference

	mu      sync.Mutex // held while they are tried, so that all who ask wait for one answer
	asked   time.Time
	reached bool
}

const (
	referencesHold = 5 * time.Second // an answer about them serves for so long
	referencesWait = 3 * time.Second // that they have to accept a connection
)

// NewReferences returns the references; nil when there are none.
func NewReferences(targets ...Reference) *References {
	if len(targets) == 0 {
		return nil
	}
	return &References{targets: targets}
}

// Reached reports whether one of the references accepts a connection now.
func (r *References) Reached(ctx context.Context) bool {
	if r == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked.IsZero() || time.Since(r.asked) > referencesHold {
		r.reached = r.try(ctx)
		r.asked = time.Now()
	}
	return r.reached
}

// try returns at the first connection; the others are given up.
func (r *References) try(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), referencesWait)
	defer cancel()
	answers := make(chan error, len(r.targets))
	for _, target := range r.targets {
		go func() {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", string(target))
			if err == nil {
				conn.Close()
			}
			answers <- err
		}()
	}
	reached := false
	for range r.targets {
		if err := <-answers; err == nil {
			reached = true
			cancel() // the rest end at once
		}
	}
	return reached
}

// doubt makes a service that could not be reached at all unknown when no
// reference can be reached either.
func (r *Result) doubt(ctx context.Context, references *References) {
	if r.Outcome != Down || r.Status != 0 {
		return
	}
	switch r.Class {
	case ClassDNS, ClassConnect, ClassTimeout:
		if !references.Reached(ctx) {
			r.fail(ClassLocal, fmt.Sprintf("no reference target can be reached either (%s: %s)", r.Class, r.Detail))
		}
	}
}
