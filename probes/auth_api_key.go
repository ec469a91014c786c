package probes

import (
	"errors"
	"fmt"
	"net/url"

	"observatoire/secret"
)

// APIKey is a key that stands in a header, or in a parameter of the address.
// A redirect keeps the header on the same host, and loses the parameter.
type APIKey struct {
	Header string       `yaml:"header" doc:"name of the header that holds the key; or query"`
	Query  string       `yaml:"query" doc:"name of the parameter that holds the key; or header"`
	Value  secret.Value `yaml:"value" doc:"the key" required:"true"`
}

// Validate checks the settings.
func (k *APIKey) Validate() error {
	var faults []error
	switch {
	case k.Header == "" && k.Query == "":
		faults = append(faults, errors.New("header: required, or query instead"))
	case k.Header != "" && k.Query != "":
		faults = append(faults, errors.New("query: not together with header"))
	case k.Header != "" && !validName(k.Header):
		faults = append(faults, fmt.Errorf("header: %q is not the name of a header", k.Header))
	}
	if err := sendable(k.Value); err != nil {
		faults = append(faults, fmt.Errorf("value: %w", err))
	}
	return errors.Join(faults...)
}

func (k *APIKey) authorize(p *plan) {
	key := k.Value.Reveal()
	p.hide(key)
	if k.Header != "" {
		p.header.Set(k.Header, key)
		return
	}
	p.veiled = k.Query
	if p.url.RawQuery != "" {
		p.url.RawQuery += "&"
	}
	p.url.RawQuery += url.QueryEscape(k.Query) + "=" + url.QueryEscape(key)
}
