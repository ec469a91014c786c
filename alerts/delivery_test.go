package alerts_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"observatoire/alerts"
	"observatoire/slo"
)

func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ops := &receiver{}
		ops.answer = func(context.Context, string, alerts.Alert) (bool, error) {
			return len(ops.got) < 16, map[bool]error{true: errBusy}[len(ops.got) < 16]
		}
		b := newBooks()
		stop := run(t, b, always(snapshot(1, outage(0, 0))), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: ops})
		time.Sleep(24 * time.Hour)
		stop()
		got := ops.notices()
		if len(got) != 16 || b.statuses()[0] != alerts.Delivered {
			t.Fatalf("%d attempts, statuses %v; want 16 and delivered", len(got), b.statuses())
		}
		for i := 1; i < len(got); i++ {
			wait := got[i].at.Sub(got[i-1].at)
			nominal := min(500*time.Second, 1250*time.Millisecond<<(i-1))
			if wait < nominal*8/10 || wait > nominal*12/10 || wait < time.Second || wait > 10*time.Minute {
				t.Errorf("attempt %d after %s, want about %s", i+1, wait, nominal)
			}
			if got[i].id != got[0].id {
				t.Errorf("attempt %d has id %q, the first %q", i+1, got[i].id, got[0].id)
			}
		}
	})
}

func TestGivenUp(t *testing.T) {
	tests := map[string]struct {
		retry            bool
		earliest, latest time.Duration
	}{
		"refused for good": {false, 0, time.Second},
		"after three days": {true, 72*time.Hour - 10*time.Minute, 72*time.Hour + 10*time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var log bytes.Buffer
				ops := &receiver{answer: func(_ context.Context, _ string, a alerts.Alert) (bool, error) {
					if a.Kind == alerts.Outage {
						return test.retry, errBusy
					}
					return false, nil
				}}
				b := newBooks()
				bad := snapshot(1, outage(0, 0))
				bad.Time = begin
				worse := snapshot(2, outage(0, 0), availability(0.98, slo.Weak, nil))
				stop := run(t, b, inTurn(bad, worse), zerolog.New(zerolog.SyncWriter(&log)), alerts.Channel{Name: "ops", Notifier: ops})
				time.Sleep(80 * time.Hour)
				stop()
				if got := b.statuses(); !slices.Equal(got, []alerts.Status{alerts.GivenUp, alerts.Delivered}) {
					t.Errorf("statuses %v; want the first given up and the second, after it, delivered", got)
				}
				var last time.Duration
				for _, n := range ops.notices() {
					if n.alert.Kind == alerts.Outage {
						last = n.at.Sub(begin)
					}
				}
				if last < test.earliest || last > test.latest {
					t.Errorf("last attempt after %s, want %s to %s", last, test.earliest, test.latest)
				}
				if n := strings.Count(log.String(), `"level":"error"`); n != 1 || !strings.Contains(log.String(), "given up") {
					t.Errorf("%d errors logged, want one", n)
				}
			})
		})
	}
}

func TestOldAlertIsTriedAfterLongStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		fails := &receiver{answer: func(context.Context, string, alerts.Alert) (bool, error) { return true, errBusy }}
		s := snapshot(1, outage(0, 0))
		s.Time = time.Now()
		stop := run(t, b, always(s), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: fails})
		time.Sleep(time.Second / 2)
		stop()
		time.Sleep(10 * 24 * time.Hour)
		works := &receiver{}
		works.answer = func(context.Context, string, alerts.Alert) (bool, error) {
			if len(works.got) < 3 {
				return true, errBusy
			}
			return false, nil
		}
		stop = run(t, b, always(s), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: works})
		time.Sleep(time.Hour)
		stop()
		if got := b.statuses(); got[0] != alerts.Delivered {
			t.Errorf("status %v: given up after a stop although the channel recovered at once", got)
		}
	})
}

func TestHangingChannelDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := &receiver{answer: func(ctx context.Context, _ string, _ alerts.Alert) (bool, error) {
			<-ctx.Done()
			return true, ctx.Err()
		}}
		ops := &receiver{}
		begin := time.Now()
		stop := run(t, newBooks(), inTurn(snapshot(1, outage(0, 0)), snapshot(2, outage(0, 1))), zerolog.Nop(),
			alerts.Channel{Name: "hanging", Notifier: hanging}, alerts.Channel{Name: "ops", Notifier: ops})
		time.Sleep(70 * time.Second)
		got, stuck := ops.notices(), hanging.notices()
		stop()
		if len(got) != 2 || got[0].at.Sub(begin) > time.Second || got[1].at.Sub(begin) > 66*time.Second {
			t.Errorf("the other channel was told %+v", got)
		}
		if len(stuck) < 2 || stuck[1].at.Sub(stuck[0].at) < 30*time.Second || stuck[1].at.Sub(stuck[0].at) > 32*time.Second {
			t.Errorf("attempts at the hanging one: %+v; want the second 30 s after the first", stuck)
		}
	})
}

func TestEndDoesNotOvertakeBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		begin := time.Now()
		var accepted []alerts.State
		ops := &receiver{answer: func(_ context.Context, _ string, a alerts.Alert) (bool, error) {
			if time.Since(begin) < 10*time.Minute && a.State == alerts.Firing {
				return true, errBusy
			}
			accepted = append(accepted, a.State)
			return false, nil
		}}
		stop := run(t, b, inTurn(snapshot(1, outage(0, 0)), snapshot(2, outage(0, 1))), zerolog.Nop(), alerts.Channel{Name: "ops", Notifier: ops})
		time.Sleep(time.Hour)
		stop()
		if !slices.Equal(accepted, []alerts.State{alerts.Firing, alerts.Resolved}) {
			t.Errorf("accepted %v", accepted)
		}
	})
}
