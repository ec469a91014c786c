package alerts

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The most characters that parts of a message hold.
const (
	maxTitle    = 160
	maxName     = 80
	maxDetail   = 600
	maxError    = 300
	maxAffected = 20 // names
)

// clean makes text from elsewhere fit for one line: control characters, line
// breaks and marks that turn the direction of writing become spaces, what is
// not UTF-8 is replaced, and what exceeds limit characters is cut.
func clean(text string, limit int) string {
	if len(text) > 4*utf8.UTFMax*limit {
		text = text[:4*utf8.UTFMax*limit] // bounds the work below
	}
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	for strings.Contains(text, "  ") {
		text = strings.ReplaceAll(text, "  ", " ")
	}
	text = strings.Trim(text, " ")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return strings.TrimRight(string([]rune(text)[:limit-1]), " ") + "…"
}

// percent returns a ratio in percent, floored to two decimals, all of which are
// shown: a value never reads as a level that it has not reached.
func (l *language) percent(ratio float64) string {
	return l.decimal(floorTo(ratio, 10_000), 2, false) + l.percentSign
}

// level returns a level's ratio in percent without needless zeros.
func (l *language) level(ratio float64) string {
	return l.decimal(floorTo(ratio, 1_000_000), 4, true) + l.percentSign
}

// floorTo returns the largest n for which n/scale is not above v. A plain
// product would take 0.985 for a little less or 0.999 less a bit for 0.999.
func floorTo(v float64, scale int64) int64 {
	if math.IsNaN(v) || math.Abs(v) > 1e9 {
		return 0 // no measure of ours
	}
	n := int64(math.Floor(v * float64(scale)))
	for float64(n+1)/float64(scale) <= v {
		n++
	}
	for float64(n)/float64(scale) > v {
		n--
	}
	return n
}

// decimal returns n/10^places; without its last zeros when trim is set.
func (l *language) decimal(n int64, places int, trim bool) string {
	digits := strconv.FormatInt(max(0, n), 10)
	if missing := places + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)-places], digits[len(digits)-places:]
	if trim {
		fraction = strings.TrimRight(fraction, "0")
	}
	if fraction == "" {
		return l.group(whole)
	}
	return l.group(whole) + l.point + fraction
}

// group parts the thousands.
func (l *language) group(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + l.thousands + digits[at:]
	}
	return digits
}

// seconds returns a duration that is measured: milliseconds, and from one
// second on seconds, floored; from a minute on as [language.span] does.
func (l *language) seconds(v float64) string {
	switch {
	case v < 1:
		return l.decimal(floorTo(v, 1000), 0, false) + nbsp + "ms"
	case v < 60:
		return l.decimal(floorTo(v, 100), 2, true) + nbsp + "s"
	}
	return l.span(v)
}

// span returns a long duration in its two largest units.
func (l *language) span(v float64) string {
	s := floorTo(v, 1)
	minutes, hours, days := s/60%60, s/3600%24, s/86400
	switch {
	case s < 60:
		return strconv.FormatInt(max(0, s), 10) + nbsp + "s"
	case s < 3600:
		return strconv.FormatInt(minutes, 10) + nbsp + "min"
	case days == 0 && minutes == 0:
		return strconv.FormatInt(hours, 10) + nbsp + "h"
	case days == 0:
		return strconv.FormatInt(hours, 10) + nbsp + "h" + nbsp + strconv.FormatInt(minutes, 10) + nbsp + "min"
	}
	text := l.decimal(days, 0, false) + nbsp + l.days
	if days == 1 {
		text = "1" + nbsp + l.day
	}
	if hours > 0 {
		text += " " + strconv.FormatInt(hours, 10) + nbsp + "h"
	}
	return text
}

// location returns the time zone that an alert's times are said in.
func location(a Alert) *time.Location {
	zone, err := time.LoadLocation(a.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}
