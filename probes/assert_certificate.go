package probes

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Certificate asserts that the server's certificate stays valid for a time.
type Certificate struct {
	ValidFor time.Duration `yaml:"valid_for" doc:"the whole chain is still valid after this duration, such as 14d" required:"true"`
}

// Validate checks the settings.
func (c *Certificate) Validate() error {
	if c.ValidFor <= 0 {
		return errors.New("valid_for: required: want a duration such as 14d")
	}
	return nil
}

// Check implements [Assertion].
func (c *Certificate) Check(o *Observation) error {
	end := expiry(o.TLS)
	if end.IsZero() {
		return errors.New("no certificate: the answer came without TLS")
	}
	if left := end.Sub(o.Time); left < c.ValidFor {
		return fmt.Errorf("certificate expires on %s, in %s, expected at least %s",
			end.UTC().Format(time.DateTime+" UTC"), brief(left), brief(c.ValidFor))
	}
	return nil
}

// String implements [Assertion].
func (c *Certificate) String() string {
	return "certificate is valid for " + brief(c.ValidFor) + " more"
}

// expiry returns when the certificate chain of the connection ends; the zero
// time without TLS. Of several chains that verify, the longest-lived counts: a
// server may send certificates that no chain needs.
func expiry(state *tls.ConnectionState) time.Time {
	if state == nil {
		return time.Time{}
	}
	if len(state.VerifiedChains) == 0 {
		return earliest(state.PeerCertificates)
	}
	var end time.Time
	for _, chain := range state.VerifiedChains {
		if e := earliest(chain); e.After(end) {
			end = e
		}
	}
	return end
}

func earliest(chain []*x509.Certificate) time.Time {
	var end time.Time
	for _, c := range chain {
		if end.IsZero() || c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end
}
