package alerts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"observatoire/alerts"
	"observatoire/observatory"
	"observatoire/slo"
)

var errBusy = errors.New("busy")

// TestKilledAtEveryStep kills the engine at each step in turn (each exchange
// with the ledger, the outbox and the channel), before and after the step's
// effect, and starts another one: a receiver that heeds the id is told each
// transition exactly once, in order.
func TestKilledAtEveryStep(t *testing.T) {
	weak := availability(0.98, slo.Weak, pledge(0.98, true))
	good := availability(0.999, slo.Optimal, pledge(0.999, true))
	story := func() alerts.Snapshots {
		return inTurn(snapshot(0, good), snapshot(1, good, outage(0, 0)), snapshot(2, weak, outage(0, 0)),
			snapshot(4, weak, outage(3, 0), outage(0, 2)), snapshot(5, good, outage(3, 4), outage(0, 2)))
	}
	tell := func(t *testing.T, killAt int, withTrace bool) (told []string, copies int, b *books) {
		b = newBooks()
		b.killAt, b.withTrace = killAt, withTrace
		seen := make(map[string]bool)
		ops := &receiver{}
		ops.answer = func(ctx context.Context, id string, a alerts.Alert) (bool, error) {
			return true, b.step(ctx, "notify", func() {
				if seen[id] {
					copies++
				} else {
					seen[id] = true
					told = append(told, fmt.Sprint(a.Key, " ", a.State, " ", a.Start.Format(time.TimeOnly)))
				}
			})
		}
		snapshots := story()
		channel := alerts.Channel{Name: "ops", Notifier: ops}
		stop := run(t, b, snapshots, zerolog.Nop(), channel)
		for range 10 * 60 {
			time.Sleep(time.Second)
			if b.killed() {
				stop()
				stop = run(t, b, snapshots, zerolog.Nop(), channel)
			}
		}
		stop()
		return told, copies, b
	}
	var want []string
	var steps int
	synctest.Test(t, func(t *testing.T) {
		told, copies, b := tell(t, 0, false)
		want, steps = told, b.steps
		if copies != 0 {
			t.Errorf("%d copies without any kill", copies)
		}
	})
	if len(want) != 8 {
		t.Fatalf("told %q, want 8: two outages, a level and a commitment, each with its end", want)
	}
	for _, withTrace := range []bool{false, true} {
		for killAt := 1; killAt <= steps; killAt++ {
			synctest.Test(t, func(t *testing.T) {
				told, copies, b := tell(t, killAt, withTrace)
				if !slices.Equal(told, want) || copies > 1 {
					t.Errorf("killed at step %d of %d, effect %t: %d copies, told\n%s\nwant\n%s", killAt, steps, withTrace, copies,
						strings.Join(told, "\n"), strings.Join(want, "\n"))
				}
				for _, status := range b.statuses() {
					if status != alerts.Delivered {
						t.Errorf("killed at step %d: statuses %v", killAt, b.statuses())
						break
					}
				}
			})
		}
	}
}

func TestQuietAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ops := newBooks(), &receiver{}
		channel := alerts.Channel{Name: "ops", Notifier: ops}
		for minute := range 5 {
			stop := run(t, b, always(snapshot(minute+1, outage(0, 0))), zerolog.Nop(), channel)
			time.Sleep(time.Hour)
			stop()
		}
		if got := ops.told(); len(got) != 1 {
			t.Errorf("told %q, want one", got)
		}
	})
}

// TestFaultsOfTheStore lets each operation fail a few times, with and without
// effect: each transition is told exactly once all the same.
func TestFaultsOfTheStore(t *testing.T) {
	for _, operation := range []string{"firing", "apply", "due", "settle"} {
		for _, effect := range []bool{false, true} {
			t.Run(fmt.Sprint(operation, " effect ", effect), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b, ops := newBooks(), &receiver{}
					left := 4
					b.fault = func(at string) (error, bool) {
						if at != operation || left == 0 {
							return nil, false
						}
						left--
						return errBusy, effect
					}
					var log bytes.Buffer
					stop := run(t, b, inTurn(snapshot(1, outage(0, 0)), snapshot(2, outage(0, 1))), zerolog.New(zerolog.SyncWriter(&log)), alerts.Channel{Name: "ops", Notifier: ops})
					time.Sleep(10 * time.Minute)
					stop()
					if got := ops.told(); len(got) != 2 {
						t.Errorf("told %q, want beginning and end once each", got)
					}
					for _, status := range b.statuses() {
						if status != alerts.Delivered {
							t.Errorf("statuses %v", b.statuses())
						}
					}
					if left == 4 || !strings.Contains(log.String(), errBusy.Error()) {
						t.Errorf("%d faults left, log %s", left, log.String())
					}
				})
			})
		}
	}
}

func TestStop(t *testing.T) {
	t.Run("an attempt in flight may finish", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBooks()
			ops := &receiver{answer: func(ctx context.Context, _ string, _ alerts.Alert) (bool, error) {
				select {
				case <-ctx.Done():
					return true, ctx.Err()
				case <-time.After(4 * time.Second):
					return false, nil
				}
			}}
			stop := run(t, b, always(snapshot(1, outage(0, 0))), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: ops})
			time.Sleep(time.Second)
			stop()
			if got := b.statuses(); got[0] != alerts.Delivered {
				t.Errorf("statuses %v", got)
			}
		})
	})
	t.Run("one that hangs is ended, and does not count", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBooks()
			ops := &receiver{answer: func(ctx context.Context, _ string, _ alerts.Alert) (bool, error) {
				<-ctx.Done()
				return true, ctx.Err()
			}}
			stop := run(t, b, always(snapshot(1, outage(0, 0))), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: ops})
			time.Sleep(time.Second)
			begin := time.Now()
			stop()
			if took := time.Since(begin); took > alerts.Grace {
				t.Errorf("stopped after %s", took)
			}
			if d := b.deliveries[0]; d.Status != alerts.Waiting || d.Attempts != 0 {
				t.Errorf("%+v", d)
			}
		})
	})
}

// gauge is a meter that remembers.
type gauge struct {
	mu sync.Mutex
	figures
}

type figures struct{ firing, waiting, delivered, failed int }

// set changes the figures, which two goroutines do.
func (g *gauge) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

func (g *gauge) read() figures {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.figures
}

func (g *gauge) Firing(n int)            { g.set(func() { g.firing = n }) }
func (g *gauge) Waiting(_ string, n int) { g.set(func() { g.waiting = n }) }
func (g *gauge) Attempted(_ string, delivered bool) {
	g.set(func() {
		if delivered {
			g.delivered++
		} else {
			g.failed++
		}
	})
}

func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, meter := newBooks(), &gauge{}
		ops := &receiver{}
		ops.answer = func(context.Context, string, alerts.Alert) (bool, error) {
			return true, map[bool]error{true: errBusy}[len(ops.got) < 3]
		}
		ctx, cancel := context.WithCancel(t.Context())
		engine := alerts.New(alerts.Options{
			Ledger: b, Outbox: b, Meter: meter, Channels: []alerts.Channel{{Name: "ops", Notifier: ops}},
			Snapshots: func() *observatory.Snapshot { return snapshot(1, outage(0, 0)) },
		})
		done := make(chan error)
		go func() { done <- engine.Run(ctx) }()
		time.Sleep(time.Second / 2)
		synctest.Wait()
		if got := meter.read(); got != (figures{firing: 1, waiting: 1, failed: 1}) {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Minute)
		cancel()
		<-done
		if got := meter.read(); got != (figures{firing: 1, delivered: 1, failed: 2}) {
			t.Errorf("%+v", got)
		}
	})
}
