package probes

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Encryption asserts how the connection is protected. How long the certificate still
// lasts is what [Certificate] asserts.
type Encryption struct {
	VersionMin   string   `yaml:"version_min" doc:"lowest version that may be negotiated: 1.0, 1.1, 1.2 or 1.3"`
	ChainValid   bool     `yaml:"chain_valid" doc:"true: the certificates lead to a root that we trust, for the host that was asked"`
	StrongCipher bool     `yaml:"strong_cipher" doc:"true: the cipher suite authenticates what it encrypts, and past traffic stays secret when the key is lost (TLS 1.3, or ECDHE with GCM or ChaCha20)"`
	KeyTypes     []string `yaml:"key_types" doc:"the server's key is of one of these types: ecdsa, ed25519, rsa"`
	RSAMin       int      `yaml:"rsa_bits_min" doc:"a key of type rsa has at least so many bits, such as 2048"`
	ECDSAMin     int      `yaml:"ecdsa_bits_min" doc:"a key of type ecdsa has at least so many bits, such as 256"`
}

// The types of key as the settings name them.
const (
	keyECDSA   = "ecdsa"
	keyEd25519 = "ed25519"
	keyRSA     = "rsa"
)

// Validate checks the settings.
func (e *Encryption) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if e.VersionMin != "" && tlsVersion(e.VersionMin) == 0 {
		fault("version_min: %q is not a version: want 1.0, 1.1, 1.2 or 1.3", e.VersionMin)
	}
	for i, name := range e.KeyTypes {
		if !slices.Contains([]string{keyECDSA, keyEd25519, keyRSA}, name) {
			fault("key_types: [%d]: %q is not a type of key: want ecdsa, ed25519 or rsa", i, name)
		}
	}
	const most = 1 << 16
	if e.RSAMin < 0 || e.RSAMin > most {
		fault("rsa_bits_min: must be from 0 to %d", most)
	}
	if e.ECDSAMin < 0 || e.ECDSAMin > 521 {
		fault("ecdsa_bits_min: must be from 0 to 521")
	}
	if len(faults) == 0 && len(e.wanted()) == 0 {
		fault("version_min: required, or another condition instead")
	}
	return errors.Join(faults...)
}

// Check implements [Assertion].
func (e *Encryption) Check(o *Observation) error {
	if o.TLS == nil {
		return errors.New("the answer came without TLS")
	}
	if lowest := tlsVersion(e.VersionMin); o.TLS.Version < lowest {
		return fmt.Errorf("%s, expected TLS %s or later", tls.VersionName(o.TLS.Version), e.VersionMin)
	}
	if e.StrongCipher && !strong(o.TLS) {
		return fmt.Errorf("cipher suite %s, expected one with forward secrecy and authentication", tls.CipherSuiteName(o.TLS.CipherSuite))
	}
	if e.ChainValid && len(o.TLS.VerifiedChains) == 0 {
		return errors.New("the certificates lead to no root that we trust")
	}
	return e.checkKey(o.TLS)
}

func (e *Encryption) checkKey(state *tls.ConnectionState) error {
	if len(e.KeyTypes) == 0 && e.RSAMin == 0 && e.ECDSAMin == 0 {
		return nil
	}
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server showed no certificate")
	}
	kind, bits := keySize(state.PeerCertificates[0].PublicKey)
	if len(e.KeyTypes) > 0 && !slices.Contains(e.KeyTypes, kind) {
		return fmt.Errorf("key of type %s, expected %s", kind, strings.Join(e.KeyTypes, " or "))
	}
	if wanted := map[string]int{keyRSA: e.RSAMin, keyECDSA: e.ECDSAMin}[kind]; bits < wanted {
		return fmt.Errorf("%s key of %d bits, expected at least %d", kind, bits, wanted)
	}
	return nil
}

// String implements [Assertion].
func (e *Encryption) String() string { return "tls: " + strings.Join(e.wanted(), ", ") }

func (e *Encryption) wanted() (parts []string) {
	if e.VersionMin != "" {
		parts = append(parts, "version "+e.VersionMin+" or later")
	}
	if e.StrongCipher {
		parts = append(parts, "strong cipher suite")
	}
	if e.ChainValid {
		parts = append(parts, "trusted chain")
	}
	if len(e.KeyTypes) > 0 {
		parts = append(parts, "key of type "+strings.Join(e.KeyTypes, " or "))
	}
	if e.RSAMin > 0 {
		parts = append(parts, fmt.Sprintf("rsa key of at least %d bits", e.RSAMin))
	}
	if e.ECDSAMin > 0 {
		parts = append(parts, fmt.Sprintf("ecdsa key of at least %d bits", e.ECDSAMin))
	}
	return parts
}

// tlsVersion returns the number of a version, and 0 where there is none.
func tlsVersion(name string) uint16 {
	switch name {
	case "1.0":
		return tls.VersionTLS10
	case "1.1":
		return tls.VersionTLS11
	case "1.2":
		return tls.VersionTLS12
	case "1.3":
		return tls.VersionTLS13
	}
	return 0
}

// strong reports whether the cipher suite is an AEAD whose key exchange gives
// forward secrecy. All of TLS 1.3 are.
func strong(state *tls.ConnectionState) bool {
	if state.Version >= tls.VersionTLS13 {
		return true
	}
	switch state.CipherSuite {
	case tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256:
		return true
	}
	return false
}

// keySize returns the type and the size in bits of a public key.
func keySize(key any) (kind string, bits int) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return keyRSA, k.N.BitLen()
	case *ecdsa.PublicKey:
		return keyECDSA, k.Params().BitSize
	case ed25519.PublicKey:
		return keyEd25519, 8 * len(k)
	}
	return "unknown", 0
}
