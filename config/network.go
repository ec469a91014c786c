package config

import (
	"slices"

	"observatoire/catalogue"
	"observatoire/probes"
)

// network checks how probes behave towards others.
func (c *checker) network() {
	n := &c.doc.Network
	if c.has(n, "per_host") && (n.PerHost < 1 || n.PerHost > 1000) {
		c.refuse(n, "per_host", "%d: want a number from 1 to 1000", n.PerHost)
	}
	if c.has(n, "rate_share") && !(n.RateShare > 0 && n.RateShare <= 100) {
		c.refuse(n, "rate_share", "%v: want a number of percent above 0, at most 100", n.RateShare)
	}
	c.config.Network = *n
	for _, r := range n.References {
		if host := probes.HostOf("tcp://" + string(r)); c.excludes(host) {
			c.refuse(n, "references", "%s is excluded by network: exclude", host)
		}
	}
}

func (c *checker) excludes(host string) bool {
	return host != "" && slices.ContainsFunc(c.config.Network.Exclude, func(p probes.Host) bool { return p.Matches(host) })
}

// reachable says that a probe's host, or that of a step, must not be contacted.
func (c *checker) reachable(p *probe, host string) {
	hosts := []string{host}
	if journey, ok := p.Prober.(*probes.Journey); ok {
		for i := range journey.Steps {
			hosts = append(hosts, probes.HostOf(journey.Steps[i].URL))
		}
	}
	for i, host := range hosts {
		if c.excludes(host) && !slices.Contains(hosts[:i], host) {
			c.refuse(p, c.named[p.Prober], "%s is excluded by network: exclude", host)
		}
	}
}

// requestsOf returns how many requests one run makes, redirects left out.
func requestsOf(p probes.Prober) int {
	if journey, ok := p.(*probes.Journey); ok {
		return max(1, len(journey.Steps))
	}
	return 1
}

// allowed returns the requests per second that our share of a rate allows; zero
// when none is declared.
func (c *checker) allowed(r catalogue.Rate) float64 {
	if r.IsZero() {
		return 0
	}
	return c.config.Network.RateShare / 100 * float64(r.Requests) / r.Per.Seconds()
}

// load holds the requests that an API's probes make in a day by their schedules
// against our share of the load that its producer declares admissible.
func (c *checker) load(a *api, requests int) {
	if !c.has(a, "rate_limit") {
		return
	}
	if allowed := c.allowed(a.RateLimit); allowed > 0 && float64(requests) > allowed*day.Seconds() {
		c.refuse(a, "rate_limit", "its probes make %d requests a day, more than %v %% of %s (network: rate_share)",
			requests, c.config.Network.RateShare, a.RateLimit)
	}
}
