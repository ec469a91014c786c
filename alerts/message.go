package alerts

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"observatoire/probes"
	"observatoire/slo"
)

// Message returns an alert for readers: a title of one line, and a text that
// says what is breached, since when, how far from which level, who set it, what
// the verdict rests on and which démarches depend on the service. The language
// is "fr" or "en"; any other gives French. Both are plain text of bounded
// length, whatever the alert holds.
func Message(a Alert, language string) (title, text string) {
	m := compose(a, language)
	return m.Title, m.text()
}

// message is an alert for readers, before it is laid out.
type message struct {
	Language string
	Title    string
	Lead     string // one or two sentences
	Facts    []fact
	Link     string
	LinkText string
	colon    string
}

type fact struct{ Label, Value string }

func (m message) text() string {
	var b strings.Builder
	b.WriteString(m.Lead + "\n\n")
	for _, f := range m.Facts {
		b.WriteString(f.Label + m.colon + f.Value + "\n")
	}
	if m.Link != "" {
		b.WriteString("\n" + m.LinkText + m.colon + m.Link + "\n")
	}
	return b.String()
}

func compose(a Alert, name string) message {
	l := languageOf(name)
	a = tidy(a)
	m := message{
		Language: l.code, colon: l.colon, Link: a.URL, LinkText: l.link,
		Title: clean(l.title(a), maxTitle),
		Lead:  l.leading(l, a),
	}
	add := func(label, value string) {
		if value != "" {
			m.Facts = append(m.Facts, fact{label, value})
		}
	}
	add(l.producer, a.Producer)
	if a.State == Resolved {
		add(l.began, l.moment(a, a.Start))
		add(l.ended, l.moment(a, a.End))
		add(l.lasted, l.span(a.End.Sub(a.Start).Seconds()))
	} else {
		add(l.since, l.moment(a, a.Start))
	}
	if a.Kind == Outage {
		add(l.cause, l.causeOf(a))
		add(l.hint, l.hints[a.Hint])
	}
	if _, gone := l.gone[a.Detail]; !gone { // the lead says it
		add(l.detail, a.Detail)
	}
	add(l.probe, a.Probe)
	if a.Measurements > 0 && a.Window != slo.Latest.String() {
		add(l.measurements, fmt.Sprintf(l.coverage, l.group(fmt.Sprint(a.Measurements)), l.percent(a.Coverage)))
	}
	if a.Kind != Staleness { // its limit is what the catalogue declares, not a profile's
		add(l.profile, a.Profile)
	}
	add(l.source, a.Source)
	add(l.affected, l.list(a.AffectedNames))
	return m
}

// tidy returns the alert with each text that comes from elsewhere made fit for
// a line, and bounded.
func tidy(a Alert) Alert {
	a.ServiceName = clean(a.ServiceName, maxName)
	if a.ServiceName == "" {
		a.ServiceName = clean(a.Service, maxName)
	}
	for _, text := range []*string{&a.Key, &a.Service, &a.Producer, &a.Probe, &a.Cause, &a.Indicator, &a.Window, &a.Profile} {
		*text = clean(*text, 2*maxName)
	}
	for _, text := range []*string{&a.Detail, &a.Source} {
		*text = clean(*text, maxDetail)
	}
	if a.URL = clean(a.URL, maxDetail); strings.ContainsAny(a.URL, " …") || !strings.HasPrefix(a.URL, "http") {
		a.URL = ""
	}
	if len(a.AffectedNames) != len(a.Affected) {
		a.AffectedNames = a.Affected
	}
	a.AffectedNames = slices.Clone(a.AffectedNames)
	for i := range a.AffectedNames[:min(maxAffected, len(a.AffectedNames))] {
		a.AffectedNames[i] = clean(a.AffectedNames[i], maxName)
	}
	return a
}

// bounded returns the alert for a receiver that is a program: its texts are
// bounded, and otherwise as they are.
func bounded(a Alert) Alert {
	texts := []*string{
		&a.Key, &a.Service, &a.ServiceName, &a.Producer, &a.Probe, &a.Cause, &a.Detail, &a.Hint,
		&a.Indicator, &a.Window, &a.Profile, &a.Source, &a.URL,
	}
	for _, text := range texts {
		*text = cut(*text, 2*maxDetail)
	}
	for _, list := range []*[]string{&a.Affected, &a.AffectedNames} {
		*list = slices.Clone((*list)[:min(len(*list), 10*maxAffected)])
		for i := range *list {
			(*list)[i] = cut((*list)[i], 2*maxName)
		}
	}
	return a
}

// cut returns at most limit bytes of the text, in whole characters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// unanswered reports whether nothing answered, as against a wrong answer.
func unanswered(cause string) bool {
	return slices.Contains([]string{
		probes.ClassDNS.String(), probes.ClassConnect.String(), probes.ClassTLS.String(), probes.ClassTimeout.String(),
	}, cause)
}

// value returns a value of the alert's indicator for readers.
func (l *language) value(a Alert, v float64) string {
	if isRatio(a) {
		return l.percent(v)
	}
	return l.seconds(v)
}

// target returns the level or promise for readers.
func (l *language) target(a Alert) string {
	if isRatio(a) {
		return l.level(a.Target)
	}
	return l.seconds(a.Target)
}

// moment returns a time in full, in the alert's zone, with the zone said.
func (l *language) moment(a Alert, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone := location(a)
	return l.dateAndTime(t.In(zone)) + " (" + l.zoneName(zone) + ")"
}

// list names the first of many.
func (l *language) list(names []string) string {
	if more := len(names) - maxAffected; more > 0 {
		return strings.Join(names[:maxAffected], ", ") + fmt.Sprintf(l.more, l.group(fmt.Sprint(more)))
	}
	return strings.Join(names, ", ")
}
