package alerts_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"observatoire/alerts"
	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/slo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errKilled = errors.New("killed")

// books are a ledger and an outbox in memory. They outlive engines, and can
// kill the one that uses them at any step, before or after the step's effect.
type books struct {
	mu         sync.Mutex
	firing     map[string][]byte // JSON, as a database keeps it
	deliveries []alerts.Delivery

	steps     int
	killAt    int  // number of the step; 0 never
	withTrace bool // the step takes effect all the same
	dead      bool
	kill      context.CancelFunc
	fault     func(operation string) (err error, effect bool) // may be nil
}

func newBooks() *books { return &books{firing: make(map[string][]byte)} }

// step takes one step with what it does to the outer world.
func (b *books) step(ctx context.Context, operation string, effect func()) error {
	if err := ctx.Err(); err != nil {
		return err // as a database does
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errKilled
	}
	b.steps++
	if b.steps == b.killAt {
		if b.withTrace {
			effect()
		}
		b.dead = true
		b.kill()
		return errKilled
	}
	if b.fault != nil {
		if err, done := b.fault(operation); err != nil {
			if done {
				effect()
			}
			return err
		}
	}
	effect()
	return nil
}

func (b *books) Firing(ctx context.Context) (list []alerts.Alert, err error) {
	err = b.step(ctx, "firing", func() {
		for _, text := range b.firing {
			var a alerts.Alert
			if err := json.Unmarshal(text, &a); err != nil {
				panic(err)
			}
			list = append(list, a)
		}
	})
	return list, err
}

func (b *books) Apply(ctx context.Context, changed []alerts.Alert, channels []string) error {
	return b.step(ctx, "apply", func() {
		for _, a := range changed {
			text, err := json.Marshal(a)
			if err != nil {
				panic(err)
			}
			if a.State == alerts.Firing {
				b.firing[a.Key] = text
			} else {
				delete(b.firing, a.Key)
			}
			for _, channel := range channels {
				d := alerts.Delivery{ID: int64(len(b.deliveries) + 1), Channel: channel}
				if err := json.Unmarshal(text, &d.Alert); err != nil {
					panic(err)
				}
				b.deliveries = append(b.deliveries, d)
			}
		}
	})
}

func (b *books) Due(ctx context.Context, channel string, now time.Time, limit int) (list []alerts.Delivery, err error) {
	err = b.step(ctx, "due", func() {
		for _, d := range b.deliveries {
			if d.Channel == channel && d.Status == alerts.Waiting && !d.Next.After(now) {
				list = append(list, d)
			}
		}
		// What was due first comes first: not always what was written first.
		slices.SortStableFunc(list, func(a, b alerts.Delivery) int { return a.Next.Compare(b.Next) })
		list = list[:min(limit, len(list))]
	})
	return list, err
}

func (b *books) Settle(ctx context.Context, d alerts.Delivery) error {
	return b.step(ctx, "settle", func() { b.deliveries[d.ID-1] = d })
}

func (b *books) killed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dead
}

func (b *books) statuses() []alerts.Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []alerts.Status
	for _, d := range b.deliveries {
		list = append(list, d.Status)
	}
	return list
}

// receiver is a channel's other end.
type receiver struct {
	mu     sync.Mutex
	got    []notice
	answer func(ctx context.Context, id string, a alerts.Alert) (bool, error) // may be nil
}

type notice struct {
	id    string
	at    time.Time
	alert alerts.Alert
}

func (r *receiver) Notify(ctx context.Context, id string, a alerts.Alert) (bool, error) {
	r.mu.Lock()
	r.got = append(r.got, notice{id, time.Now(), a})
	r.mu.Unlock()
	if r.answer != nil {
		return r.answer(ctx, id, a)
	}
	return false, nil
}

func (r *receiver) notices() []notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// told returns what arrived, as "key state".
func (r *receiver) told() []string {
	var list []string
	for _, n := range r.notices() {
		list = append(list, n.alert.Key+" "+string(n.alert.State))
	}
	return list
}

// run starts an engine on snapshots and returns what stops it and waits.
func run(t *testing.T, b *books, snapshots alerts.Snapshots, log zerolog.Logger, channels ...alerts.Channel) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	b.mu.Lock()
	b.kill, b.dead = cancel, false
	b.mu.Unlock()
	engine := alerts.New(alerts.Options{
		Ledger: b, Outbox: b, Channels: channels, Snapshots: snapshots, PublicURL: "https://observatoire.example.fr/", Log: log,
	})
	done := make(chan error)
	go func() { done <- engine.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// always gives the same snapshot.
func always(s *observatory.Snapshot) alerts.Snapshots {
	return func() *observatory.Snapshot { return s }
}

// inTurn gives a snapshot after the other, each for a minute, and then the last.
func inTurn(list ...*observatory.Snapshot) alerts.Snapshots {
	begin := time.Now()
	return func() *observatory.Snapshot {
		return list[min(len(list)-1, int(time.Since(begin)/time.Minute))]
	}
}

const probeID = "api-geo/communes"

var start = time.Date(2026, 11, 23, 13, 5, 0, 0, time.UTC)

// snapshot returns one of API Géo, on which a démarche depends, changed as told.
func snapshot(minute int, changes ...func(*observatory.Snapshot, *observatory.Service)) *observatory.Snapshot {
	geo := &observatory.Service{
		Service: catalogue.Service{ID: "api-geo", Name: "API Géo"}, Kind: observatory.API, ProducerName: "DINUM", State: observatory.Up,
		Probes: []observatory.Probe{{ID: probeID}}, UsedBy: []string{"carte-grise"},
	}
	grey := &observatory.Service{
		Service: catalogue.Service{ID: "carte-grise", Name: "Demander une carte grise"}, Kind: observatory.Demarche, State: observatory.Up,
	}
	s := &observatory.Snapshot{Time: start.Add(time.Duration(minute) * time.Minute), Zone: time.UTC, Services: []*observatory.Service{geo, grey}}
	for _, change := range changes {
		change(s, geo)
	}
	s.ByID = make(map[string]*observatory.Service)
	for _, service := range s.Services {
		s.ByID[service.ID] = service
	}
	return s
}

type change = func(*observatory.Snapshot, *observatory.Service)

// outage adds an incident from one minute to another; to 0 means that it lasts.
func outage(from, to int) change {
	return func(s *observatory.Snapshot, service *observatory.Service) {
		i := observatory.Incident{
			Incident: slo.Incident{Probe: probeID, Start: start.Add(time.Duration(from) * time.Minute), Class: "timeout", Detail: "no answer within 5s"},
			Service:  service.ID, ServiceName: service.Name,
		}
		if to > 0 {
			i.End = start.Add(time.Duration(to) * time.Minute)
		}
		s.Incidents = append(s.Incidents, i)
	}
}

func state(state observatory.State) change {
	return func(_ *observatory.Snapshot, service *observatory.Service) { service.State = state }
}

func availability(value float64, level slo.Level, pledge *slo.Pledge) change {
	return func(_ *observatory.Snapshot, service *observatory.Service) {
		service.Verdicts = append(service.Verdicts, slo.Verdict{
			Indicator: slo.Availability, Value: value, Level: level, Target: 0.999, Floor: 0.985, Window: slo.Days(90),
			Measurements: 25_920, Coverage: 0.9987, Profile: "dinum-api", Source: "DINUM", Judged: true, Commitment: pledge,
		})
	}
}

func freshness(age float64, level slo.Level, judged bool, measurements int64) change {
	return func(_ *observatory.Snapshot, service *observatory.Service) {
		service.Verdicts = append(service.Verdicts, slo.Verdict{
			Indicator: slo.Freshness, Value: age, Level: level, Target: 21600, Floor: 21600, Measurements: measurements,
			Profile: "declared", Judged: judged,
		})
	}
}

func pledge(value float64, judged bool) *slo.Pledge {
	return &slo.Pledge{
		Target: 0.995, Value: value, Window: slo.Month, Measurements: 6000, Coverage: 0.99, Judged: judged,
		Kept: value >= 0.995, Source: "https://example.fr/sla", Seen: "2026-08-21",
	}
}

// blind says since which minute the observatory sees nothing.
func blind(minute int) change {
	return func(s *observatory.Snapshot, _ *observatory.Service) {
		s.Blind = start.Add(time.Duration(minute) * time.Minute)
	}
}

func without(id string) change {
	return func(s *observatory.Snapshot, _ *observatory.Service) {
		s.Services = slices.DeleteFunc(s.Services, func(service *observatory.Service) bool { return service.ID == id })
	}
}
