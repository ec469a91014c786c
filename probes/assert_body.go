package probes

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Body asserts what text the answer's body holds. The body is taken byte for
// byte, as UTF-8.
type Body struct {
	Contains string `yaml:"contains" doc:"text that the body holds"`
	Matches  string `yaml:"matches" doc:"regular expression (RE2) that matches somewhere in the body"`

	matches pattern
}

// Validate checks the settings.
func (b *Body) Validate() error {
	if b.Contains == "" && b.Matches == "" {
		return errors.New("contains: required, or matches instead")
	}
	if _, err := b.matches.compile(b.Matches); err != nil {
		return fmt.Errorf("matches: %w", err)
	}
	return nil
}

// Check implements [Assertion].
func (b *Body) Check(o *Observation) error {
	expression, err := b.matches.compile(b.Matches)
	if err != nil {
		return err
	}
	if bytes.Contains(o.Body, []byte(b.Contains)) && expression.Match(o.Body) {
		return nil
	}
	return fmt.Errorf("body of %d bytes: expected: %s", len(o.Body), b.wanted())
}

// String implements [Assertion].
func (b *Body) String() string { return "body " + b.wanted() }

func (b *Body) wanted() string { return strings.Join(wantedText(b.Contains, b.Matches), " and ") }
