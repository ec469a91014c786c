package probes_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestEncryption(t *testing.T) {
	shows := func(key any, version, suite uint16) *tls.ConnectionState {
		return &tls.ConnectionState{Version: version, CipherSuite: suite, PeerCertificates: []*x509.Certificate{{PublicKey: key}}}
	}
	p256 := &ecdsa.PublicKey{Curve: elliptic.P256()}
	rsa2048 := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047)}
	modern := shows(p256, tls.VersionTLS13, tls.TLS_AES_128_GCM_SHA256)
	old := shows(rsa2048, tls.VersionTLS12, tls.TLS_RSA_WITH_AES_128_CBC_SHA)
	trusted := shows(p256, tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256)
	trusted.VerifiedChains = [][]*x509.Certificate{trusted.PeerCertificates}
	for name, test := range map[string]struct {
		wanted *probes.Encryption
		state  *tls.ConnectionState
		text   string
		fault  string
	}{
		"version":          {&probes.Encryption{VersionMin: "1.2"}, modern, "tls: version 1.2 or later", ""},
		"version, at it":   {&probes.Encryption{VersionMin: "1.2"}, old, "tls: version 1.2 or later", ""},
		"version, old":     {&probes.Encryption{VersionMin: "1.3"}, old, "tls: version 1.3 or later", "TLS 1.2, expected TLS 1.3 or later"},
		"plain":            {&probes.Encryption{VersionMin: "1.0"}, nil, "tls: version 1.0 or later", "the answer came without TLS"},
		"cipher":           {&probes.Encryption{StrongCipher: true}, modern, "tls: strong cipher suite", ""},
		"cipher, 1.2":      {&probes.Encryption{StrongCipher: true}, trusted, "tls: strong cipher suite", ""},
		"cipher, weak":     {&probes.Encryption{StrongCipher: true}, old, "tls: strong cipher suite", "cipher suite TLS_RSA_WITH_AES_128_CBC_SHA, expected"},
		"chain":            {&probes.Encryption{ChainValid: true}, trusted, "tls: trusted chain", ""},
		"chain, untrusted": {&probes.Encryption{ChainValid: true}, modern, "tls: trusted chain", "lead to no root that we trust"},
		"key":              {&probes.Encryption{KeyTypes: []string{"ecdsa", "ed25519"}}, modern, "tls: key of type ecdsa or ed25519", ""},
		"key, other":       {&probes.Encryption{KeyTypes: []string{"ecdsa", "ed25519"}}, old, "tls: key of type ecdsa or ed25519", "key of type rsa, expected ecdsa or ed25519"},
		"key, ed25519":     {&probes.Encryption{KeyTypes: []string{"ed25519"}, RSAMin: 4096}, shows(ed25519.PublicKey(make([]byte, 32)), tls.VersionTLS13, 0), "tls: key of type ed25519, rsa key of at least 4096 bits", ""},
		"key, unknown":     {&probes.Encryption{KeyTypes: []string{"rsa"}}, shows(nil, tls.VersionTLS13, 0), "tls: key of type rsa", "key of type unknown"},
		"key, none":        {&probes.Encryption{RSAMin: 2048}, &tls.ConnectionState{}, "tls: rsa key of at least 2048 bits", "no certificate"},
		"rsa":              {&probes.Encryption{RSAMin: 2048, ECDSAMin: 384}, old, "tls: rsa key of at least 2048 bits, ecdsa key of at least 384 bits", ""},
		"rsa, short":       {&probes.Encryption{RSAMin: 2049}, old, "tls: rsa key of at least 2049 bits", "rsa key of 2048 bits, expected at least 2049"},
		"ecdsa, short":     {&probes.Encryption{ECDSAMin: 384}, modern, "tls: ecdsa key of at least 384 bits", "ecdsa key of 256 bits, expected at least 384"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.wanted.Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			if got := test.wanted.String(); got != test.text {
				t.Errorf("reads %q, want %q", got, test.text)
			}
			switch err := test.wanted.Check(&probes.Observation{TLS: test.state}); {
			case (err != nil) != (test.fault != ""):
				t.Errorf("error %v, want %q", err, test.fault)
			case err != nil && !strings.Contains(err.Error(), test.fault):
				t.Errorf("error %q, want %q in it", err, test.fault)
			}
		})
	}
}

func TestEncryptionSettingsThatMakeNoSense(t *testing.T) {
	for want, wanted := range map[string]*probes.Encryption{
		"version_min: required":        {},
		`version_min: "1.4" is not`:    {VersionMin: "1.4"},
		`key_types: [1]: "dsa" is not`: {KeyTypes: []string{"rsa", "dsa"}},
		"rsa_bits_min: ":               {RSAMin: -1},
		"ecdsa_bits_min: ":             {ECDSAMin: 1024},
	} {
		if err := wanted.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A real connection holds to what the servers of the net should offer.
func TestEncryptionOfAConnection(t *testing.T) {
	a := newAuthority(t)
	url := a.serveTLS(t, "127.0.0.1", time.Now().Add(24*time.Hour), true, func(http.ResponseWriter, *http.Request) {})
	good := &probes.Encryption{VersionMin: "1.3", ChainValid: true, StrongCipher: true, KeyTypes: []string{"ecdsa"}, ECDSAMin: 256}
	expect(t, run(t, get(t, url), a.trusting(), good), probes.Up, probes.ClassNone)
	expect(t, run(t, get(t, url), a.trusting(), &probes.Encryption{ECDSAMin: 384}), probes.Down, probes.ClassAssertion)
}
