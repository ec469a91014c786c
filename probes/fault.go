package probes

import "fmt"

// Fault says why an exchange gave no complete answer.
type Fault struct {
	Class  ErrorClass
	Detail string // for readers, in one short sentence; without the secrets of the request
	Err    error  // the cause, where there is one
}

// Error returns the detail.
func (f *Fault) Error() string { return f.Detail }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Outcome returns what the fault tells about the service: [Unknown] when it is
// ours, [Down] otherwise.
func (f *Fault) Outcome() Outcome { return f.Class.outcome() }

func faultf(class ErrorClass, cause error, format string, args ...any) *Fault {
	return &Fault{Class: class, Detail: fmt.Sprintf(format, args...), Err: cause}
}

// outcome returns what a failure of the class tells about the service. A body
// that is too large is too large for our own limit, so it tells nothing.
func (c ErrorClass) outcome() Outcome {
	switch c {
	case ClassLocal, ClassForbidden, ClassQuota, ClassRight, ClassInconclusive, ClassSize:
		return Unknown
	case ClassNone:
		return Up
	}
	return Down
}
