package observatory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"observatoire/catalogue"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// refresh is how often a snapshot is made while results come in.
const refresh = time.Second

// idle is how often one is made without any: states age, days begin.
const idle = 15 * time.Second

// shownIncidents is how many ended incidents a snapshot holds.
const shownIncidents = 200

// Watched is what the observatory needs to know of one probe.
type Watched struct {
	ID      string // service and name, such as "api-geo/communes"
	Service string
	Kind    string        // such as "http"
	Target  string        // such as its address
	Period  time.Duration // between two runs
	Dated   bool          // its answers carry the date of their data
	Limit   Limit         // declared for that data; nil when nothing is declared
}

// Limit is how old data may be.
type Limit interface {
	// Due returns the instant until which data of the date counts as fresh; false
	// where nothing says so, and its age is shown and not judged.
	Due(data time.Time) (time.Time, bool)
}

// Options are what an [Observatory] needs.
type Options struct {
	Catalogue     catalogue.Catalogue
	Profiles      map[string]slo.Profile
	Probes        []Watched
	Zone          *time.Location
	Confirmations int // failures in a row that make an incident; at least 1
	Store         storage.Store
	Log           zerolog.Logger
}

// Observatory follows the measurements and says what they mean.
type Observatory struct {
	Options

	mu        sync.Mutex
	tracks    map[string]*track // by probe
	services  []*service
	since     time.Time
	incidents []*slo.Incident // newest first, the open ones included
	unsaved   []*slo.Incident
	dirty     bool
	blind     time.Time // since when nothing is seen; zero when something is

	snapshot atomic.Pointer[Snapshot]
}

// service is a catalogued service and the tracks of its probes.
type service struct {
	view   Service // what never changes is filled in
	tracks []*track
	strip  Strip // of the last snapshot
	fresh  bool  // strip is still right
}

// New returns an observatory that knows what the store holds.
func New(ctx context.Context, o Options) (*Observatory, error) {
	obs := &Observatory{Options: o, tracks: make(map[string]*track)}
	obs.Confirmations = max(1, o.Confirmations)
	obs.list()
	if err := obs.load(ctx, time.Now()); err != nil {
		return nil, fmt.Errorf("observatory: %w", err)
	}
	obs.refresh(time.Now())
	return obs, nil
}

// list lays out the catalogue's services and their probes.
func (o *Observatory) list() {
	names := make(map[string]string)
	for _, p := range o.Catalogue.Producers {
		names[p.ID] = p.Name
	}
	byID := make(map[string]*service)
	add := func(kind Kind, c catalogue.Service, view Service) {
		view.Kind, view.Service, view.ProducerName = kind, c, names[c.Producer]
		s := &service{view: view}
		byID[c.ID] = s
		o.services = append(o.services, s)
	}
	for i := range o.Catalogue.APIs {
		a := &o.Catalogue.APIs[i]
		add(API, a.Service, Service{API: a})
	}
	for i := range o.Catalogue.Demarches {
		d := &o.Catalogue.Demarches[i]
		add(Demarche, d.Service, Service{Demarche: d})
		for _, on := range d.DependsOn {
			if api := byID[on.API]; api != nil {
				api.view.UsedBy = append(api.view.UsedBy, d.ID)
			}
		}
	}
	for _, w := range o.Probes {
		t := &track{Watched: w, host: hostOf(w.Target)}
		o.tracks[w.ID] = t
		if s := byID[w.Service]; s != nil {
			t.service = s
			s.tracks = append(s.tracks, t)
		}
	}
}

// Record takes a batch that is stored. It never asks for the batch again: what
// it could not keep of its own it keeps with the next one.
func (o *Observatory) Record(ctx context.Context, batch []probes.Result) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range batch {
		t := o.tracks[r.Probe]
		if t == nil {
			continue
		}
		if o.since.IsZero() || r.Time.Before(o.since) {
			o.since = r.Time
		}
		t.count(r, o.Zone)
		if t.service != nil {
			t.service.fresh = false
		}
		if changed := t.follow(r, o.Confirmations); changed != nil {
			o.note(changed)
		}
	}
	o.dirty = true
	o.save(ctx)
	return nil
}

// note puts an incident among those to save, and a new one among those to show.
func (o *Observatory) note(i *slo.Incident) {
	if slices.Contains(o.unsaved, i) {
		return
	}
	o.unsaved = append(o.unsaved, i)
	if i.ID == 0 {
		o.incidents = append([]*slo.Incident{i}, o.incidents...)
		o.trim()
	}
}

// trim forgets the oldest ended incidents beyond those that are shown.
func (o *Observatory) trim() {
	for n := len(o.incidents) - 1; n >= 0 && len(o.incidents) > 2*shownIncidents; n-- {
		if !o.incidents[n].Open() {
			o.incidents = slices.Delete(o.incidents, n, n+1)
		}
	}
}

func (o *Observatory) save(ctx context.Context) {
	if len(o.unsaved) == 0 {
		return
	}
	if err := o.Store.SaveIncidents(ctx, o.unsaved); err != nil {
		o.Log.Error().Err(err).Int("incidents", len(o.unsaved)).Msg("incidents not kept yet, will try again")
		return
	}
	o.unsaved = o.unsaved[:0]
}

// Snapshot returns the present snapshot. It is never nil.
func (o *Observatory) Snapshot() *Snapshot { return o.snapshot.Load() }

// Run keeps the snapshot up to date until the context ends.
func (o *Observatory) Run(ctx context.Context) error {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			o.refresh(time.Now())
			return nil
		case now := <-tick.C:
			o.mu.Lock()
			due := o.dirty || now.Sub(o.Snapshot().Time) >= idle
			if len(o.unsaved) > 0 {
				o.save(ctx)
			}
			o.mu.Unlock()
			if due {
				o.refresh(now)
			}
		}
	}
}

// refresh makes a snapshot at now.
func (o *Observatory) refresh(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dirty = false
	o.snapshot.Store(o.look(now.In(o.Zone)))
}
