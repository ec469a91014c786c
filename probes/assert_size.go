package probes

import (
	"errors"
	"fmt"
	"strings"
)

// Size asserts how many bytes of body the answer has, decompressed. What a
// prober read is bounded by its own limit, beyond which there is no answer to
// judge.
type Size struct {
	Min Bytes `yaml:"min" doc:"the body has at least so many bytes, such as 1kB"`
	Max Bytes `yaml:"max" doc:"the body has at most so many bytes, such as 512kB; below the probe's own max_body"`
}

// Validate checks the settings.
func (s *Size) Validate() error {
	switch {
	case s.Min < 0:
		return errors.New("min: must not be negative")
	case s.Max < 0:
		return errors.New("max: must not be negative")
	case s.Min == 0 && s.Max == 0:
		return errors.New("min: required, or max instead")
	case s.Max != 0 && s.Max < s.Min:
		return errors.New("max: less than min")
	}
	return nil
}

// Check implements [Assertion].
func (s *Size) Check(o *Observation) error {
	size := Bytes(len(o.Body))
	if size < s.Min || s.Max != 0 && size > s.Max {
		return fmt.Errorf("body of %d bytes, expected %s", size, s.wanted())
	}
	return nil
}

// String implements [Assertion].
func (s *Size) String() string { return "size is " + s.wanted() }

func (s *Size) wanted() string {
	var parts []string
	if s.Min != 0 {
		parts = append(parts, "at least "+s.Min.String())
	}
	if s.Max != 0 {
		parts = append(parts, "at most "+s.Max.String())
	}
	return strings.Join(parts, " and ")
}
