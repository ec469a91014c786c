package demo

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
	"time"
)

//go:embed demo.yaml
var configuration string

// addresses are what the configuration's template is given.
type addresses struct {
	Plain    string // such as http://127.0.0.1:40123
	Secure   string // over TLS
	Expiring string // over TLS, with a certificate that ends soon
	Now      time.Time
}

// Apart returns the plain address under another name of the same machine: a
// service that answers 429 is left alone for a while, and with it its host.
func (a addresses) Apart() string { return strings.Replace(a.Plain, "127.0.0.1", "localhost", 1) }

// Night returns, in the form of the configuration, 21:00 UTC of so many days
// from now and so many hours more.
func (a addresses) Night(days, hours int) string {
	return a.Now.UTC().Truncate(day).AddDate(0, 0, days).Add(time.Duration(21+hours) * time.Hour).Format(time.RFC3339)
}

// Seen returns the day on which commitments were read.
func (a addresses) Seen() string { return a.Now.UTC().AddDate(0, -3, 0).Format(time.DateOnly) }

func (a addresses) config() (string, error) {
	t, err := template.New("demo.yaml").Option("missingkey=error").Parse(configuration)
	if err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, a); err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	return b.String(), nil
}
