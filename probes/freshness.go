package probes

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"observatoire/probes/jsonpath"
)

// Validate checks that exactly one place is named, and that it can be read.
func (f *Freshness) Validate() error {
	var faults []error
	switch {
	case f.JSON == "" && f.Header == "":
		faults = append(faults, errors.New("json: required, or header instead"))
	case f.JSON != "" && f.Header != "":
		faults = append(faults, errors.New("header: not together with json"))
	case f.JSON != "":
		if _, err := jsonpath.Parse(f.JSON); err != nil {
			faults = append(faults, fmt.Errorf("json: %w", err))
		}
	case !validName(f.Header):
		faults = append(faults, fmt.Errorf("header: %q is not the name of a header", f.Header))
	}
	if f.MaxAge < 0 {
		faults = append(faults, errors.New("max_age: must not be negative"))
	}
	return errors.Join(faults...)
}

// String says what is read, such as "freshness: date in header Last-Modified".
func (f *Freshness) String() string {
	if f.Header != "" {
		return "freshness: date in header " + f.Header
	}
	return "freshness: date at " + f.JSON
}

// Date returns the date that the answer carries; of several, the newest. A
// date without a zone is French time (Europe/Paris), and a day without a time
// is its beginning there. It reads RFC 3339, "2006-01-02 15:04:05",
// "2006-01-02", "02/01/2006" with or without a time, the three forms of HTTP,
// and seconds or milliseconds since 1970.
func (f *Freshness) Date(o *Observation) (time.Time, error) {
	if f.Header != "" {
		text := o.Header.Get(f.Header)
		if text == "" {
			return time.Time{}, fmt.Errorf("no header %s", f.Header)
		}
		return parseDate(text)
	}
	path, err := jsonpath.Parse(f.JSON)
	if err != nil {
		return time.Time{}, err
	}
	nodes, err := o.selectNodes(path)
	if err != nil {
		return time.Time{}, err
	}
	return newest(nodes)
}

// newest returns the newest date among the nodes; those that are no dates
// count only when there is no other.
func newest(nodes []any) (time.Time, error) {
	var latest time.Time
	first := errors.New("the path selects nothing")
	for i, node := range nodes {
		date, err := dateOf(node)
		if i == 0 && err != nil {
			first = err
		}
		if err == nil && date.After(latest) {
			latest = date
		}
	}
	if latest.IsZero() {
		return latest, first
	}
	return latest, nil
}

func dateOf(node any) (time.Time, error) {
	switch v := node.(type) {
	case string:
		return parseDate(v)
	case json.Number:
		seconds, err := v.Float64()
		if err != nil {
			return time.Time{}, fmt.Errorf("%s is not a date", shorten(v.String(), maxShown))
		}
		return epoch(seconds)
	}
	return time.Time{}, fmt.Errorf("%s is not a date", show(node))
}
