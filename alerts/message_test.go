package alerts_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"observatoire/alerts"
	"observatoire/alerts/alertstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// breachesToTell are alerts of each kind as they begin and end.
func breachesToTell() []alerts.Alert {
	firing, resolved := alertstest.Outage()
	status := firing
	status.Cause, status.Detail = "status", "status is 503, want one of 200, 206"
	yesterday := firing
	yesterday.Time = firing.Start.Add(26 * time.Hour)
	level := alerts.Alert{
		Key: "level/api-geo/availability", Kind: alerts.Level, State: alerts.Firing, Start: firing.Start, Time: firing.Start, Zone: "Europe/Paris",
		Service: "api-geo", ServiceName: "API Géo", Producer: "DINUM", Indicator: "availability", Value: 0.98499999, Target: 0.985, Unit: "ratio",
		Window: "P90D", Measurements: 25_920, Coverage: 0.99999, Profile: "dinum-api", Source: "DINUM, Vos démarches essentielles",
		Affected: []string{"a", "b"}, AffectedNames: []string{"Demander une carte grise", "Déclarer ses revenus"},
		URL: "https://observatoire.example.fr/apis/api-geo",
	}
	restored := ended(level, 49*time.Hour)
	restored.Value = 0.985
	slow := level
	slow.Indicator, slow.Unit, slow.Value, slow.Target = "server_time", "seconds", 1.2599, 0.4
	quick := ended(slow, 3*time.Hour+5*time.Minute)
	quick.Value = 0.39999
	page := slow
	page.Indicator, page.Value, page.Target, page.ServiceName = "page_time", 0.8121, 0.8, "Demander une carte grise"
	word := level
	word.Kind, word.Key, word.Value, word.Target, word.Window, word.Profile = alerts.Commitment, "commitment/x", 0.9931, 0.995, "P1M", ""
	word.Source = "https://example.fr/engagements"
	stale := level
	stale.Kind, stale.Key, stale.Indicator, stale.Unit, stale.Value, stale.Target = alerts.Staleness, "staleness/x", "freshness", "seconds", 187_200, 21_600
	stale.Window, stale.Measurements, stale.Profile, stale.Source = "latest", 1, "declared", ""
	fresh := ended(stale, 24*time.Hour)
	fresh.Value = 3720
	moved := firing
	moved.Hint = "moved"
	blind := alerts.Alert{Key: "blind", Kind: alerts.Blind, State: alerts.Firing, Start: firing.Start, Time: firing.Start, Zone: "Europe/Paris"}
	gone := ended(level, time.Hour)
	gone.Detail = "the service is no longer in the catalogue"
	return []alerts.Alert{
		firing, yesterday, status, resolved, level, restored, slow, quick, page, ended(page, time.Hour),
		word, ended(word, time.Hour), stale, fresh, gone, moved, blind, ended(blind, 42*time.Minute),
	}
}

func ended(a alerts.Alert, after time.Duration) alerts.Alert {
	a.State, a.End = alerts.Resolved, a.Start.Add(after)
	a.Time = a.End
	return a
}

func TestMessage(t *testing.T) {
	for _, language := range []string{"fr", "en"} {
		t.Run(language, func(t *testing.T) {
			var got strings.Builder
			for _, a := range breachesToTell() {
				title, text := alerts.Message(a, language)
				fmt.Fprintf(&got, "# %s\n%s\n", title, text)
			}
			// Spaces at which no line is broken are made visible.
			shown := strings.NewReplacer("\u202f", "⍽", "\u00a0", "␣").Replace(got.String())
			golden := filepath.Join("testdata", "messages."+language+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(shown), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if shown != string(want) {
				t.Errorf("messages differ from %s (-update writes it):\n%s", golden, shown)
			}
		})
	}
}

// TestMessageNeverFlatters looks at values close under a level.
func TestMessageNeverFlatters(t *testing.T) {
	tests := map[float64]string{
		0.9986: "99,86", 0.98999999: "98,99", 0.9999999: "99,99", 0.985: "98,50", 0.29: "29,00", 0.57: "57,00", 1: "100,00", 0: "0,00",
		0.99949999999: "99,94", 0.9995: "99,95",
	}
	for value, want := range tests {
		a := breachesToTell()[4]
		a.Value = value
		title, text := alerts.Message(a, "fr")
		if !strings.Contains(title, "disponibilité de "+want+"\u202f%") || !strings.Contains(text, want+"\u202f%") {
			t.Errorf("%v: %s\n%s", value, title, text)
		}
	}
}

// TestFrenchSpacing holds every French message against the rule of spaces.
func TestFrenchSpacing(t *testing.T) {
	for _, a := range breachesToTell() {
		title, text := alerts.Message(a, "fr")
		all := []rune(strings.ReplaceAll(title+"\n"+text, "https:", "https"))
		for i, r := range all {
			if strings.ContainsRune("%;:!?»", r) && all[i-1] != '\u202f' {
				t.Errorf("no narrow space before %q in %q", r, string(all))
			}
			if r == '\'' {
				t.Errorf("a typewriter's apostrophe in %q", string(all))
			}
		}
	}
}

func TestMessageZone(t *testing.T) {
	for zone, want := range map[string]string{
		"Europe/Paris": "14\u00a0h\u00a005 (heure de Paris)", "UTC": "13\u00a0h\u00a005 (UTC)", "": "13\u00a0h\u00a005 (UTC)",
		"Indian/Reunion": "17\u00a0h\u00a005 (fuseau Indian/Reunion)", "../../etc/passwd": "13\u00a0h\u00a005 (UTC)",
	} {
		a, _ := alertstest.Outage()
		a.Zone = zone
		if _, text := alerts.Message(a, "fr"); !strings.Contains(text, want) {
			t.Errorf("zone %q: want %q in\n%s", zone, want, text)
		}
	}
}

func TestMessageNamesTheFirstOfMany(t *testing.T) {
	a, _ := alertstest.Outage()
	for i := range 1234 {
		a.Affected = append(a.Affected, fmt.Sprint(i))
	}
	if _, text := alerts.Message(a, "fr"); !strings.Contains(text, "18 et 1\u202f215 autres") {
		t.Error(text)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("API Géo\r\nBcc: x@y.fr", "<script>", "outage", "firing", "ratio", "P90D", "Europe/Paris", 0.985)
	f.Add("\xff\x00\u202e", "\u2028", "level", "resolved", "seconds", "latest", "../x", -1e300)
	f.Add("", "", "", "", "", "P", "Local", 1e300)
	f.Fuzz(func(t *testing.T, name, detail, kind, state, unit, window, zone string, value float64) {
		a := alerts.Alert{
			Key: name, Kind: alerts.Kind(kind), State: alerts.State(state), Service: name, ServiceName: name, Producer: detail, Probe: name,
			Cause: detail, Detail: detail, Indicator: window, Value: value, Target: value, Unit: unit, Window: window, Measurements: int64(len(name)),
			Coverage: value, Profile: detail, Source: name, Affected: []string{name, detail}, URL: detail, Zone: zone,
			Start: time.Unix(int64(len(detail)), 0), End: time.Unix(int64(len(name)), 0),
		}
		for _, language := range []string{"fr", "en", zone} {
			title, text := alerts.Message(a, language)
			if utf8.RuneCountInString(title) > 160 || utf8.RuneCountInString(text) > 8000 {
				t.Errorf("title of %d bytes, text of %d", len(title), len(text))
			}
			if !utf8.ValidString(title) || !utf8.ValidString(text) {
				t.Error("not UTF-8")
			}
			bad := func(r rune) bool { return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
			if strings.ContainsFunc(title, bad) || strings.ContainsFunc(text, bad) || strings.Contains(title, "\n") {
				t.Errorf("%q\n%q", title, text)
			}
			if lines := strings.Count(text, "\n"); lines > 20 {
				t.Errorf("%d lines: what comes from elsewhere breaks them: %q", lines, text)
			}
		}
	})
}

func TestChannelKinds(t *testing.T) {
	if got := alerts.ChannelKinds(); !slices.Equal(got, []string{"email", "webhook"}) {
		t.Errorf("kinds %q", got)
	}
	for _, kind := range alerts.ChannelKinds() {
		one, ok := alerts.NewChannel(kind)
		other, _ := alerts.NewChannel(kind)
		if !ok || one == nil || one == other {
			t.Errorf("%s: want a new notifier each time", kind)
		}
	}
	if _, ok := alerts.NewChannel("pigeon"); ok {
		t.Error("pigeons are a kind")
	}
}
