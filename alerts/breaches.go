package alerts

import (
	"time"

	"observatoire/observatory"
	"observatoire/slo"
)

// Breaches are what a snapshot says of service levels.
type Breaches struct {
	Firing []Alert         // what is breached, in the snapshot's order
	Unsaid map[string]bool // keys of which nothing can be said: they stay as they are
}

// Find reads the breaches in a snapshot. It computes no verdict of its own: an
// open incident is an outage, a weak verdict is a breached level, a judged
// pledge that is not kept is a breached commitment, and weak freshness is stale
// data. That the observatory is blind is a breach of its own. What is pending, and an outage in announced maintenance, is unsaid.
func Find(s *observatory.Snapshot) Breaches {
	found := Breaches{Unsaid: make(map[string]bool)}
	services := byID(s)
	if !s.Blind.IsZero() {
		found.Firing = append(found.Firing, Alert{Key: "blind", Kind: Blind, State: Firing, Start: s.Blind, Time: s.Time, Zone: zone(s.Zone)})
	}
	found.outages(s, services)
	for _, service := range s.Services {
		for i := range service.Verdicts {
			found.verdict(s, services, service, &service.Verdicts[i])
		}
	}
	return found
}

func byID(s *observatory.Snapshot) map[string]*observatory.Service {
	services := make(map[string]*observatory.Service, len(s.Services))
	for _, service := range s.Services {
		services[service.ID] = service
	}
	return services
}

func (b *Breaches) outages(s *observatory.Snapshot, services map[string]*observatory.Service) {
	seen := make(map[string]int) // place of a probe's alert: several vantage points may open an incident each
	for _, incident := range s.Incidents {
		service := services[incident.Service]
		if !incident.Open() || service == nil {
			continue
		}
		key := "outage/" + incident.Probe
		if service.State == observatory.Maintenance {
			b.Unsaid[key] = true
			continue
		}
		at, again := seen[key]
		if again && !incident.Start.Before(b.Firing[at].Start) {
			continue
		}
		a := begin(s, services, service, key, Outage)
		a.Start, a.Probe, a.Cause, a.Detail, a.Hint = incident.Start, incident.Probe, incident.Class, incident.Detail, string(incident.Hint)
		if again {
			b.Firing[at] = a
			continue
		}
		seen[key] = len(b.Firing)
		b.Firing = append(b.Firing, a)
	}
}

func (b *Breaches) verdict(s *observatory.Snapshot, services map[string]*observatory.Service, service *observatory.Service, v *slo.Verdict) {
	kind, key := levelKey(service.ID, v.Indicator)
	switch {
	case unlevelled(v):
	case !v.Judged || v.Level == slo.Pending:
		b.Unsaid[key] = true
	case v.Level == slo.Weak:
		a := begin(s, services, service, key, kind)
		measuredBy(&a, v)
		b.Firing = append(b.Firing, a)
	}
	if v.Commitment == nil {
		return
	}
	key = commitmentKey(service.ID, v.Indicator)
	switch {
	case !v.Commitment.Judged:
		b.Unsaid[key] = true
	case !v.Commitment.Kept:
		a := begin(s, services, service, key, Commitment)
		promised(&a, v)
		b.Firing = append(b.Firing, a)
	}
}

// unlevelled reports whether an indicator is measured and held against no
// level. One that is not measured either says nothing.
func unlevelled(v *slo.Verdict) bool { return !v.Judged && v.Measurements > 0 }

func levelKey(service string, i slo.Indicator) (Kind, string) {
	if i == slo.Freshness {
		return Staleness, "staleness/" + service
	}
	return Level, "level/" + service + "/" + string(i)
}

func commitmentKey(service string, i slo.Indicator) string {
	return "commitment/" + service + "/" + string(i)
}

// begin returns what an alert says of its service, whatever its kind.
func begin(s *observatory.Snapshot, services map[string]*observatory.Service, service *observatory.Service, key string, kind Kind) Alert {
	a := Alert{
		Key: key, Kind: kind, State: Firing, Start: s.Time, Time: s.Time, Zone: zone(s.Zone),
		Service: service.ID, ServiceName: service.Name, Producer: service.ProducerName,
	}
	for _, id := range service.UsedBy {
		name := id
		if user := services[id]; user != nil {
			name = user.Name
		}
		a.Affected = append(a.Affected, id)
		a.AffectedNames = append(a.AffectedNames, name)
	}
	return a
}

func zone(l *time.Location) string {
	if l == nil {
		return time.UTC.String()
	}
	return l.String()
}

// measuredBy copies what a verdict rests on.
func measuredBy(a *Alert, v *slo.Verdict) {
	a.Indicator, a.Unit, a.Window = string(v.Indicator), string(v.Indicator.Unit()), v.Window.String()
	a.Value, a.Target = v.Value, v.Floor
	a.Measurements, a.Coverage = v.Measurements, v.Coverage
	a.Profile, a.Source = v.Profile, v.Source
}

// promised copies what the judgement of a pledge rests on.
func promised(a *Alert, v *slo.Verdict) {
	p := v.Commitment
	a.Indicator, a.Unit, a.Window = string(v.Indicator), string(v.Indicator.Unit()), p.Window.String()
	a.Value, a.Target = p.Value, p.Target
	a.Measurements, a.Coverage = p.Measurements, p.Coverage
	a.Source = p.Source
}
