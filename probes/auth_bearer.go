package probes

import "observatoire/secret"

// bearer is a token that does not change (RFC 6750).
type bearer struct{ token secret.Value }

// Validate checks the token.
func (b bearer) Validate() error { return sendable(b.token) }

func (b bearer) authorize(p *plan) {
	p.header.Set("Authorization", "Bearer "+b.token.Reveal())
	p.hide(b.token.Reveal())
}
