package probes

import (
	"errors"
	"fmt"
	"time"

	"observatoire/calendar"
	"observatoire/probes/jsonpath"
)

// Freshness says where an answer carries the date of its data, and how long
// data of a date count as fresh. Exactly one of JSON, Header, XML, CSV and Feed
// is set; with Changed none may be, and then the whole body counts. At most one
// of MaxAge, Frequency and WorkingDays is set; without any the age is shown and
// not judged.
type Freshness struct {
	JSON    string     `yaml:"json" doc:"RFC 9535 path of the date in the body"`
	Header  string     `yaml:"header" doc:"name of the header that holds the date, such as Last-Modified"`
	XML     string     `yaml:"xml" doc:"XPath 1.0 of the date in the body; a name without prefix matches whatever the namespace"`
	CSV     *CSVColumn `yaml:"csv" doc:"column of the body that holds the date"`
	Feed    bool       `yaml:"feed" doc:"the body is a feed (RSS, Atom or RDF): the date of its newest item"`
	Changed bool       `yaml:"changed" doc:"the date is when the body last changed, as seen by this program since its start; with json, header, xml or csv only what that selects counts"`
	Pick    string     `yaml:"pick" doc:"of several dates the newest (default) or the first"`

	MaxAge        time.Duration `yaml:"max_age" doc:"the data should not be older, as its producer declares; without it, frequency or working_days the age is shown and not judged"`
	Frequency     Frequency     `yaml:"frequency" doc:"how often the data is renewed, in a word of data.gouv.fr such as daily, weekly, quarterly; a day late is let pass"`
	WorkingDays   int           `yaml:"working_days" doc:"the data should not be older than so many French working days, the day it is of not counted"`
	AlsaceMoselle bool          `yaml:"alsace_moselle" doc:"working_days leaves out the holidays of Alsace and Moselle too"`

	path  query
	sight sighting
}

// CSVColumn is a column of a table in CSV (RFC 4180) whose first row names its columns.
type CSVColumn struct {
	Column    string `yaml:"column" doc:"name of the column in the first row" required:"true"`
	Separator string `yaml:"separator" doc:"character between two cells; without it the one of ; , | and tab that the first row has"`
}

// The values of Pick.
const (
	pickNewest = "newest"
	pickFirst  = "first"
)

// maxWorkingDays bounds WorkingDays: some four years.
const maxWorkingDays = 1000

// Validate checks that exactly one place is named, that it can be read, and
// that at most one limit is set.
func (f *Freshness) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	sources := f.sources()
	if len(sources) == 0 && !f.Changed {
		fault("json: required, or header, xml, csv, feed or changed instead")
	}
	for _, more := range sources[min(1, len(sources)):] {
		fault("%s: not together with %s", more, sources[0])
	}
	if f.JSON != "" {
		if _, err := f.path.compile(f.JSON); err != nil {
			fault("json: %w", err)
		}
	}
	if f.Header != "" && !validName(f.Header) {
		fault("header: %q is not the name of a header", f.Header)
	}
	if f.XML != "" {
		if _, err := f.xmlPath(); err != nil {
			fault("xml: %w", err)
		}
	}
	if f.CSV != nil {
		if err := f.CSV.validate(); err != nil {
			fault("csv: %w", err)
		}
	}
	if f.Changed && f.Feed {
		fault("feed: not together with changed")
	}
	switch several := f.JSON != "" || f.XML != "" || f.CSV != nil; {
	case f.Pick == "":
	case f.Pick != pickNewest && f.Pick != pickFirst:
		fault("pick: %q: want newest or first", f.Pick)
	case f.Changed:
		fault("pick: not together with changed")
	case !several:
		fault("pick: only with json, xml or csv")
	}
	return errors.Join(append(faults, f.validateLimit()...)...)
}

// sources returns the names of the places that are set.
func (f *Freshness) sources() []string {
	set := []struct {
		name string
		is   bool
	}{{"json", f.JSON != ""}, {"header", f.Header != ""}, {"xml", f.XML != ""}, {"csv", f.CSV != nil}, {"feed", f.Feed}}
	var names []string
	for _, s := range set {
		if s.is {
			names = append(names, s.name)
		}
	}
	return names
}

// String says what is read, such as "freshness: date in header Last-Modified".
func (f *Freshness) String() string {
	where := f.where()
	switch {
	case f.Changed && where == "":
		return "freshness: last change of the body"
	case f.Changed:
		return "freshness: last change of what is " + where
	case f.Pick == pickFirst:
		return "freshness: first date " + where
	}
	return "freshness: date " + where
}

func (f *Freshness) where() string {
	switch {
	case f.Header != "":
		return "in header " + f.Header
	case f.XML != "":
		return "at " + f.XML
	case f.CSV != nil:
		return "in column " + f.CSV.Column
	case f.Feed:
		return "of the newest item of the feed"
	case f.JSON != "":
		return "at " + f.JSON
	}
	return ""
}

// Date returns the date of the data that the answer carries: the newest of
// several, or the first where Pick says so.
//
// It reads ISO 8601 and RFC 3339 (with T or a space; days and months alone;
// 20260821 and 20260821T102030 too), 21/08/2026, 21-08-2026 and 21.08.2026 with
// or without a time, the forms of HTTP (RFC 1123, RFC 850, ANSI C), mail (RFC
// 822 and later) and feeds, months in French or English words ("1er août 2026 à
// 10h20"), and seconds or milliseconds since 1970.
//
// A zone is an offset (Z, +02:00, +0200, +02) or one of the names UTC, UT, GMT,
// WET, WEST, CET, CEST and those of RFC 822; other names are refused, since they
// have several meanings. A date without a zone is French time (Europe/Paris; but
// the ANSI C form of HTTP is UTC), a day without a time is its beginning there,
// and a month its first day. Of an hour that the clock runs through twice the
// first is meant; one that it skips is taken as if it had not been put forward.
//
// With Changed, the date is that of the first answer in which the content was
// seen to be other than before. See [Freshness.changed].
func (f *Freshness) Date(o *Observation) (time.Time, error) {
	if f.Changed {
		return f.changed(o)
	}
	d := dates{first: f.Pick == pickFirst, err: errors.New("it selects nothing")}
	if err := f.values(o, d.take); err != nil {
		return time.Time{}, err
	}
	return d.result()
}

// values hands what the place holds to take, one value after another, until it
// returns false.
func (f *Freshness) values(o *Observation, take func(any) bool) error {
	switch {
	case f.Header != "":
		text := o.Header.Get(f.Header)
		if text == "" {
			return fmt.Errorf("no header %s", f.Header)
		}
		take(text)
		return nil
	case f.XML != "":
		return f.xmlValues(o.Body, take)
	case f.CSV != nil:
		return f.CSV.values(o.Body, take)
	case f.Feed:
		return feedDates(o.Body, take)
	}
	path, err := f.path.compile(f.JSON)
	if err != nil {
		return err
	}
	return jsonValues(o, path, take)
}

func jsonValues(o *Observation, path jsonpath.Path, take func(any) bool) error {
	nodes, err := o.selectNodes(path)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		return errors.New("the path selects nothing")
	}
	for _, node := range nodes {
		if !take(node) {
			break
		}
	}
	return nil
}

func (f *Freshness) calendar() calendar.France {
	return calendar.France{AlsaceMoselle: f.AlsaceMoselle}
}
