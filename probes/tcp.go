package probes

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// TCP opens a connection, may send a text, and may wait for an answer that
// holds a text. Without expect and matches, a connection is all that is asked
// for.
type TCP struct {
	Address string `yaml:"address" doc:"host and port, such as smtp.example.fr:25" required:"true"`
	Send    string `yaml:"send" doc:"text to send once connected, line breaks included, such as \"PING\\r\\n\""`
	Expect  string `yaml:"expect" doc:"text that the first 4 KiB of the answer hold"`
	Matches string `yaml:"matches" doc:"regular expression (RE2) that matches in the first 4 KiB of the answer"`

	once    sync.Once
	err     error
	matches pattern
}

// maxFirst is how much is read of a plain answer. It bounds the work too: the
// answer is looked at again with each part of it that comes.
const maxFirst = 4 << 10

func newTCP() Prober { return new(TCP) }

// Validate checks the settings.
func (t *TCP) Validate() error {
	t.once.Do(func() {
		var faults []error
		if err := checkAddress(t.Address); err != nil {
			faults = append(faults, prefixed("address", err))
		}
		if _, err := t.matches.compile(t.Matches); err != nil {
			faults = append(faults, prefixed("matches", err))
		}
		t.err = errors.Join(faults...)
	})
	return t.err
}

// Target returns the address as a URI.
func (t *TCP) Target() string { return "tcp://" + t.Address }

// Observe implements [Prober]. The body of the observation is what was read.
func (t *TCP) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := t.Validate(); err != nil {
		return Observation{}, settingsFault(err)
	}
	w := newWire(from, plan{}, t.Address)
	w.observed.URL, w.observed.Proto = t.Target(), "tcp"
	return w.done(w.over(ctx, "tcp", nil, func(conn net.Conn) *Fault { return t.talk(ctx, w, conn) }))
}

func (t *TCP) talk(ctx context.Context, w *wire, conn net.Conn) *Fault {
	if t.Send != "" {
		if _, err := io.WriteString(conn, t.Send); err != nil {
			return w.brokenFault(ctx, err, "TCP")
		}
	}
	if t.Expect == "" && t.Matches == "" {
		return nil
	}
	expression, err := t.matches.compile(t.Matches)
	if err != nil {
		return settingsFault(err)
	}
	answer := heard{Conn: conn, by: w.current}
	for room := make([]byte, maxFirst); ; {
		read := len(w.observed.Body)
		n, err := answer.Read(room[read:])
		w.observed.Body = room[:read+n]
		if n > 0 && bytes.Contains(w.observed.Body, []byte(t.Expect)) && expression.Match(w.observed.Body) {
			return nil
		}
		if read+n == len(room) {
			return unsaidFault("the first 4 KiB of the answer", t.Expect, t.Matches, w.observed.Body)
		}
		if err != nil {
			return t.endFault(ctx, w, err)
		}
	}
}

// endFault says why an answer that ended, or was not there in time, is not the
// one wanted: when there is some of it, that is what is wrong.
func (t *TCP) endFault(ctx context.Context, w *wire, err error) *Fault {
	fault := w.brokenFault(ctx, err, "TCP")
	if n := len(w.observed.Body); n > 0 && fault.Outcome() == Down {
		return unsaidFault("answer of "+plural(n, "byte"), t.Expect, t.Matches, w.observed.Body)
	}
	return fault
}
