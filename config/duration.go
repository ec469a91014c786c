package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// units are those of durations, largest first.
var units = [...]struct {
	name   string
	length time.Duration
}{
	{"y", 365 * 24 * time.Hour}, {"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour},
	{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// parseDuration reads a duration such as "5m", "90d", "5y" or "1h30m": numbers
// with units from the largest to the smallest. A day has 24 hours and a year 365 days.
func parseDuration(text string) (time.Duration, error) {
	fault := fmt.Errorf("%s is not a duration: want a form such as 30s, 5m, 1h30m, 90d or 5y", quote(text))
	if text == "0" {
		return 0, nil
	}
	var total float64
	rest, next := text, 0
	for rest != "" {
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if end <= 0 {
			return 0, fault
		}
		number, err := strconv.ParseFloat(rest[:end], 64)
		if err != nil {
			return 0, fault
		}
		rest = rest[end:]
		name := rest
		if end := strings.IndexAny(rest, "0123456789."); end >= 0 {
			name = rest[:end]
		}
		for next < len(units) && units[next].name != name {
			next++
		}
		if next == len(units) {
			return 0, fault
		}
		total += number * float64(units[next].length)
		rest, next = rest[len(name):], next+1
	}
	if text == "" || total >= math.MaxInt64 {
		return 0, fault
	}
	return time.Duration(math.Round(total)), nil
}

// formatDuration writes a duration as parseDuration reads it; one that is finer
// than a millisecond, or negative, as Go does.
func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	original := d
	var b strings.Builder
	for _, u := range units {
		if u.name == "w" {
			continue // 90d says more than 12w6d
		}
		if n := d / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d -= n * u.length
		}
	}
	if d != 0 {
		return fmt.Sprint(original)
	}
	return b.String()
}
