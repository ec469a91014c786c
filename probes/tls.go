package probes

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
)

// TLS makes a handshake and verifies the certificate chain, whatever is spoken
// afterwards.
type TLS struct {
	Address    string `yaml:"address" doc:"host and port, such as ldap.example.fr:636" required:"true"`
	ServerName string `yaml:"server_name" doc:"name that is asked for and that the certificate must be for; the host of the address when it is not given"`

	once sync.Once
	err  error
}

func newTLS() Prober { return new(TLS) }

// Validate checks the settings.
func (t *TLS) Validate() error {
	t.once.Do(func() {
		var faults []error
		if err := checkAddress(t.Address); err != nil {
			faults = append(faults, prefixed("address", err))
		}
		if t.ServerName != "" {
			if err := checkHost(t.ServerName); err != nil {
				faults = append(faults, prefixed("server_name", err))
			}
		}
		t.err = errors.Join(faults...)
	})
	return t.err
}

// Target returns the address as a URI.
func (t *TLS) Target() string { return "tls://" + t.Address }

// Observe implements [Prober]. The facts are version (such as "TLS 1.3"),
// cipher, and chain: how many certificates the server sent.
func (t *TLS) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := t.Validate(); err != nil {
		return Observation{}, settingsFault(err)
	}
	w := newWire(from, plan{}, t.Address)
	o := &w.observed
	o.URL, o.Proto = t.Target(), "tls"
	secure := &tls.Config{ServerName: strings.TrimSuffix(t.ServerName, ".")}
	return w.done(w.over(ctx, "tcp", secure, func(net.Conn) *Fault {
		w.current.answered() // the handshake is the answer: nothing is waited for
		w.end()
		o.Facts = map[string]any{
			"version": tls.VersionName(o.TLS.Version),
			"cipher":  tls.CipherSuiteName(o.TLS.CipherSuite),
			"chain":   len(o.TLS.PeerCertificates),
		}
		return nil
	}))
}
