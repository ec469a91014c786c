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
	Name         string         // kept with each result
	UserAgent    string         // says who measures, with a contact
	AllowPrivate []netip.Prefix // private ranges that may be reached all the same
	Roots        *x509.CertPool // trusted roots; nil means the system's
	References   *References    // tried before a service out of reach is called down; nil for none
}

// Observation is what a prober saw. Assertions read it and never change it.
type Observation struct {
	Time      time.Time
	Phases    Phases
	URL       string // after redirects
	Proto     string // such as "HTTP/2.0"
	Status    int
	Header    http.Header
	Body      []byte // bounded by the prober's limit
	Remote    string
	Redirects int
	TLS       *tls.ConnectionState // nil without TLS
	Facts     map[string]any       // what else this kind of prober saw, by name: numbers, texts, booleans and lists of them

	document any // the body decoded as JSON, once, for all assertions
	decoded  bool
	bodyErr  error
}

// Expectation is an assertion and what follows when it fails.
type Expectation struct {
	Assertion
	Critical   bool // failing means Down; otherwise Degraded
	Conclusive bool // failing concludes something; otherwise the outcome is Unknown
}

// Probe is everything needed to check one thing about one service.
type Probe struct {
	ID           string // service and name, such as "api-geo/communes"
	Prober       Prober
	Expectations []Expectation // tried in order; the first critical or inconclusive failure decides
	Freshness    *Freshness    // where the answer says how old the data is; nil when it does not
	Timeout      time.Duration // deadline for the whole run
}

// Freshness says where an answer carries the date of its data. Exactly one of
// JSON and Header is set.
type Freshness struct {
	JSON   string        `yaml:"json" doc:"RFC 9535 path of the date in the body"`
	Header string        `yaml:"header" doc:"name of the header that holds the date, such as Last-Modified"`
	MaxAge time.Duration `yaml:"max_age" doc:"the data should not be older, as its producer declares; without it the age is shown and not judged"`
}
