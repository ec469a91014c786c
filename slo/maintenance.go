package slo

import (
	"fmt"
	"strings"
	"time"
)

// Maintenance is an announced interruption: once, from From to To, or each day
// between two times of day in the site's time zone. Its end is not part of it.
type Maintenance struct {
	Daily  Daily     `yaml:"daily" doc:"each day, such as 01:00-02:00, in the site's time zone"`
	From   time.Time `yaml:"from" doc:"once: its beginning, RFC 3339"`
	To     time.Time `yaml:"to" doc:"once: its end, RFC 3339"`
	Source string    `yaml:"source" doc:"where it was announced"`
}

// Daily is a span of the day in minutes since midnight. One that ends before
// it begins goes on past midnight; a zero Daily is none.
type Daily struct{ From, To int }

// Contains reports whether t falls in the maintenance; days are those of t's location.
func (m Maintenance) Contains(t time.Time) bool {
	if !m.From.IsZero() && !t.Before(m.From) && t.Before(m.To) {
		return true
	}
	return m.Daily.contains(t.Hour()*60 + t.Minute())
}

func (d Daily) contains(minute int) bool {
	switch {
	case d == Daily{}:
		return false
	case d.From < d.To:
		return d.From <= minute && minute < d.To
	}
	return d.From <= minute || minute < d.To
}

// UnmarshalText reads a span such as "01:00-02:00".
func (d *Daily) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "-")
	f, errFrom := time.Parse("15:04", from)
	t, errTo := time.Parse("15:04", to)
	if !ok || errFrom != nil || errTo != nil || f.Equal(t) {
		return fmt.Errorf(`%q is not a span of the day: want a form such as "01:00-02:00"`, text)
	}
	d.From, d.To = f.Hour()*60+f.Minute(), t.Hour()*60+t.Minute()
	return nil
}

// String returns the span as it is written in the configuration; empty for none.
func (d Daily) String() string {
	if d == (Daily{}) {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", d.From/60, d.From%60, d.To/60, d.To%60)
}
