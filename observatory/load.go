package observatory

import (
	"context"
	"slices"
	"time"

	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// strip is how many days a service's strip shows.
const strip = 90

// recalled is how many results of each probe are read again at the start: enough
// to go on with a confirmation that was in progress.
const recalled = 5

// load reads what the store holds of the windows that are judged.
func (o *Observatory) load(ctx context.Context, now time.Time) error {
	for r, err := range o.Store.Rollups(ctx, storage.Query{Resolution: storage.Day, Limit: 1}) {
		if err != nil {
			return err
		}
		o.since = r.Start
	}
	for r, err := range o.Store.Rollups(ctx, storage.Query{Resolution: storage.Day, From: o.horizon(now.In(o.Zone))}) {
		if err != nil {
			return err
		}
		if t := o.tracks[r.Probe]; t != nil {
			d := t.day(r.Start)
			d.counts = d.counts.Add(r.Counts)
			d.server = d.server.add(meanOf(r.Measures[storage.ServerTime]))
			d.page = d.page.add(meanOf(r.Measures[storage.PageTime]))
		}
	}
	if err := o.recallIncidents(ctx); err != nil {
		return err
	}
	if err := o.recallTrails(ctx); err != nil {
		return err
	}
	latest, err := o.Store.Latest(ctx, max(recalled, o.Confirmations))
	if err != nil {
		return err
	}
	for id, results := range latest {
		if t := o.tracks[id]; t != nil {
			o.recall(t, results)
		}
	}
	o.save(ctx)
	return nil
}

// recallIncidents reads the incidents again, newest first, and notes up to when
// they tell of each probe.
func (o *Observatory) recallIncidents(ctx context.Context) error {
	incidents, err := o.Store.Incidents(ctx, storage.Query{Limit: 2 * shownIncidents})
	if err != nil {
		return err
	}
	for _, i := range incidents {
		o.incidents = append(o.incidents, &i)
		t := o.tracks[i.Probe]
		switch {
		case t == nil:
		case i.Open():
			t.incident, t.state, t.told = &i, Down, i.Start
		case i.End.After(t.told):
			t.told = i.End
		}
	}
	return nil
}

// recallTrails reads what the failures of open incidents said of their
// addresses, so that a stop does not begin the wait for a hint anew.
func (o *Observatory) recallTrails(ctx context.Context) error {
	for _, t := range o.tracks {
		if t.incident == nil {
			continue
		}
		kept, err := o.Store.Evidence(ctx, storage.Query{Probe: t.incident.Probe, Vantage: t.incident.Vantage, From: t.incident.Start})
		if err != nil {
			return err
		}
		for _, r := range kept {
			t.trail = t.trail.next(r)
		}
	}
	return nil
}

// recall follows the latest results of a probe once more, to find what a kill
// kept the observatory from following. What an incident already tells of
// changes nothing.
func (o *Observatory) recall(t *track, results []probes.Result) {
	slices.SortFunc(results, func(a, b probes.Result) int { return a.Time.Compare(b.Time) })
	for _, r := range results {
		known := !r.Time.After(t.told) || t.incident != nil && r.Outcome == probes.Down
		if known {
			t.see(r)
		} else if changed := t.follow(r, o.Confirmations); changed != nil {
			o.note(changed)
		}
	}
}

// horizon returns the first instant of the longest window that is judged.
func (o *Observatory) horizon(now time.Time) time.Time {
	first := slo.Days(strip).Start(now)
	earlier := func(w slo.Window) {
		if start := w.Start(now); start.Before(first) {
			first = start
		}
	}
	for _, p := range o.Profiles {
		for _, objective := range p.Objectives {
			earlier(objective.Window)
		}
	}
	for _, s := range o.services {
		if c := s.view.Commitment; c != nil {
			earlier(c.Window)
		}
	}
	return first
}
