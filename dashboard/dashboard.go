package dashboard

import (
	"context"
	"errors"
	"html/template"
	"iter"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// Series is where the site reads what its charts show.
type Series interface {
	// Rollups returns rollups of one resolution in the order of time.
	Rollups(ctx context.Context, q storage.Query) iter.Seq2[storage.Rollup, error]
	// Incidents returns incidents that touch the query's span, newest start first.
	Incidents(ctx context.Context, q storage.Query) ([]slo.Incident, error)
	// Evidence returns the results whose evidence is kept, with it, in the order of time.
	Evidence(ctx context.Context, q storage.Query) ([]probes.Result, error)
}

// Options are what the site shows, and where it reads it.
type Options struct {
	Snapshots func() *observatory.Snapshot // the latest; nil before the first
	Series    Series
	Profiles  map[string]slo.Profile // the recommended levels, by name
	Site      Site
	Simulated bool                            // says on each page that the data are simulated
	Version   string                          // of the program
	Ready     func(ctx context.Context) error // nil when requests can be answered; may be left out
	Log       zerolog.Logger
}

// Site is what an operator says of itself.
type Site struct {
	Title    string
	Operator string
	Contact  string // an e-mail address or a URL
	Language string // "fr" or "en": the one for readers of neither; French is at / all the same
	URL      string // public address, such as "https://observatoire.example.fr"; may be left out
	Vantage  string // the point that services are measured from
}

// New returns the site. Its handler is safe for concurrent use and answers GET
// and HEAD only.
func New(o Options) (http.Handler, error) {
	if o.Snapshots == nil || o.Series == nil {
		return nil, errors.New("dashboard: Snapshots and Series are required")
	}
	assets, err := newAssets()
	if err != nil {
		return nil, err
	}
	if !assets.has(chartScript) {
		o.Log.Warn().Str("file", "dashboard/static/"+chartScript).
			Msg("built without the chart library: pages show their tables and inline SVG; `make run`, or `npm ci && npm run build` in dashboard/npm before building, adds it")
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	s := &site{Options: o, assets: assets, pages: pages, languages: languages()}
	return s.handler()
}

// site is what the handlers share.
type site struct {
	Options
	assets    *assets
	pages     map[string]*template.Template // by file name
	languages []*language                   // French first
	latest    atomic.Pointer[index]
	buffers   sync.Pool // of *bytes.Buffer, for pages
}

// index returns what is derived from the latest snapshot, or nil before the
// first. It is made once for each snapshot.
func (s *site) index() *index {
	snapshot := s.Snapshots()
	if snapshot == nil {
		return nil
	}
	if i := s.latest.Load(); i != nil && i.Snapshot == snapshot {
		return i
	}
	i := newIndex(snapshot)
	s.latest.Store(i)
	return i
}
