package probes

import (
	"maps"
	"slices"
)

// The kinds. A kind is a pointer to a type whose exported fields are its
// settings; its maker sets the defaults. A new kind is one file and one line
// here.
var (
	probers = map[string]func() Prober{
		"browser":   browsers(maxBrowsers),
		"dataset":   newDataset,
		"dns":       newDNS,
		"grpc":      newGRPC,
		"http":      newHTTP,
		"icmp":      newICMP,
		"journey":   newJourney,
		"tcp":       newTCP,
		"tls":       newTLS,
		"websocket": newWebSocket,
	}
	assertions = map[string]func() Assertion{
		"body":          func() Assertion { return new(Body) },
		"certificate":   func() Assertion { return new(Certificate) },
		"contract":      func() Assertion { return new(Contract) },
		"csv":           newCSV,
		"expression":    func() Assertion { return new(Expression) },
		"header":        func() Assertion { return new(Header) },
		"json":          func() Assertion { return new(JSON) },
		"json_schema":   func() Assertion { return new(JSONSchema) },
		"response_time": func() Assertion { return new(ResponseTime) },
		"size":          func() Assertion { return new(Size) },
		"status":        func() Assertion { return new(Status) },
		"tls":           func() Assertion { return new(Encryption) },
		"xpath":         func() Assertion { return new(XPath) },
	}
)

// Validator is a kind that can tell whether its settings make sense. The text
// of the error begins with the setting, such as "url: required" (a kind that is
// a list begins with the element, "[1]: …"); several faults are joined by [errors.Join]. What Validate compiles (a JSON path, a
// regular expression) is kept; where Validate was not called, the first use
// compiles it. So settings never change after either.
type Validator interface {
	Validate() error
}

// Targeted is a prober that can say for readers what it reaches.
type Targeted interface {
	// Target returns an address without credentials or other secrets.
	Target() string
}

// NewProber returns a prober of the kind with its default settings, and
// whether there is such a kind.
func NewProber(kind string) (Prober, bool) { return newOf(probers, kind) }

// ProberKinds returns the names of all kinds of prober, sorted.
func ProberKinds() []string { return slices.Sorted(maps.Keys(probers)) }

// NewAssertion returns an assertion of the kind with its default settings, and
// whether there is such a kind.
func NewAssertion(kind string) (Assertion, bool) { return newOf(assertions, kind) }

// AssertionKinds returns the names of all kinds of assertion, sorted.
func AssertionKinds() []string { return slices.Sorted(maps.Keys(assertions)) }

func newOf[T any](table map[string]func() T, kind string) (made T, ok bool) {
	maker, ok := table[kind]
	if ok {
		made = maker()
	}
	return made, ok
}
