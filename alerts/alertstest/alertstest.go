// Package alertstest holds what every kind of alert channel must do, as a test
// suite that is run against a real server of the kind.
package alertstest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"observatoire/alerts"
)

// Answer is what a kit's server does with each delivery.
type Answer int

// The answers.
const (
	Accept        Answer = iota
	RefuseForNow         // an answer after which trying again may help
	RefuseForGood        // an answer after which it will not; it repeats all that the server was sent
	Hang                 // no answer
	Drop                 // the connection is broken
	Babble               // an answer that never ends
)

// Message is a delivery as the server received and decoded it.
type Message struct {
	ID     string              // by which a second copy is told
	Thread string              // by which the end of a breach joins its beginning
	Title  string              // decoded
	Text   string              // decoded
	HTML   string              // decoded; empty where the kind has none
	Header map[string][]string // as received
	Size   int                 // bytes received
}

// Kit is one kind of channel.
type Kit struct {
	// Serve starts a server that gives the answer, to be stopped with the test. It
	// returns a notifier of it, whose language is French, and what it accepted so far.
	Serve func(t *testing.T, answer Answer) (n alerts.Notifier, accepted func() []Message)

	// Secrets are those among the settings of the notifiers that Serve returns.
	Secrets []string
}

const (
	patience = 300 * time.Millisecond // that a notifier is given
	bound    = 10 * time.Second       // within which it must then be back
	maxSize  = 128 << 10
	maxTitle = 200
)

// Outage returns an alert that fires, and the same as it ended.
func Outage() (firing, resolved alerts.Alert) {
	start := time.Date(2026, 11, 23, 13, 5, 0, 0, time.UTC)
	firing = alerts.Alert{
		Key: "outage/api-geo/communes", Kind: alerts.Outage, State: alerts.Firing, Start: start, Time: start.Add(time.Minute),
		Zone: "Europe/Paris", Service: "api-geo", ServiceName: "API Géo", Producer: "DINUM", Probe: "api-geo/communes",
		Cause: "timeout", Detail: "no answer within 5s", URL: "https://observatoire.example.fr/apis/api-geo",
		Affected: []string{"carte-grise"}, AffectedNames: []string{"Demander une carte grise"},
	}
	resolved = firing
	resolved.State, resolved.End, resolved.Time = alerts.Resolved, start.Add(35*time.Minute), start.Add(36*time.Minute)
	return firing, resolved
}

// Run runs the suite.
func Run(t *testing.T, kit Kit) {
	t.Run("delivers beginning and end", kit.delivers)
	t.Run("keeps the id", kit.keepsID)
	t.Run("tries again or not", kit.retries)
	t.Run("shows no secret", kit.secrets)
	t.Run("returns in time", kit.time)
	t.Run("hostile text", kit.hostile)
	t.Run("long text", kit.long)
	t.Run("at the same time", kit.concurrent)
}

func (k Kit) delivers(t *testing.T) {
	notifier, accepted := k.Serve(t, Accept)
	firing, resolved := Outage()
	must(t, notifier, "1-a", firing)
	must(t, notifier, "2-b", resolved)
	got := accepted()
	if len(got) != 2 {
		t.Fatalf("%d messages arrived, want 2", len(got))
	}
	for i, a := range []alerts.Alert{firing, resolved} {
		title, text := alerts.Message(a, "fr")
		if got[i].Title != title {
			t.Errorf("title %q, want %q", got[i].Title, title)
		}
		if unix(got[i].Text) != strings.TrimSpace(text) {
			t.Errorf("text %q, want %q", got[i].Text, text)
		}
		if got[i].HTML != "" && !strings.Contains(got[i].HTML, "Demander une carte grise") {
			t.Errorf("the HTML does not name the démarche: %s", got[i].HTML)
		}
	}
	if got[0].ID == "" || got[0].ID == got[1].ID {
		t.Errorf("ids %q and %q, want two", got[0].ID, got[1].ID)
	}
	if got[0].Thread == "" || got[0].Thread != got[1].Thread {
		t.Errorf("threads %q and %q, want the same", got[0].Thread, got[1].Thread)
	}
	later := firing
	later.Start = later.Start.Add(time.Hour)
	must(t, notifier, "3-c", later)
	if got = accepted(); got[2].Thread == got[0].Thread {
		t.Error("another breach of the same key joins the thread of the first")
	}
}

func (k Kit) keepsID(t *testing.T) {
	notifier, accepted := k.Serve(t, Accept)
	firing, _ := Outage()
	must(t, notifier, "7-stable", firing)
	must(t, notifier, "7-stable", firing)
	if got := accepted(); len(got) != 2 || got[0].ID != got[1].ID {
		t.Errorf("a second copy cannot be told from the first: %+v", got)
	}
}

func (k Kit) retries(t *testing.T) {
	tests := map[string]struct {
		answer Answer
		retry  bool
	}{
		"refused for now":  {RefuseForNow, true},
		"refused for good": {RefuseForGood, false},
		"broken":           {Drop, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			notifier, accepted := k.Serve(t, test.answer)
			firing, _ := Outage()
			retry, err := notifier.Notify(t.Context(), "1-a", firing)
			if err == nil || retry != test.retry {
				t.Errorf("retry %t, error %v; want retry %t and an error", retry, err, test.retry)
			}
			if got := accepted(); len(got) != 0 {
				t.Errorf("accepted %+v", got)
			}
		})
	}
}

func (k Kit) secrets(t *testing.T) {
	for _, answer := range []Answer{RefuseForNow, RefuseForGood, Drop, Hang, Babble} {
		notifier, _ := k.Serve(t, answer)
		firing, _ := Outage()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err := notifier.Notify(ctx, "1-a", firing)
		cancel()
		if err == nil {
			continue // what is accepted shows nothing
		}
		if text := err.Error(); strings.ContainsAny(text, "\r\n") || utf8.RuneCountInString(text) > 500 {
			t.Errorf("answer %d: the error is not one bounded line: %q", answer, text)
		}
		for e := err; e != nil; e = unwrap(e) {
			for _, secret := range k.Secrets {
				if strings.Contains(e.Error(), secret) {
					t.Errorf("answer %d: the error shows %q: %q", answer, secret, e)
				}
			}
		}
	}
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}

func (k Kit) time(t *testing.T) {
	for name, answer := range map[string]Answer{"hang": Hang, "babble": Babble} {
		t.Run(name, func(t *testing.T) {
			notifier, _ := k.Serve(t, answer)
			firing, _ := Outage()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			begin := time.Now()
			retry, err := notifier.Notify(ctx, "1-a", firing)
			if took := time.Since(begin); took > bound {
				t.Errorf("back after %s", took)
			}
			if answer == Hang && (err == nil || !retry) {
				t.Errorf("retry %t, error %v; want retry and an error", retry, err)
			}
		})
	}
}

func (k Kit) hostile(t *testing.T) {
	notifier, accepted := k.Serve(t, Accept)
	evil := "Géo\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\u202e\x00\xff{{.}} \"'&"
	a, _ := Outage()
	a.ServiceName, a.Detail, a.Cause, a.Producer, a.Probe = evil, evil, evil, evil, evil
	a.AffectedNames = []string{evil}
	a.Key, a.URL = "outage/"+evil, "javascript:alert(1)"
	must(t, notifier, "1-a", a)
	got := accepted()
	if len(got) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(got))
	}
	for name := range got[0].Header {
		if strings.EqualFold(name, "Bcc") {
			t.Error("a name put a header field into the message")
		}
	}
	if strings.ContainsAny(got[0].Title, "\r\n\x00\u202e") {
		t.Errorf("title %q", got[0].Title)
	}
	if strings.ContainsAny(got[0].Text, "\x00\u202e") || strings.Contains(unix(got[0].Text), "\nBcc:") {
		t.Errorf("text %q", got[0].Text)
	}
	if strings.Contains(got[0].HTML, "<script") || strings.Contains(got[0].HTML, "javascript:") {
		t.Errorf("HTML %s", got[0].HTML)
	}
	if !utf8.ValidString(got[0].Title + got[0].Text + got[0].HTML) {
		t.Error("not UTF-8")
	}
}

func (k Kit) long(t *testing.T) {
	notifier, accepted := k.Serve(t, Accept)
	long := strings.Repeat("é", 1<<20)
	a, _ := Outage()
	a.ServiceName, a.Detail, a.Source = long, long, long
	for range 5000 {
		a.Affected, a.AffectedNames = append(a.Affected, long[:4000]), append(a.AffectedNames, long[:4000])
	}
	must(t, notifier, "1-a", a)
	got := accepted()
	if len(got) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(got))
	}
	if got[0].Size > maxSize {
		t.Errorf("%d bytes were sent, want at most %d", got[0].Size, maxSize)
	}
	if n := utf8.RuneCountInString(got[0].Title); n > maxTitle {
		t.Errorf("the title has %d characters, want at most %d", n, maxTitle)
	}
}

func (k Kit) concurrent(t *testing.T) {
	notifier, accepted := k.Serve(t, Accept)
	firing, _ := Outage()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := notifier.Notify(t.Context(), strings.Repeat("x", i+1), firing); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	ids := make(map[string]bool)
	for _, m := range accepted() {
		ids[m.ID] = true
	}
	if len(ids) != 8 {
		t.Errorf("%d ids arrived, want 8", len(ids))
	}
}

func must(t *testing.T, notifier alerts.Notifier, id string, a alerts.Alert) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	if _, err := notifier.Notify(ctx, id, a); err != nil {
		t.Fatal(err)
	}
}

// unix returns a text with plain line breaks and none around it.
func unix(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}
