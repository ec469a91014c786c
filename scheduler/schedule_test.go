package scheduler_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"observatoire/scheduler"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func TestEveryKeepsItsPhase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := time.Duration(rapid.Int64Range(int64(time.Second), int64(48*time.Hour)).Draw(t, "period"))
		name := rapid.String().Draw(t, "name")
		from := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "from"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		s := scheduler.Every(period, name)

		first := s.Next(from)
		if wait := first.Sub(from); wait <= 0 || wait > period {
			t.Fatalf("first due %v after the start, want within (0, %v]", wait, period)
		}
		if second := s.Next(first); second.Sub(first) != period {
			t.Fatalf("due %v after the time before, want %v", second.Sub(first), period)
		}
		// A restart at any later moment finds the same times.
		later := first.Add(time.Duration(rapid.Int64Range(0, int64(1000*24*time.Hour)).Draw(t, "later")))
		again := scheduler.Every(period, name).Next(later)
		if off := again.Sub(first) % period; off != 0 {
			t.Fatalf("phase moved by %v over a restart", off)
		}
		if got := scheduler.Period(s, from); got != period {
			t.Fatalf("Period = %v, want %v", got, period)
		}
	})
}

// The hash is part of the contract: another one would move every job at the
// next release.
func TestEveryPhaseIsTheSameInEveryRelease(t *testing.T) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, want := range map[string]time.Duration{
		"api-geo/communes": 3*time.Minute + 49755*time.Millisecond,
		"":                 14342 * time.Millisecond,
	} {
		if got := scheduler.Every(5*time.Minute, name).Next(day).Sub(day); got != want {
			t.Errorf("%q is first due %v after midnight, want %v", name, got, want)
		}
	}
}

func TestEverySpreadsNames(t *testing.T) {
	const jobs, seconds = 6000, 60
	start := time.Unix(0, 0)
	var due [seconds]int
	for _, name := range names(jobs) {
		due[scheduler.Every(time.Minute, name).Next(start).Unix()%seconds]++
	}
	for second, n := range due { // 100 expected; five standard deviations are 50
		if n < 50 || n > 150 {
			t.Errorf("second %d has %d of %d jobs, want about %d", second, n, jobs, jobs/seconds)
		}
	}
}

func TestEveryNeverPassesBelowOneSecond(t *testing.T) {
	for _, period := range []time.Duration{-time.Hour, 0, time.Millisecond} {
		s := scheduler.Every(period, "x")
		first := s.Next(time.Unix(0, 0))
		if got := s.Next(first).Sub(first); got != time.Second {
			t.Errorf("Every(%v) is due each %v, want 1s", period, got)
		}
	}
}

func TestCron(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	for name, c := range map[string]struct {
		spec       string
		from, want time.Time
	}{
		"five minutes": {"*/5 6-22 * * MON-FRI", time.Date(2026, 11, 20, 22, 55, 1, 0, paris), time.Date(2026, 11, 23, 6, 0, 0, 0, paris)},
		"descriptor":   {"@hourly", time.Date(2026, 11, 20, 22, 55, 0, 0, paris), time.Date(2026, 11, 20, 23, 0, 0, 0, paris)},
		"asked in UTC": {"0 8 * * *", time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC), time.Date(2026, 11, 21, 8, 0, 0, 0, paris)},
		"leap day":     {"0 0 29 2 *", time.Date(2026, 1, 1, 0, 0, 0, 0, paris), time.Date(2028, 2, 29, 0, 0, 0, 0, paris)},
		"left out":     {"30 2 * * *", time.Date(2026, 3, 29, 0, 0, 0, 0, paris), time.Date(2026, 3, 30, 2, 30, 0, 0, paris)},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := scheduler.Cron(c.spec, paris)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(c.from); !got.Equal(c.want) {
				t.Errorf("due %v, want %v", got, c.want)
			}
		})
	}
}

func TestCronRefuses(t *testing.T) {
	for name, c := range map[string]struct{ spec, says string }{
		"nothing":          {"", "empty"},
		"zone alone":       {"TZ=Europe/Paris", "time zone"},
		"zone of digits":   {"TZ=0", "time zone"},
		"zone of nothing":  {"CRON_TZ=", "time zone"},
		"zone and fields":  {" CRON_TZ=Asia/Tokyo 0 0 * * *", "time zone"},
		"every":            {"@every 500ms", "every: 500ms"},
		"every of nothing": {"@every", "every: 5m"},
		"unknown word":     {"@nightly", "@nightly"},
		"four fields":      {"0 0 * *", "expected exactly 5"},
		"six fields":       {"0 0 0 * * *", "expected exactly 5"},
		"out of range":     {"61 * * * *", "61"},
		"30 February":      {"0 0 30 2 *", "never due"},
		"empty field":      {", * * * *", "never due"},
		"too long":         {strings.Repeat("1,", 200) + " * * * *", "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := scheduler.Cron(c.spec, time.UTC)
			if err == nil || s != nil {
				t.Fatalf("accepted as %v", s)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %q does not say %q", err, c.says)
			}
		})
	}
}

func FuzzCron(f *testing.F) {
	for _, spec := range []string{
		"*/5 6-22 * * MON-FRI", "@daily", "@every 1s", "TZ=", "TZ=Europe/Paris", "CRON_TZ=UTC 0 0 1 1 *", "0 0 31 2 *",
		"30 2 * * *", ", , , , ,", "0 0 ? * SUN", "1-59/61 0 1-31 */2 7", "0 0 30 2 MON",
	} {
		f.Add(spec)
	}
	cairo := zone(f, "Africa/Cairo") // its summer time begins at midnight
	now := time.Now()
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := scheduler.Cron(spec, cairo)
		if err != nil {
			return
		}
		due := s.Next(now)
		if !due.After(now) {
			t.Fatalf("%q: accepted, and is due %v", spec, due)
		}
		if next := s.Next(due); !next.IsZero() && !next.After(due) {
			t.Fatalf("%q: due %v, then %v", spec, due, next)
		}
		if scheduler.Period(s, now) <= 0 {
			t.Fatalf("%q: no period", spec)
		}
	})
}

func TestPeriod(t *testing.T) {
	wednesday := time.Date(2026, 11, 18, 13, 7, 0, 0, time.UTC)
	for spec, want := range map[string]time.Duration{
		"*/5 * * * *":          5 * time.Minute,
		"* * * * *":            time.Minute,
		"@hourly":              time.Hour,
		"0 8 * * MON,TUE":      84 * time.Hour,
		"*/5 6-22 * * MON-FRI": 7 * 24 * time.Hour / (5 * 17 * 12),
		"0 0 1 * *":            31 * 24 * time.Hour, // December
	} {
		t.Run(spec, func(t *testing.T) {
			s, err := scheduler.Cron(spec, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			if got := scheduler.Period(s, wednesday); got != want {
				t.Errorf("Period = %v, want %v", got, want)
			}
		})
	}
	if got := scheduler.Period(times{wednesday.Add(time.Hour)}, wednesday); got != 0 {
		t.Errorf("Period of one time = %v, want 0", got)
	}
}
