package alerts

import (
	"fmt"
	"strings"
	"time"

	"observatoire/slo"
)

// Spaces at which no line is broken.
const (
	nbsp   = "\u00a0"
	narrow = "\u202f"
)

// defaultLanguage is that of messages for which no other is set.
const defaultLanguage = "fr"

// language is how alerts are said in one language.
type language struct {
	code        string
	point       string // of decimals
	thousands   string
	percentSign string
	colon       string
	day, days   string

	producer, since, began, ended, lasted, cause, hint, detail, probe, measurements, profile, source, affected, link string // labels

	coverage string // format of the number of measurements and the share of the window
	more     string // format of the number of names left out

	tags       map[Kind][2]string // of a title: firing, resolved
	otherTag   string             // of a kind that is not known
	goneTag    string             // of an end without recovery
	gone       map[string]string  // by the reason in Detail
	causes     map[string]string  // by error class
	hints      map[string]string
	indicators map[string]noun
	windows    map[string]string
	lastDays   string // format of a window of days

	shortStart  func(a Alert) string              // the start, as short as it can be
	summary     func(l *language, a Alert) string // the service and its breach in one line
	leading     func(l *language, a Alert) string // the same in full sentences
	dateAndTime func(time.Time) string
	zoneName    func(*time.Location) string
}

// noun is an indicator within a sentence and at its beginning.
type noun struct{ within, first string }

// languages are those that messages are written in, by code.
var languages = map[string]func() *language{"fr": french, "en": english}

func languageOf(code string) *language {
	make, ok := languages[code]
	if !ok {
		make = languages[defaultLanguage]
	}
	return make()
}

func (l *language) title(a Alert) string {
	if reason, gone := l.gone[a.Detail]; gone && a.State == Resolved {
		return l.goneTag + " " + a.ServiceName + l.colon + reason
	}
	tag := l.otherTag
	if pair, ok := l.tags[a.Kind]; ok {
		tag = pair[0]
		if a.State == Resolved {
			tag = pair[1]
		}
	}
	return tag + " " + l.summary(l, a)
}

func (l *language) causeOf(a Alert) string {
	if phrase, ok := l.causes[a.Cause]; ok {
		return phrase
	}
	return a.Cause
}

func (l *language) indicator(a Alert) noun {
	if n, ok := l.indicators[a.Indicator]; ok {
		return n
	}
	return noun{a.Indicator, a.Indicator}
}

// over says which span of time a value is of.
func (l *language) over(a Alert) string {
	if phrase, ok := l.windows[a.Window]; ok {
		return phrase
	}
	var w slo.Window
	if w.UnmarshalText([]byte(a.Window)) != nil {
		return a.Window
	}
	return fmt.Sprintf(l.lastDays, strings.Trim(w.String(), "PD"))
}

// zoneName names a time zone: the words for that of Paris, or its IANA name
// after a prefix.
func zoneName(zone *time.Location, paris, prefix string) string {
	switch name := zone.String(); name {
	case "Europe/Paris":
		return paris
	case time.UTC.String():
		return name
	default:
		return prefix + name
	}
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func isRatio(a Alert) bool { return a.Unit == string(slo.Ratio) }
