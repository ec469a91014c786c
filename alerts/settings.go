package alerts

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// shortest is the length from which on a text is taken for a secret: to blank
// each "/" of an error would blank the error.
const shortest = 4

// redacted returns an error's text on one line, bounded, and without the hidden
// texts, plain or in base64.
func redacted(err error, hidden ...string) string {
	text := err.Error()
	for _, h := range hidden {
		if len(h) < shortest {
			continue
		}
		text = strings.ReplaceAll(text, h, "***")
		text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString([]byte(h)), "***")
	}
	return clean(text, maxError)
}

// trusted returns a configuration that trusts the system's roots and those of a
// file; "" is no file.
func trusted(file string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file == "" {
		return config, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca: %s: no certificate in it", file)
	}
	config.RootCAs = roots
	return config, nil
}

func validLanguage(code string) error {
	if _, ok := languages[code]; !ok {
		return fmt.Errorf("language: %q is not fr or en", code)
	}
	return nil
}

// sendable reports whether net/http will send the headers.
func sendable(h http.Header) bool {
	for name, values := range h {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool {
			return !strings.ContainsRune("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", r)
		}) {
			return false
		}
		for _, value := range values {
			if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return false
			}
		}
	}
	return true
}
