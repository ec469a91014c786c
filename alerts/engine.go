package alerts

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"observatoire/observatory"
)

// storeDeadline bounds one exchange with the ledger or the outbox.
const storeDeadline = 30 * time.Second

// Meter is told how alerting fares.
type Meter interface {
	Firing(n int)                             // so many alerts fire
	Waiting(channel string, n int)            // so many deliveries wait
	Attempted(channel string, delivered bool) // one attempt was made
}

// Options are what an [Engine] needs.
type Options struct {
	Ledger    Ledger
	Outbox    Outbox
	Channels  []Channel // their names differ
	Snapshots Snapshots
	PublicURL string        // address of the site, which links begin with; empty means no links
	Every     time.Duration // time between two looks at the snapshot; 0 means 5 s
	Meter     Meter         // may be nil
	Log       zerolog.Logger
}

// Engine tells the channels what begins to be breached and what ceases to be.
type Engine struct {
	o        Options
	names    []string
	couriers []*courier

	firing map[string]Alert      // by key; nil until the ledger was read
	seen   *observatory.Snapshot // the last one that was dealt with
}

// New returns an engine.
func New(o Options) *Engine {
	o.Every = cmp.Or(o.Every, 5*time.Second)
	if o.Meter == nil {
		o.Meter = silent{}
	}
	e := &Engine{o: o}
	for _, c := range o.Channels {
		e.names = append(e.names, c.Name)
		e.couriers = append(e.couriers, newCourier(c, o))
	}
	return e
}

type silent struct{}

func (silent) Firing(int)             {}
func (silent) Waiting(string, int)    {}
func (silent) Attempted(string, bool) {}

// Run evaluates snapshots and delivers alerts until ctx is done, and then waits
// for attempts in flight, which get [Grace] to finish. What is not delivered by
// then stays in the outbox for the next Run. A fault of the ledger or of the
// outbox is logged and tried again; Run returns nil. It is called once.
func (e *Engine) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, c := range e.couriers {
		running.Go(func() { c.run(ctx) })
	}
	defer running.Wait()

	ticker := time.NewTicker(e.o.Every)
	defer ticker.Stop()
	for {
		if err := e.evaluate(ctx); err != nil && ctx.Err() == nil {
			e.o.Log.Error().Err(err).Msg("alerts are evaluated again later")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// evaluate holds the present snapshot against what fires and keeps what
// changed. A snapshot without services is one from before the start-up ended:
// it says nothing.
func (e *Engine) evaluate(ctx context.Context) error {
	s := e.o.Snapshots()
	if s == nil || s == e.seen || len(s.Services) == 0 {
		return nil
	}
	if err := e.load(ctx); err != nil {
		return err
	}
	// An outage that ended and began again since takes two steps, each of them
	// whole: so many times are enough for any snapshot.
	for range 2 {
		changed := transitions(e.firing, s)
		if len(changed) == 0 {
			break
		}
		if err := e.apply(ctx, s, changed); err != nil {
			return err
		}
	}
	e.seen = s
	return nil
}

func (e *Engine) load(ctx context.Context) error {
	if e.firing != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeDeadline)
	defer cancel()
	list, err := e.o.Ledger.Firing(ctx)
	if err != nil {
		return fmt.Errorf("read which alerts fire: %w", err)
	}
	e.firing = make(map[string]Alert, len(list))
	for _, a := range list {
		e.firing[a.Key] = a
	}
	e.o.Meter.Firing(len(e.firing))
	return nil
}

func (e *Engine) apply(ctx context.Context, s *observatory.Snapshot, changed []Alert) error {
	ctx, cancel := context.WithTimeout(ctx, storeDeadline)
	defer cancel()
	services := byID(s)
	for i, a := range changed {
		if service := services[a.Service]; service != nil {
			changed[i].URL = e.page(service)
		}
	}
	err := e.o.Ledger.Apply(ctx, changed, slices.Clone(e.names))
	for _, c := range e.couriers {
		c.awaken()
	}
	if err != nil {
		e.firing = nil // it may have been kept all the same: only the ledger knows
		return fmt.Errorf("keep %d alerts: %w", len(changed), err)
	}
	next := maps.Clone(e.firing)
	for _, a := range changed {
		if a.State == Firing {
			next[a.Key] = a
		} else {
			delete(next, a.Key)
		}
		e.o.Log.Info().Str("alert", a.Key).Str("state", string(a.State)).Time("start", a.Start).Msg("alert changed")
	}
	e.firing = next
	e.o.Meter.Firing(len(next))
	return nil
}

// page returns the address of a service's page.
func (e *Engine) page(service *observatory.Service) string {
	if e.o.PublicURL == "" {
		return ""
	}
	folder := "/apis/"
	if service.Kind == observatory.Demarche {
		folder = "/demarches/"
	}
	return strings.TrimRight(e.o.PublicURL, "/") + folder + url.PathEscape(service.ID)
}
