package probes

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Contract asserts that an answer is one that the published OpenAPI document
// of its API describes: its status, its content type, and its body where that
// is JSON. The document is OpenAPI 3.0 or 3.1, or Swagger 2.0. The operation
// is that of the request's method and URL, unless it is named.
//
// The document is read when it is first needed and then once a day, never in a
// measured time. Where it cannot be read, is not valid or does not say what
// such a request answers, the assertion is inconclusive: that tells nothing
// about the service.
//
// The formats byte, date, date-time, uuid, ipv4, ipv6, int32 and int64 are
// asserted; others, and patterns that are no RE2, are not. An alternative
// chosen by a discriminator may be any of its list.
type Contract struct {
	Document  string `yaml:"document" doc:"address of the OpenAPI document, http:// or https://, or path of a file" required:"true"`
	Operation string `yaml:"operation" doc:"operationId in the document; found by the request's method and URL when not given"`

	mu      sync.Mutex    // held while the contract is read, and used
	held    *contract     // nil as long as it could not be read
	version version       // of the document that is held
	failed  error         // why the last reading failed
	next    time.Time     // the document is read again after that
	wait    time.Duration // to read it, in place of contractWait
}

// Validate checks the settings.
func (c *Contract) Validate() error {
	if c.Document == "" {
		return errors.New("document: required")
	}
	if !c.remote() {
		if scheme, _, ok := strings.Cut(c.Document, "://"); ok {
			return fmt.Errorf("document: the scheme %s cannot be read: want http, https or the path of a file", scheme)
		}
		return nil
	}
	if _, err := parseURL(c.Document); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	return nil
}

func (c *Contract) remote() bool {
	scheme, _, ok := strings.Cut(strings.ToLower(c.Document), "://")
	return ok && (scheme == "http" || scheme == "https")
}

// Check implements [Assertion].
func (c *Contract) Check(o *Observation) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	op, err := c.operation(o)
	if err != nil {
		return undecided{fmt.Errorf("%s: %w", c, err)}
	}
	if err = op.check(o); err != nil {
		return fmt.Errorf("contract %s: %w", op, err)
	}
	return nil
}

// operation returns what the document says about the request. Of a document
// that serves one operation only that one is kept whole, since it can be large.
func (c *Contract) operation(o *Observation) (*operation, error) {
	if err := c.ensure(o.vantage()); err != nil {
		return nil, err
	}
	op, err := c.held.find(c.Operation, o.method(), o.URL)
	if err != nil {
		return nil, err
	}
	if op.dropped {
		held, err := c.read(o.vantage())
		if err != nil {
			return nil, err
		}
		c.held = held
		c.held.several = true
		if op, err = c.held.find(c.Operation, o.method(), o.URL); err != nil {
			return nil, err
		}
	}
	c.held.keep(op)
	return op, nil
}

// String implements [Assertion].
func (c *Contract) String() string {
	name := c.Document
	if u, err := url.Parse(name); err == nil && c.remote() {
		name = redact(u)
	}
	if c.Operation != "" {
		return "contract " + name + " operation " + c.Operation
	}
	return "contract " + name
}

// vantage returns the point that the observation was made from: the document
// is fetched under the same network policy.
func (o *Observation) vantage() *Vantage {
	if o.from == nil {
		return &Vantage{}
	}
	return o.from
}

func (o *Observation) method() string {
	if o.Method == "" {
		return http.MethodGet
	}
	return o.Method
}
