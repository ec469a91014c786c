package probes_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// What a server does with a handshake: the same comes out of a probe by HTTP
// and of one by TLS alone.
func TestHostileTLS(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	const day = 24 * time.Hour
	late90 := time.Now().Add(90 * day)
	secured := func(cert tls.Certificate, change ...func(*tls.Config)) func(net.Conn) {
		config := &tls.Config{Certificates: []tls.Certificate{cert}}
		for _, f := range change {
			f(config)
		}
		return func(c net.Conn) {
			if s := tls.Server(c, config); s.Handshake() == nil {
				hold(s)
			}
		}
	}
	good := ca.leaf(t, "127.0.0.1", late90)
	oversized := ca.leaf(t, "127.0.0.1", late90)
	for range 2000 {
		oversized.Certificate = append(oversized.Certificate, good.Certificate[0])
	}
	said := func(text string) func(net.Conn) { return func(c net.Conn) { io.WriteString(c, text) } }
	record := "\x16\x03\x03\x40\x00" + strings.Repeat("\x00", 0x4000)
	for name, test := range map[string]struct {
		serve func(net.Conn)
		want  verdict
		ends  string // what the result holds of the end of the certificate
	}{
		"expired":          {secured(ca.leaf(t, "127.0.0.1", time.Now().Add(-time.Hour))), down(probes.ClassTLS, "certificate expired on 20"), "past"},
		"wrong name":       {secured(ca.leaf(t, "geo.example", late90)), down(probes.ClassTLS, "not for 127.0.0.1"), "future"},
		"self-signed":      {secured((&authority{}).leaf(t, "127.0.0.1", late90)), down(probes.ClassTLS, "not trusted"), "future"},
		"untrusted":        {secured(stranger.leaf(t, "127.0.0.1", late90)), down(probes.ClassTLS, "not trusted"), "future"},
		"incomplete chain": {secured(ca.intermediate(t).leaf(t, "127.0.0.1", late90)), down(probes.ClassTLS, "chain is incomplete"), "future"},
		"old version": {secured(good, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }),
			down(probes.ClassTLS, "protocol version"), ""},
		"2000 certificates":      {secured(oversized), down(probes.ClassTLS, "TLS handshake failed").within(16 << 20), ""},
		"stalls":                 {hold, late("no TLS handshake after 300ms"), ""},
		"stalls half":            {inTurn(said("\x16\x03\x03\x40\x00\x02"), hold), late("no TLS handshake after 300ms"), ""},
		"one byte at a time":     {dribble(record), late("no TLS handshake after 300ms"), ""},
		"stops after its hello":  {halfHandshake(good), late("no TLS handshake after 300ms"), ""},
		"closes":                 {func(net.Conn) {}, down(probes.ClassTLS, "connection closed during the TLS handshake"), ""},
		"resets":                 {inTurn(func(c net.Conn) { c.Read(make([]byte, 1)) }, reset), down(probes.ClassTLS, "connection closed during the TLS handshake"), ""},
		"garbage":                {inTurn(said("what is this?"), hold), down(probes.ClassTLS, "not TLS"), ""},
		"plain HTTP":             {inTurn(said("HTTP/1.1 400 Bad\r\n\r\n"), hold), down(probes.ClassTLS, "not TLS"), ""},
		"endless records":        {wireEndless(record), down(probes.ClassTLS, "TLS handshake"), ""},
		"endless empty records":  {wireEndless("\x16\x03\x03\x00\x00"), down(probes.ClassTLS, "TLS handshake"), ""},
		"endless warnings":       {wireEndless("\x15\x03\x03\x00\x02\x01\x5a"), down(probes.ClassTLS, "TLS handshake"), ""},
		"message without an end": {wireEndless("\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + strings.Repeat("\x00", 0x3ffc)), down(probes.ClassTLS, "TLS handshake"), ""},
		"alert":                  {inTurn(said("\x15\x03\x03\x00\x02\x02\x50"), hold), down(probes.ClassTLS, "internal error"), ""},
	} {
		for kind, prober := range map[string]func(string) probes.Prober{
			"http": func(address string) probes.Prober { return get(t, "https://"+address) },
			"tls":  func(address string) probes.Prober { return &probes.TLS{Address: address} },
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				r := test.want.of(t, prober(speak(t, test.serve)), ca.trusting())
				ends := map[bool]string{true: "past", false: "future"}[r.NotAfter.Before(time.Now())]
				if r.NotAfter.IsZero() {
					ends = ""
				}
				if ends != test.ends {
					t.Errorf("the certificate ends %s, want %q", r.NotAfter, test.ends)
				}
			})
		}
	}
	t.Run("no roots of ours", func(t *testing.T) {
		from := loopback()
		from.Roots = x509.NewCertPool()
		unknown(probes.ClassLocal, "no root certificates").of(t, get(t, "https://"+speak(t, secured(good))), from)
	})
}

// halfHandshake answers the first message, and nothing of what comes then.
func halfHandshake(cert tls.Certificate) func(net.Conn) {
	return func(c net.Conn) {
		tls.Server(&once{Conn: c}, &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12}).Handshake()
		hold(c)
	}
}

// once is a connection of which no more than one Write arrives.
type once struct {
	net.Conn
	written bool
}

func (o *once) Write(p []byte) (int, error) {
	if o.written {
		return len(p), nil
	}
	o.written = true
	return o.Conn.Write(p)
}
