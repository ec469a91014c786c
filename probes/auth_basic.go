package probes

import (
	"errors"
	"net/http"
	"strings"

	"observatoire/secret"
)

// BasicAuth is a user and a password (RFC 7617).
type BasicAuth struct {
	Username string       `yaml:"username" doc:"name of the user, without a colon" required:"true"`
	Password secret.Value `yaml:"password" doc:"password of the user"`
}

// Validate checks the settings.
func (b *BasicAuth) Validate() error {
	switch {
	case b.Username == "":
		return errors.New("username: required")
	case strings.Contains(b.Username, ":") || !validValue(b.Username):
		return errors.New("username: has characters that it cannot hold")
	case !validValue(b.Password.Reveal()):
		return errors.New("password: has characters that it cannot hold")
	}
	return nil
}

func (b *BasicAuth) authorize(p *plan) {
	r := http.Request{Header: p.header}
	r.SetBasicAuth(b.Username, b.Password.Reveal())
	p.hide(b.Password.Reveal(), p.header.Get("Authorization"))
}
