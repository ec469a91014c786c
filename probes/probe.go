package probes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/netip"
	"time"
)

// Prober sends one request to a service and observes the answer. Its exported
// fields are its settings. It is safe for concurrent use.
type Prober interface {
	// Observe makes the exchange. The error, when there is one, is a *Fault; the
	// observation then holds the phases that were reached.
	Observe(ctx context.Context, from *Vantage) (Observation, error)
}

// Assertion is one condition on an observation. Its exported fields are its
// settings.
type Assertion interface {
	// Check returns nil, or an error that says what was expected and what was found.
	Check(*Observation) error
	// String says what is asserted, such as "status is one of 200, 206".
	String() string
}

// Vantage is the point that services are measured from.
type Vantage struct {
	Name         string                 // kept with each result
	UserAgent    string                 // says who measures, with a contact
	AllowPrivate []netip.Prefix         // private ranges that may be reached all the same
	Roots        *x509.CertPool         // trusted roots; nil means the system's
	Exclude      []Host                 // hosts that are never contacted, not by redirects either
	Off          func(host string) bool // says of a host, in lower case, that it is not to be contacted now; nil for none; for concurrent use
	References   *References            // tried before a service out of reach is called down; nil for none
}

// Observation is what a prober saw. Assertions read it and never change it.
type Observation struct {
	Time      time.Time
	Phases    Phases
	Method    string // of the last request; GET where the kind has none
	URL       string // after redirects
	Proto     string // such as "HTTP/2.0"
	Status    int
	Header    http.Header
	Body      []byte // bounded by the prober's limit
	Remote    string
	Redirects int
	TLS       *tls.ConnectionState // nil without TLS
	Facts     map[string]any       // what else this kind of prober saw, by name: numbers, texts, booleans and lists of them

	Hops  []Hop  // each request in turn, where there was a redirect
	Steps []Step // of a journey, as far as it went

	secrets  []string // texts that only this run knew, and that must not be shown
	from     *Vantage // that it was made from
	document any      // the body decoded as JSON, once, for all assertions
	decoded  bool
	bodyErr  error
}

// Expectation is an assertion and what follows when it fails.
type Expectation struct {
	Assertion  `yaml:",kind" required:"true"`
	Critical   bool `yaml:"critical" doc:"failing means down; otherwise degraded"`
	Conclusive bool `yaml:"conclusive" doc:"failing says something about the service; otherwise the outcome is unknown"`
}

// SetDefaults makes an expectation that decides.
func (e *Expectation) SetDefaults() { e.Critical, e.Conclusive = true, true }

// Probe is everything needed to check one thing about one service.
type Probe struct {
	ID           string // service and name, such as "api-geo/communes"
	Prober       Prober
	Expectations []Expectation // tried in order; the first critical or inconclusive failure decides
	Freshness    *Freshness    // where the answer says how old the data is; nil when it does not
	Timeout      time.Duration // deadline for the whole run
	Verbose      bool          // evidence also of what is up, of our own faults, and of what was asked for with credentials
}
