package probes

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Header asserts that the answer has a header, and what one of its values is.
type Header struct {
	Name     string `yaml:"name" doc:"name of the header; alone: it is present" required:"true"`
	Equals   string `yaml:"equals" doc:"a value of the header is this text"`
	Contains string `yaml:"contains" doc:"a value of the header holds this text"`
	Matches  string `yaml:"matches" doc:"a value of the header matches this regular expression (RE2)"`

	matches pattern
}

// Validate checks the settings.
func (h *Header) Validate() error {
	var faults []error
	switch {
	case h.Name == "":
		faults = append(faults, errors.New("name: required"))
	case !validName(h.Name):
		faults = append(faults, fmt.Errorf("name: %q is not the name of a header", h.Name))
	}
	if _, err := h.matches.compile(h.Matches); err != nil {
		faults = append(faults, fmt.Errorf("matches: %w", err))
	}
	return errors.Join(faults...)
}

// Check implements [Assertion].
func (h *Header) Check(o *Observation) error {
	values := o.Header.Values(h.Name)
	if len(values) == 0 {
		return fmt.Errorf("no header %s", h.Name)
	}
	expression, err := h.matches.compile(h.Matches)
	if err != nil {
		return err
	}
	holds := func(value string) bool {
		return (h.Equals == "" || value == h.Equals) && strings.Contains(value, h.Contains) && expression.MatchString(value)
	}
	if slices.ContainsFunc(values, holds) {
		return nil
	}
	return fmt.Errorf("header %s: expected: %s; found: %s", h.Name, h.wanted(), show(strings.Join(values, ", ")))
}

// String implements [Assertion].
func (h *Header) String() string { return "header " + h.Name + " " + h.wanted() }

func (h *Header) wanted() string {
	var parts []string
	if h.Equals != "" {
		parts = append(parts, "equals "+strconv.Quote(h.Equals))
	}
	parts = append(parts, wantedText(h.Contains, h.Matches)...)
	if len(parts) == 0 {
		return "is present"
	}
	return strings.Join(parts, " and ")
}

func wantedText(contains, matches string) (parts []string) {
	if contains != "" {
		parts = append(parts, "contains "+strconv.Quote(contains))
	}
	if matches != "" {
		parts = append(parts, "matches "+strconv.Quote(matches))
	}
	return parts
}
