package main

import (
	"strings"
	"time"

	"observatoire/probes"
)

// evidence prints what a probe saw, without secrets.
func evidence(c console, e *probes.Evidence) error {
	p := &printer{w: c.out}
	p.line("")
	for _, h := range e.Hops {
		p.line("  redirected with %d by %s", h.Status, h.URL)
	}
	if e.URL != "" {
		p.line("  %s", e.URL)
	}
	if e.StatusLine != "" {
		p.line("  %s", e.StatusLine)
	}
	for _, f := range e.Header {
		p.line("  %s: %s", f.Name, f.Value)
	}
	switch {
	case e.BodyHidden != "":
		p.line("\n  body not shown: %s", e.BodyHidden)
	case e.Body != "":
		p.line("\n  %s", strings.ReplaceAll(strings.TrimRight(e.Body, "\n"), "\n", "\n  "))
		if e.BodyCut {
			p.line("  … and more")
		}
	}
	if e.Certificate != nil {
		p.certificate(e.Certificate)
	}
	return p.err
}

func (p *printer) certificate(c *probes.Presented) {
	p.line("\n  certificate of %s", c.Subject)
	p.line("  issued by %s", c.Issuer)
	p.line("  valid from %s until %s", c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339))
	if len(c.Names) > 0 {
		p.line("  for %s", strings.Join(c.Names, ", "))
	}
	p.line("  sha256 %s", c.Fingerprint)
}
