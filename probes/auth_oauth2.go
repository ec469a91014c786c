package probes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"observatoire/secret"
)

// OAuth2 is a token that a server of its own gives for client credentials
// (RFC 6749, section 4.4). It is kept until shortly before its end, or until
// the API refuses it. The server is asked through the network policy of the
// vantage point, and the time that takes is in no phase.
type OAuth2 struct {
	TokenURL     string       `yaml:"token_url" doc:"address that gives the tokens, http:// or https://" required:"true"`
	ClientID     string       `yaml:"client_id" doc:"who asks" required:"true"`
	ClientSecret secret.Value `yaml:"client_secret" doc:"the secret of who asks" required:"true"`
	Scopes       []string     `yaml:"scopes" doc:"what is asked for"`
}

// Validate checks the settings.
func (o *OAuth2) Validate() error {
	var faults []error
	if u, err := parseURL(o.TokenURL); err != nil {
		faults = append(faults, fmt.Errorf("token_url: %w", err))
	} else if u.User != nil {
		faults = append(faults, errors.New("token_url: must not hold a user or a password"))
	}
	if o.ClientID == "" {
		faults = append(faults, errors.New("client_id: required"))
	}
	if o.ClientSecret.IsZero() {
		faults = append(faults, errors.New("client_secret: required"))
	}
	if slices.ContainsFunc(o.Scopes, func(s string) bool { return s == "" || strings.ContainsAny(s, " \"\\") }) {
		faults = append(faults, errors.New("scopes: a scope is a text without spaces and quotes"))
	}
	return errors.Join(faults...)
}

func (o *OAuth2) authorize(p *plan) {
	p.hide(o.ClientSecret.Reveal())
	p.tokens = &tokens{
		config: clientcredentials.Config{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), TokenURL: o.TokenURL, Scopes: o.Scopes,
		},
		turn: make(chan struct{}, 1),
	}
}

// The times for which tokens are kept.
const (
	tokenMargin  = 30 * time.Second // before its end a token is not used any more; less where it lives shortly
	tokenDefault = 5 * time.Minute  // of one that does not say when it ends
	tokenLongest = 24 * time.Hour
	tokenLength  = 16 << 10 // bytes; servers refuse larger headers
)

// tokens keeps the token of one prober.
type tokens struct {
	config clientcredentials.Config
	turn   chan struct{} // holds one while the fields below are used
	token  string
	until  time.Time
}

// get returns a token that is still good, asking the server for one where
// there is none. Those who ask at the same time wait for one answer.
func (t *tokens) get(ctx context.Context, p *plan, from *Vantage) (string, *Fault) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", faultf(ClassInconclusive, ctx.Err(), "token server: no answer yet to an earlier run")
	}
	now := time.Now()
	if t.token != "" && now.Before(t.until) {
		return t.token, nil
	}
	t.token = ""
	token, lasts, fault := t.ask(ctx, p, from)
	if fault != nil {
		return "", fault
	}
	t.token, t.until = token, now.Add(lasts-min(tokenMargin, lasts/5))
	return token, nil
}

// forget drops a token that the API does not take.
func (t *tokens) forget(token string) {
	select {
	case t.turn <- struct{}{}:
	default:
		return // a new one is being asked for
	}
	defer func() { <-t.turn }()
	if t.token == token {
		t.token = ""
	}
}

// authorized returns the plan with the token of this run in it, where it wants
// one. What it returns with a fault is the plan itself.
func (p plan) authorized(ctx context.Context, from *Vantage) (plan, string, *Fault) {
	if p.tokens == nil {
		return p, "", nil
	}
	token, fault := p.tokens.get(ctx, &p, from)
	if fault != nil {
		return p, "", fault
	}
	p.header, p.secrets = p.header.Clone(), slices.Clone(p.secrets)
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set("Authorization", "Bearer "+token)
	p.hide(token)
	return p, token, nil
}
