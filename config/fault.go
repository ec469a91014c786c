package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of what is said about a faulty configuration.
const (
	maxFaults = 1000
	maxText   = 300 // bytes of one message
	maxLabel  = 60  // bytes of a name or value that a message quotes
)

// Fault is one thing that is wrong in a configuration.
type Fault struct {
	File string
	Line int    // from 1
	Path string // such as `apis "api-geo": probe "communes": http: url`; empty for the document itself
	Err  error
}

// Error returns the fault in one line, such as
// `probes.yaml:31: apis "api-geo": probe "communes": http: url: required`.
func (f Fault) Error() string {
	if f.Path == "" {
		return fmt.Sprintf("%s:%d: %v", f.File, f.Line, f.Err)
	}
	return fmt.Sprintf("%s:%d: %s: %v", f.File, f.Line, f.Path, f.Err)
}

// Unwrap returns the cause.
func (f Fault) Unwrap() error { return f.Err }

// Faults are all that is wrong in a configuration, in the order of lines.
type Faults struct {
	List    []Fault
	LeftOut int // how many more there are, beyond the first thousand found
}

// Error returns one line for each fault.
func (f *Faults) Error() string {
	lines := make([]string, 0, len(f.List)+1)
	for _, fault := range f.List {
		lines = append(lines, fault.Error())
	}
	if f.LeftOut > 0 {
		lines = append(lines, fmt.Sprintf("and %d more faults", f.LeftOut))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults, each a [Fault].
func (f *Faults) Unwrap() []error {
	all := make([]error, len(f.List))
	for i, fault := range f.List {
		all[i] = fault
	}
	return all
}

// add keeps one fault, its message bounded.
func (f *Faults) add(fault Fault) {
	if len(f.List) >= maxFaults {
		f.LeftOut++
		return
	}
	if text := fault.Err.Error(); len(text) > maxText {
		fault.Err = errors.New(cut(text, maxText))
	}
	f.List = append(f.List, fault)
}

// count returns how many faults were added.
func (f *Faults) count() int { return len(f.List) + f.LeftOut }

// sorted returns the faults as an error, in the order of lines, or nil if there are none.
func (f *Faults) sorted() error {
	if f.count() == 0 {
		return nil
	}
	slices.SortStableFunc(f.List, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Err.Error(), b.Err.Error()))
	})
	f.List = slices.CompactFunc(f.List, func(a, b Fault) bool { return a.Error() == b.Error() })
	return f
}

// cut shortens a text to at most so many bytes, at the edge of a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// quote returns a text of the configuration as messages show it.
func quote(s string) string { return fmt.Sprintf("%q", cut(s, maxLabel)) }

// list returns names as messages show them.
func list(names []string) string { return strings.Join(slices.Sorted(slices.Values(names)), ", ") }
