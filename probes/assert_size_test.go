package probes_test

import (
	"strings"
	"testing"

	"observatoire/probes"
)

func TestSize(t *testing.T) {
	for name, test := range map[string]struct {
		wanted *probes.Size
		size   int
		text   string
		fault  string
	}{
		"at least":     {&probes.Size{Min: 1e3}, 1000, "size is at least 1kB", ""},
		"too small":    {&probes.Size{Min: 1e3}, 999, "size is at least 1kB", "body of 999 bytes, expected at least 1kB"},
		"at most":      {&probes.Size{Max: 1e3}, 1000, "size is at most 1kB", ""},
		"too large":    {&probes.Size{Max: 1e3}, 1001, "size is at most 1kB", "body of 1001 bytes, expected at most 1kB"},
		"between":      {&probes.Size{Min: 10, Max: 10}, 10, "size is at least 10 and at most 10", ""},
		"not between":  {&probes.Size{Min: 10, Max: 20}, 0, "size is at least 10 and at most 20", "body of 0 bytes"},
		"nothing, max": {&probes.Size{Max: 1}, 0, "size is at most 1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.wanted.Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			if got := test.wanted.String(); got != test.text {
				t.Errorf("reads %q, want %q", got, test.text)
			}
			switch err := test.wanted.Check(&probes.Observation{Body: make([]byte, test.size)}); {
			case (err != nil) != (test.fault != ""):
				t.Errorf("error %v, want %q", err, test.fault)
			case err != nil && !strings.Contains(err.Error(), test.fault):
				t.Errorf("error %q, want %q in it", err, test.fault)
			}
		})
	}
	for want, size := range map[string]*probes.Size{
		"min: required":  {},
		"max: less than": {Min: 2, Max: 1},
		"min: must not":  {Min: -1},
		"max: must not":  {Max: -1},
	} {
		if err := size.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
