package probes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"observatoire/secret"
)

// Auth is how a request says who asks: exactly one of its fields is set. It is
// sent to the configured host alone.
type Auth struct {
	Basic  *BasicAuth    `yaml:"basic" doc:"user and password"`
	Bearer *secret.Value `yaml:"bearer" doc:"token that is sent as Authorization: Bearer"`
	APIKey *APIKey       `yaml:"api_key" doc:"key in a header or in a parameter of the address"`
	OAuth2 *OAuth2       `yaml:"oauth2" doc:"token of an OAuth 2 server, by client credentials"`
}

// authorizer is one kind of authentication.
type authorizer interface {
	Validator
	// authorize puts into a plan what is known before a run.
	authorize(*plan)
}

// kinds returns what is set, by name. A new kind is a field, a line here, and
// a file.
func (a *Auth) kinds() map[string]authorizer {
	set := make(map[string]authorizer, 1)
	if a.Basic != nil {
		set["basic"] = a.Basic
	}
	if a.Bearer != nil {
		set["bearer"] = bearer{*a.Bearer}
	}
	if a.APIKey != nil {
		set["api_key"] = a.APIKey
	}
	if a.OAuth2 != nil {
		set["oauth2"] = a.OAuth2
	}
	return set
}

// Validate checks that exactly one kind is set, and its settings.
func (a *Auth) Validate() error {
	set := a.kinds()
	switch names := slices.Sorted(maps.Keys(set)); len(names) {
	case 0:
		return errors.New("want one of api_key, basic, bearer, oauth2")
	case 1:
		return errors.Join(within(names[0], set[names[0]].Validate())...)
	default:
		return fmt.Errorf("%s: not together with %s", names[1], names[0])
	}
}

// authorize puts what is set into the plan. The settings are valid.
func (a *Auth) authorize(p *plan) {
	for _, kind := range a.kinds() {
		kind.authorize(p)
	}
}

// within returns the errors that were joined in one, each under a key.
func within(key string, err error) (faults []error) {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			faults = append(faults, within(key, e)...)
		}
		return faults
	}
	return []error{fmt.Errorf("%s: %w", key, err)}
}

// sendable checks that a secret is there and can stand in a header.
func sendable(value secret.Value) error {
	switch text := value.Reveal(); {
	case text == "":
		return errors.New("required")
	case !validValue(text) || strings.TrimSpace(text) != text:
		return errors.New("has characters that a header cannot hold")
	}
	return nil
}
