package config

import (
	"reflect"
	"slices"
	"time"

	"github.com/robfig/cron/v3"
	"go.yaml.in/yaml/v3"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/scheduler"
	"observatoire/slo"
)

// Bounds of probes.
const (
	minPeriod      = 5 * time.Second
	maxPeriod      = day
	maxTimeout     = time.Minute
	defaultTimeout = 10 * time.Second
)

// list notes the ids of all services before any is judged, since they name each other.
func (c *checker) list() {
	c.services = map[string]bool{}
	seen := map[string]int{}
	for i := range c.doc.APIs {
		a := &c.doc.APIs[i]
		c.unique(seen, a, "id", a.ID)
		c.services[a.ID] = true
	}
	for i := range c.doc.Demarches {
		d := &c.doc.Demarches[i]
		c.unique(seen, d, "id", d.ID)
		if !c.services[d.ID] {
			c.services[d.ID] = false
		}
	}
}

func (c *checker) api(a *api) {
	c.service(a, &a.Service, slo.ForAPI)
	c.web(a, "documentation", a.Documentation)
	c.web(a, "openapi", a.OpenAPI)
	c.web(a, "status_page", a.StatusPage)
	first := len(c.config.Jobs)
	c.load(a, c.jobs(a.Service, a.Probes))
	for i := range c.config.Jobs[first:] {
		c.config.Jobs[first+i].Budget = c.allowed(a.RateLimit)
	}
	c.config.Catalogue.APIs = append(c.config.Catalogue.APIs, a.API)
}

func (c *checker) demarche(d *demarche) {
	c.service(d, &d.Service, slo.ForDemarche)
	c.web(d, "url", d.URL)
	if c.has(d, "jdma") && d.JDMA < 1 {
		c.refuse(d, "jdma", "want a number above 0")
	}
	c.depends(d)
	if !c.gave(d, "probes") && c.has(d, "url") && webAddress(d.URL) == nil {
		d.Probes = c.page(d)
	}
	c.jobs(d.Service, d.Probes)
	c.config.Catalogue.Demarches = append(c.config.Catalogue.Demarches, d.Demarche)
}

// page returns the probe of a démarche that declares none, read as if it were written.
func (c *checker) page(d *demarche) []probe {
	at, path := c.at(d, "url")
	text := func(s string) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Line: at.Line}
	}
	mapping := func(content ...*yaml.Node) *yaml.Node {
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: content, Line: at.Line}
	}
	written := mapping(
		text("name"), text("page"), text("every"), text("5m"), text("timeout"), text("10s"),
		text("http"), mapping(text("url"), text(d.URL), text("max_body"), text("4MB")),
	)
	page := make([]probe, 1)
	c.value(written, reflect.ValueOf(&page[0]).Elem(), path)
	return page
}

// service checks what APIs and démarches have in common.
func (c *checker) service(of any, s *catalogue.Service, profile string) {
	c.id(of, "id", s.ID)
	if c.has(of, "producer") && !slices.Contains(c.producers, s.Producer) {
		c.refuse(of, "producer", "unknown producer %s%s", quote(s.Producer), suggest(s.Producer, c.producers))
	}
	if s.Profile == "" {
		s.Profile = profile
	}
	if c.has(of, "profile") && !slices.Contains(c.profiles, s.Profile) {
		c.refuse(of, "profile", "unknown profile %s%s; known profiles are %s", quote(s.Profile), suggest(s.Profile, c.profiles), list(c.profiles))
	}
	c.promise(s.Commitment)
	for i := range s.Maintenance {
		c.maintenance(&s.Maintenance[i])
	}
}

// promise checks what a producer promises.
func (c *checker) promise(p *catalogue.Commitment) {
	if p == nil {
		return
	}
	if c.has(p, "window") && p.Window == slo.Latest {
		c.refuse(p, "window", "want day, month, quarter or days from 2d to 400d")
	}
	c.web(p, "source", p.Source)
}

func (c *checker) maintenance(m *slo.Maintenance) {
	once := c.gave(m, "from") || c.gave(m, "to")
	switch {
	case c.gave(m, "daily") && once:
		c.refuse(m, "daily", "not together with from and to")
	case !c.gave(m, "daily") && !once:
		c.refuse(m, "daily", "required, or from and to instead")
	case once && !c.gave(m, "to"):
		c.refuse(m, "to", "required with from")
	case once && !c.gave(m, "from"):
		c.refuse(m, "from", "required with to")
	case c.has(m, "from") && c.has(m, "to") && !m.To.After(m.From):
		c.refuse(m, "to", "must be after from")
	}
}

// depends checks what a démarche cannot do without.
func (c *checker) depends(d *demarche) {
	seen := map[string]int{}
	for i := range d.DependsOn {
		on := &d.DependsOn[i]
		n, path := c.dependency(on)
		if n == nil || on.API == "" {
			continue
		}
		api, known := c.services[on.API]
		line, twice := seen[on.API]
		switch {
		case !known:
			c.faultf(n, path, "unknown API %s%s", quote(on.API), suggest(on.API, c.apis()))
		case !api:
			c.faultf(n, path, "%s is a démarche: a démarche depends on APIs alone", quote(on.API))
		case twice:
			c.faultf(n, path, "duplicate API %s, first on line %d", quote(on.API), line)
		default:
			seen[on.API] = n.Line
		}
	}
}

// dependency returns where an API is named, as a plain text or under a key; nil
// where it could not be read.
func (c *checker) dependency(on *catalogue.Dependency) (*yaml.Node, string) {
	p, ok := c.places[on]
	switch {
	case !ok || c.faulty[p.node]:
		return nil, ""
	case p.node.Kind == yaml.ScalarNode:
		return p.node, p.path
	}
	return c.at(on, "api")
}

// apis returns the ids of the APIs.
func (c *checker) apis() []string {
	ids := make([]string, len(c.doc.APIs))
	for i := range c.doc.APIs {
		ids[i] = c.doc.APIs[i].ID
	}
	return ids
}

// jobs checks the probes of a service and plans them. It returns how many
// requests they make in a day.
func (c *checker) jobs(s catalogue.Service, written []probe) (requests int) {
	seen := map[string]int{}
	for i := range written {
		p := &written[i]
		c.id(p, "name", p.Name)
		c.unique(seen, p, "name", p.Name)
		id := s.ID + "/" + p.Name
		schedule, period := c.schedule(p, id)
		c.timeout(p, period)
		job := Job{
			Job: scheduler.Job{
				Probe:    probes.Probe{ID: id, Prober: p.Prober, Freshness: p.Freshness, Timeout: p.Timeout},
				Schedule: schedule, Maintenance: s.Maintenance,
			},
			Watched: observatory.Watched{ID: id, Service: s.ID, Kind: c.named[p.Prober], Period: period},
		}
		job.Probe.Expectations = p.Assert
		if reaches, ok := p.Prober.(probes.Targeted); ok {
			job.Watched.Target = reaches.Target()
			job.Host = probes.HostOf(job.Watched.Target)
		}
		_, job.Watched.Dated = p.Prober.(probes.Dated)
		if p.Freshness != nil {
			job.Watched.Dated, job.Watched.Limit = true, p.Freshness
		}
		job.Requests = requestsOf(p.Prober)
		c.reachable(p, job.Host)
		c.config.Jobs = append(c.config.Jobs, job)
		if period > 0 {
			requests += job.Requests * int((day+period-1)/period)
		}
	}
	return requests
}

// timing is when a probe runs, and the mean time between two runs.
type timing struct {
	schedule cron.Schedule
	period   time.Duration
}

// schedule returns when a probe runs, and the time between two runs; nil where
// that cannot be said.
func (c *checker) schedule(p *probe, id string) (cron.Schedule, time.Duration) {
	every, spec := c.gave(p, "every"), c.gave(p, "cron")
	switch {
	case every && spec:
		c.refuse(p, "cron", "not together with every")
	case !every && !spec:
		if _, ok := c.places[p]; ok {
			c.refuse(p, "every", "required, or cron instead")
		}
	case every && c.has(p, "every"):
		if p.Every < minPeriod || p.Every > maxPeriod {
			c.refuse(p, "every", "%s: want a time from %s to %s", formatDuration(p.Every), formatDuration(minPeriod), formatDuration(maxPeriod))
			return nil, 0
		}
		return scheduler.Every(p.Every, id), p.Every
	case spec && c.has(p, "cron"):
		t, known := c.crons[p.Cron]
		if !known {
			schedule, err := scheduler.Cron(p.Cron, c.config.Site.Zone)
			if err != nil {
				c.refuse(p, "cron", "%w", err)
				return nil, 0
			}
			t = timing{schedule, scheduler.Period(schedule, time.Now())}
			c.crons[p.Cron] = t
		}
		return t.schedule, t.period
	}
	return nil, 0
}

func (c *checker) timeout(p *probe, period time.Duration) {
	most := maxTimeout
	if period > 0 {
		most = min(most, period)
	}
	switch {
	case c.has(p, "timeout") && (p.Timeout <= 0 || p.Timeout > most):
		c.refuse(p, "timeout", "%s: want a time above 0, and at most %s and the time between two runs",
			formatDuration(p.Timeout), formatDuration(maxTimeout))
	case !c.gave(p, "timeout"):
		p.Timeout = min(p.Timeout, most)
	}
}
