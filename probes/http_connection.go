package probes

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"sync"
	"time"

	"observatoire/secret"
)

// Connection is how a prober that speaks HTTP connects. Files are read once,
// when the settings are checked.
type Connection struct {
	IP                Family             `yaml:"ip" doc:"family of addresses that is connected to: any, 4 or 6"`
	CA                string             `yaml:"ca" doc:"file of certificates (PEM) that are trusted beside the usual ones"`
	ClientCertificate *ClientCertificate `yaml:"client_certificate" doc:"what the probe proves itself with (mutual TLS); another host is not shown it"`
}

// ClientCertificate proves who asks.
type ClientCertificate struct {
	Cert string       `yaml:"cert" doc:"file of the certificate and those that lead to its root (PEM)" required:"true"`
	Key  secret.Value `yaml:"key" doc:"its private key (PEM), such as ${file:/run/secrets/key.pem}" required:"true"`
}

// Family is a family of addresses: "any" (or empty), "4" or "6".
type Family string

// network returns the name of TCP over the family.
func (f Family) network() string {
	if f == "4" || f == "6" {
		return "tcp" + string(f)
	}
	return "tcp"
}

// link is what the settings of a connection come to. A nil one has none.
type link struct {
	network string
	proof   *tls.Certificate // shown to a server that asks for it
	extra   []*x509.Certificate

	mu    sync.Mutex
	base  *x509.CertPool // the roots that pool was made of
	pool  *x509.CertPool
	ready bool
}

// compile reads the files. Its errors are those of single settings.
func (c *Connection) compile() (*link, []error) {
	var faults []error
	switch c.IP {
	case "", "any", "4", "6":
	default:
		faults = append(faults, fmt.Errorf("ip: %q: want any, 4 or 6", string(c.IP)))
	}
	l := &link{network: c.IP.network()}
	if c.CA != "" {
		var err error
		if l.extra, err = certificates(c.CA); err != nil {
			faults = append(faults, fmt.Errorf("ca: %w", err))
		}
	}
	if c.ClientCertificate != nil {
		var err error
		if l.proof, err = c.ClientCertificate.load(); err != nil {
			faults = append(faults, fmt.Errorf("client_certificate: %w", err))
		}
	}
	return l, faults
}

// fits reports whether an address that is no name is of the family.
func (l *link) fits(u *url.URL) bool {
	if l == nil || l.network == "tcp" {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return true
	}
	return addr.Unmap().Is4() == (l.network == "tcp4")
}

// Validate checks the settings.
func (c *ClientCertificate) Validate() error {
	_, err := c.load()
	return err
}

func (c *ClientCertificate) load() (*tls.Certificate, error) {
	switch {
	case c.Cert == "" && c.Key.IsZero():
		return nil, errors.Join(errors.New("cert: required"), errors.New("key: required"))
	case c.Cert == "":
		return nil, errors.New("cert: required")
	case c.Key.IsZero():
		return nil, errors.New("key: required")
	}
	text, err := readFile(c.Cert)
	if err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	if _, err := parseCertificates(text); err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	pair, err := tls.X509KeyPair(text, []byte(c.Key.Reveal()))
	if err != nil {
		return nil, errors.New("key: is not the private key (PEM) of the certificate")
	}
	return &pair, nil
}

func certificates(file string) ([]*x509.Certificate, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return parseCertificates(text)
}

func parseCertificates(text []byte) (all []*x509.Certificate, err error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if text = rest; block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("holds a certificate that cannot be read")
		}
		all = append(all, cert)
	}
	if len(all) == 0 {
		return nil, errors.New("holds no certificate (PEM)")
	}
	return all, nil
}

// readFile reads a file of settings, of a size that such files have.
func readFile(name string) ([]byte, error) {
	const most = 4 << 20
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	n, err := io.Copy(&text, io.LimitReader(f, most+1))
	if err == nil && n > most {
		err = fmt.Errorf("%s: larger than %d bytes", name, most)
	}
	return text.Bytes(), err
}

// roots returns the certificates to trust: those of the vantage point (nil for
// the system's) and the extra ones. They are put together once for each vantage
// point in turn.
func (l *link) roots(from *Vantage) *x509.CertPool {
	if l == nil || len(l.extra) == 0 {
		return from.Roots
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ready && l.base == from.Roots {
		return l.pool
	}
	pool := x509.NewCertPool()
	if from.Roots != nil {
		pool = from.Roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil { // without them the extra ones do
		pool = system
	}
	for _, cert := range l.extra {
		pool.AddCert(cert)
	}
	l.base, l.pool, l.ready = from.Roots, pool, true
	return pool
}

// expired says since when our own certificate proves nothing any more.
func (l *link) expired(now time.Time) *Fault {
	if l == nil || l.proof == nil || l.proof.Leaf == nil || now.Before(l.proof.Leaf.NotAfter) {
		return nil
	}
	return faultf(ClassRight, nil, "our client certificate expired on %s", l.proof.Leaf.NotAfter.UTC().Format(time.DateTime+" UTC"))
}
