package probes

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Status asserts that the answer's status is one of a list.
type Status []int

// statusAssertion is an assertion on the status alone. It can be checked where
// the body could not be read, and its failure is of [ClassStatus].
type statusAssertion interface {
	Assertion
	lists(code int) bool // names the code itself
}

// Validate checks that the list holds statuses. Having no fields, its error
// begins with the element instead.
func (s Status) Validate() error {
	if len(s) == 0 {
		return errors.New("required: want a list such as [200, 206]")
	}
	for i, code := range s {
		if code < 100 || code > 599 {
			return fmt.Errorf("[%d]: %d is not a status: want 100 to 599", i, code)
		}
	}
	return nil
}

// Check implements [Assertion].
func (s Status) Check(o *Observation) error {
	if s.lists(o.Status) {
		return nil
	}
	return fmt.Errorf("status %d, expected %s", o.Status, s.list())
}

// String implements [Assertion].
func (s Status) String() string {
	if len(s) == 1 {
		return "status is " + s.list()
	}
	return "status is one of " + s.list()
}

func (s Status) lists(code int) bool { return slices.Contains(s, code) }

func (s Status) list() string {
	codes := make([]string, len(s))
	for i, code := range s {
		codes[i] = strconv.Itoa(code)
	}
	return strings.Join(codes, ", ")
}

// success is what is asserted of the status where nothing else is.
type success struct{}

func (success) Check(o *Observation) error {
	if o.Status >= 200 && o.Status <= 299 {
		return nil
	}
	return fmt.Errorf("status %d, expected 200 to 299", o.Status)
}

func (success) String() string { return "status is 200 to 299" }

func (success) lists(int) bool { return false }
