package probes

import "fmt"

// Outcome says what one run tells about the service.
type Outcome uint8

// The outcomes. Their numbers are stored: they are never reused.
const (
	Unknown  Outcome = iota // the fault is ours, or the answer allows no conclusion
	Up                      // it answered, and every assertion held
	Degraded                // it answered, and only a non-critical assertion failed
	Down                    // it did not answer, or a critical assertion failed
)

var outcomeNames = [...]string{Unknown: "unknown", Up: "up", Degraded: "degraded", Down: "down"}

// String returns the outcome's name, such as "up".
func (o Outcome) String() string { return nameOf(outcomeNames[:], o) }

// MarshalText returns the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome's name.
func (o *Outcome) UnmarshalText(text []byte) error {
	return numberOf(outcomeNames[:], string(text), "outcome", o)
}

// ErrorClass says why a result is not [Up]. It is the cause in one word; the
// result's Detail holds the particulars.
type ErrorClass uint8

// The error classes. Their numbers are stored: they are never reused.
const (
	ClassNone         ErrorClass = iota
	ClassLocal                   // ours: no route, no file descriptor left, resolver silent
	ClassForbidden               // ours: the network policy refuses the address
	ClassQuota                   // ours: 429, we asked too often
	ClassRight                   // ours: 401 or 403, we may not ask
	ClassInconclusive            // the answer allows no conclusion
	ClassDNS                     // the name does not resolve
	ClassConnect                 // the connection was refused or broken
	ClassTLS                     // the handshake or the certificate failed
	ClassTimeout                 // no complete answer before the deadline
	ClassRedirect                // too many redirects, or one that cannot be followed
	ClassProtocol                // the answer is not what the protocol allows
	ClassSize                    // the body is larger than the probe reads
	ClassStatus                  // the status is not among those expected
	ClassAssertion               // another assertion failed
)

var errorClassNames = [...]string{
	ClassNone: "", ClassLocal: "local", ClassForbidden: "forbidden", ClassQuota: "quota", ClassRight: "right",
	ClassInconclusive: "inconclusive", ClassDNS: "dns", ClassConnect: "connect", ClassTLS: "tls", ClassTimeout: "timeout",
	ClassRedirect: "redirect", ClassProtocol: "protocol", ClassSize: "size", ClassStatus: "status", ClassAssertion: "assertion",
}

// String returns the class's name, such as "timeout"; it is empty for [ClassNone].
func (c ErrorClass) String() string { return nameOf(errorClassNames[:], c) }

// MarshalText returns the class's name.
func (c ErrorClass) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a class's name.
func (c *ErrorClass) UnmarshalText(text []byte) error {
	return numberOf(errorClassNames[:], string(text), "error class", c)
}

func nameOf[T ~uint8](names []string, n T) string {
	if int(n) < len(names) {
		return names[n]
	}
	return fmt.Sprintf("%d", n)
}

func numberOf[T ~uint8](names []string, name, what string, into *T) error {
	for i, known := range names {
		if known == name {
			*into = T(i)
			return nil
		}
	}
	return fmt.Errorf("unknown %s %q", what, name)
}
