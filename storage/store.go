package storage

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/rs/zerolog"

	"observatoire/probes"
	"observatoire/slo"
)

// ErrNewer says that the data was written by a newer version of the program.
var ErrNewer = errors.New("written by a newer version of observatoire")

// Store keeps the series, the incidents and nothing else. Its methods are safe
// for concurrent use. A process killed at any moment loses at most the batch
// that Record had not returned from.
type Store interface {
	// Record keeps a batch in one transaction, raw results and rollups alike.
	// A result that is already there (same probe, vantage and time) is left as it is.
	// Results may come late and out of order.
	Record(ctx context.Context, batch []probes.Result) error

	// Results returns raw results in the order of time.
	Results(ctx context.Context, q Query) iter.Seq2[probes.Result, error]

	// Evidence returns the results whose evidence is kept, with it, in the order
	// of time. It is kept of failures alone: of like ones in a row that of the
	// first two and of the latest.
	Evidence(ctx context.Context, q Query) ([]probes.Result, error)

	// Latest returns the newest n results of each probe and vantage, newest first, by probe.
	Latest(ctx context.Context, n int) (map[string][]probes.Result, error)

	// Rollups returns rollups of one resolution in the order of time, the
	// unfinished ones included.
	Rollups(ctx context.Context, q Query) iter.Seq2[Rollup, error]

	// Incidents returns incidents that touch the query's span, newest start first.
	Incidents(ctx context.Context, q Query) ([]slo.Incident, error)

	// SaveIncidents keeps incidents in one transaction; one without ID is new and gets its ID.
	SaveIncidents(ctx context.Context, incidents []*slo.Incident) error

	// Prune deletes what is past its retention at now, in small steps.
	Prune(ctx context.Context, now time.Time) error

	// Ping returns nil when the engine can answer.
	Ping(ctx context.Context) error

	// Close keeps everything that Record accepted, and closes the engine.
	Close() error
}

// Opener opens an engine; its exported fields are the engine's settings.
type Opener interface {
	Open(ctx context.Context, o Options) (Store, error)
}

// Options are what every engine needs.
type Options struct {
	Dir       string         // folder for files; relative paths of settings are below it
	Zone      *time.Location // days of rollups begin at its midnights
	Retention Retention
	Log       zerolog.Logger
}

// Retention is how long what is kept. Zero means for ever.
type Retention struct {
	Raw         time.Duration `yaml:"raw" doc:"single results"`
	FiveMinutes time.Duration `yaml:"five_minutes" doc:"rollups of five minutes"`
	Rollups     time.Duration `yaml:"rollups" doc:"rollups of an hour and of a day, and incidents"`
}

// Query selects a part of what is kept. Empty fields select everything.
type Query struct {
	Probe      string     // one probe, such as "api-geo/communes"
	Vantage    string     // one vantage point
	From, To   time.Time  // From ≤ time < To
	Resolution Resolution // of rollups
	Limit      int        // at most so many
	ID         int64      // of Incidents: this one, and nothing else is looked at
	Newest     bool       // of Results: newest first
}
