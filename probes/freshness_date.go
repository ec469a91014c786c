package probes

import (
	"encoding/json"
	"fmt"
	"time"
)

// maxUndated is how many values that are no dates are passed over. A column of
// something else is not read to its end.
const maxUndated = 10_000

// dates finds the newest of the dates that it takes, or keeps the first. Those
// that are no dates count only when there is no other.
type dates struct {
	first   bool
	latest  time.Time
	err     error // why there is none
	taken   int
	undated int
	last    string // the text that was read last, since many repeat
}

// take takes one value, and reports whether more are wanted.
func (d *dates) take(value any) bool {
	d.taken++
	text, isText := value.(string)
	if isText && text == d.last && d.taken > 1 {
		return true
	}
	d.last = text
	date, err := dateOf(value)
	switch {
	case err == nil:
		if date.After(d.latest) {
			d.latest = date
		}
	case d.taken == 1:
		d.err = err
	}
	if err != nil && value != nil && text != "" {
		d.undated++
	}
	return !d.first && d.undated <= maxUndated
}

// result returns the date that was found.
func (d *dates) result() (time.Time, error) {
	switch {
	case d.undated > maxUndated:
		return time.Time{}, fmt.Errorf("more than %d values that are no dates, such as: %w", maxUndated, d.err)
	case d.latest.IsZero():
		return time.Time{}, d.err
	}
	return d.latest, nil
}

func dateOf(value any) (time.Time, error) {
	switch v := value.(type) {
	case string:
		return parseDate(v)
	case json.Number:
		return parseDate(v.String())
	}
	return time.Time{}, fmt.Errorf("%s is not a date", show(value))
}
