package probes

import (
	"slices"
	"time"
)

// clean makes phases fit to be kept: whole microseconds, none below zero.
func (p *Phases) clean() {
	for _, phase := range []*time.Duration{&p.Redirect, &p.DNS, &p.Connect, &p.TLS, &p.Wait, &p.Transfer} {
		*phase = max(0, phase.Truncate(time.Microsecond))
	}
}

func (p Phases) plus(q Phases) Phases {
	return Phases{
		Redirect: p.Redirect + q.Redirect, DNS: p.DNS + q.DNS, Connect: p.Connect + q.Connect,
		TLS: p.TLS + q.TLS, Wait: p.Wait + q.Wait, Transfer: p.Transfer + q.Transfer,
	}
}

func cleanChecks(checks []Check, secrets []string) {
	for i := range checks {
		checks[i].Assertion = tidy(checks[i].Assertion, secrets)
		checks[i].Detail = tidy(checks[i].Detail, secrets)
	}
}

func cleanHops(hops []Hop, secrets []string) {
	for i := range hops {
		hops[i].Phases.clean()
		hops[i].URL = tidy(hops[i].URL, secrets)
	}
}

// longestFirst returns the secrets in the order in which they are to be looked
// for: one may be a part of another.
func longestFirst(secrets []string) []string {
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(secrets)
}
