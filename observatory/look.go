package observatory

import (
	"time"

	"observatoire/catalogue"
	"observatoire/slo"
)

// look makes the snapshot of a moment, which is in the site's zone.
func (o *Observatory) look(now time.Time) *Snapshot {
	o.lookOut(now)
	snapshot := &Snapshot{
		Time: now, Since: o.since, Zone: o.Zone, Blind: o.blind,
		Producers: o.Catalogue.Producers,
		Services:  make([]*Service, len(o.services)),
		ByID:      make(map[string]*Service, len(o.services)),
	}
	horizon := o.horizon(now)
	for i, s := range o.services {
		for _, t := range s.tracks {
			t.forget(horizon)
		}
		view := o.view(s, now)
		snapshot.Services[i] = view
		snapshot.ByID[view.ID] = view
	}
	for _, view := range snapshot.Services {
		if view.Demarche != nil {
			view.DependsOn = dependencies(view.Demarche, snapshot.ByID)
		}
	}
	snapshot.Incidents = o.shown(snapshot.ByID)
	return snapshot
}

func dependencies(d *catalogue.Demarche, byID map[string]*Service) []Dependency {
	var on []Dependency
	for _, declared := range d.DependsOn {
		api := byID[declared.API]
		if api == nil {
			continue
		}
		dependency := Dependency{ID: api.ID, Name: api.Name, Source: declared.Source, State: api.State}
		if v := api.Verdict(slo.Availability); v != nil {
			dependency.Availability = *v
		}
		on = append(on, dependency)
	}
	return on
}

// shown returns the incidents with the names of the services that they struck:
// every open one, and the latest others.
func (o *Observatory) shown(byID map[string]*Service) []Incident {
	incidents := make([]Incident, 0, len(o.incidents))
	ended := 0
	for _, i := range o.incidents {
		if !i.Open() {
			if ended++; ended > shownIncidents {
				continue
			}
		}
		shown := Incident{Incident: *i}
		if t := o.tracks[i.Probe]; t != nil {
			shown.Service = t.Watched.Service
			if s := byID[shown.Service]; s != nil {
				shown.ServiceName = s.Name
			}
		}
		incidents = append(incidents, shown)
	}
	return incidents
}

// view says what is to be said of one service.
func (o *Observatory) view(s *service, now time.Time) *Service {
	view := s.view
	states := make([]State, 0, len(s.tracks))
	for _, t := range s.tracks {
		states = append(states, t.now(now))
		view.Probes = append(view.Probes, Probe{
			ID: t.ID, Period: t.Period, Kind: t.Kind, Target: t.Target, Latest: t.latest, Hint: t.shownHint(),
		})
	}
	view.State = combine(states)
	for _, m := range view.Maintenance {
		if m.Contains(now) {
			view.State = Maintenance
		}
	}
	if today := slo.Day.Start(now); !s.fresh || !s.strip.endsOn(today) {
		s.strip = o.strip(s, now)
		s.fresh = true
	}
	view.Strip = s.strip
	view.Verdicts = o.verdicts(s, now)
	return &view
}

// combine returns the state of a service from those of its probes: what some
// probes find and others don't is a degradation, not an outage.
func combine(states []State) State {
	var seen [Maintenance + 1]int
	for _, s := range states {
		seen[s]++
	}
	switch definite := len(states) - seen[Unknown]; {
	case definite == 0:
		return Unknown
	case seen[Down] == definite:
		return Down
	case seen[Down]+seen[Degraded] > 0:
		return Degraded
	}
	return Up
}

// strip returns the last days of a service, the empty ones included.
func (o *Observatory) strip(s *service, now time.Time) Strip {
	var counts [strip]slo.Counts
	days := make([]Day, strip)
	y, m, d := slo.Days(strip).Start(now).Date()
	for i := range days {
		days[i].Date = time.Date(y, m, d+i, 0, 0, 0, 0, now.Location())
	}
	for _, t := range s.tracks {
		i := 0
		for _, d := range t.days {
			for i < strip && days[i].Date.Before(d.date) {
				i++
			}
			if i < strip && days[i].Date.Equal(d.date) {
				counts[i] = counts[i].Add(d.counts)
			}
		}
	}
	objective, judged := o.Profiles[s.view.Profile].Objective(slo.Availability)
	objective.MinMeasurements = 1
	for i := range days {
		ratio, ok := counts[i].Availability()
		if !ok {
			continue
		}
		days[i].Availability, days[i].Measurements = ratio, counts[i].Definite().N
		if judged {
			days[i].Level = objective.Level(ratio, days[i].Measurements)
		}
	}
	return NewStrip(days)
}
