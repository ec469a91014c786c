package dashboard

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"observatoire/slo"
)

// moment is a time for readers and for machines.
type moment struct{ ISO, Text string }

// percent writes a ratio as a percentage with at most so many decimals. It is
// cut, never rounded up: what is shown never reaches a level that the value has
// not reached. Digits are those of the shortest decimal that is the value.
func (l *language) percent(ratio float64, decimals int) string {
	if math.IsNaN(ratio) || math.IsInf(ratio, 0) {
		return "–"
	}
	digits := strconv.FormatFloat(ratio, 'f', -1, 64)
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction += "00"
	whole = strings.TrimLeft(whole+fraction[:2], "0")
	if whole == "" {
		whole = "0"
	}
	fraction = fraction[2:]
	fraction = strings.TrimRight(fraction[:min(len(fraction), decimals)], "0")
	if fraction != "" {
		whole += l.marks.decimal + fraction
	}
	return whole + l.marks.percent
}

// fixedPercent is percent with all its decimals, but for a whole 100 %, so that
// columns align.
func (l *language) fixedPercent(ratio float64, decimals int) string {
	text := strings.TrimSuffix(l.percent(ratio, decimals), l.marks.percent)
	if text == "100" || text == "–" {
		return l.percent(ratio, decimals)
	}
	_, fraction, _ := strings.Cut(text, l.marks.decimal)
	if fraction == "" {
		text += l.marks.decimal
	}
	return text + strings.Repeat("0", decimals-len(fraction)) + l.marks.percent
}

// count writes a whole number.
func (l *language) count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteString(l.marks.thousand)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// seconds writes a time of an answer. It is rounded up: a shorter time is a
// better one, and what is shown is never better than what was measured.
func (l *language) seconds(s float64) string {
	switch ms := s * 1000; {
	case math.IsNaN(s) || math.IsInf(s, 0):
		return "–"
	case ms < 100:
		return l.decimal(upTo(ms, 10), 1) + fixed + "ms"
	case ms < 1000 && upTo(ms, 1) < 1000:
		return l.decimal(upTo(ms, 1), 0) + fixed + "ms"
	case s < 100:
		return l.decimal(upTo(s, 100), 2) + fixed + "s"
	}
	return l.span(time.Duration(s * float64(time.Second)))
}

// upTo rounds up to a step of 1/parts; what binary fractions add is not counted.
func upTo(x, parts float64) float64 { return math.Ceil(x*parts-1e-9) / parts }

func (l *language) decimal(x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return strings.Replace(text, ".", l.marks.decimal, 1)
}

// span writes a long time with its two largest units, such as "3 j 4 h".
func (l *language) span(d time.Duration) string {
	if d < 0 {
		return "−" + l.span(-d)
	}
	d = d.Truncate(time.Second)
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, l.Units.Day}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	for i, u := range units {
		if d < u.size {
			continue
		}
		text := l.count(int64(d/u.size)) + fixed + u.name
		if i+1 < len(units) {
			if rest := d % u.size / units[i+1].size; rest > 0 {
				text += fixed + strconv.Itoa(int(rest)) + fixed + units[i+1].name
			}
		}
		return text
	}
	return "0" + fixed + "s"
}

// value writes an indicator's value.
func (l *language) value(i slo.Indicator, v float64) string {
	switch {
	case i == slo.Availability:
		return l.fixedPercent(v, 2)
	case i == slo.Freshness:
		return l.span(time.Duration(v * float64(time.Second)))
	}
	return l.seconds(v)
}

// limit writes a target or a promise: the same as a value, without idle zeros.
func (l *language) limit(i slo.Indicator, v float64) string {
	if i == slo.Availability {
		return l.percent(v, 3)
	}
	return l.value(i, v)
}

// day writes a date, such as "1er janvier 2026".
func (l *language) day(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = l.Units.First
	}
	return day + fixed + l.Units.Months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// shortDay writes a date for an axis, such as "1er janv.".
func (l *language) shortDay(t time.Time) string {
	return strconv.Itoa(t.Day()) + fixed + l.Units.ShortMonths[t.Month()-1]
}

// clock writes a time of day.
func (l *language) clock(t time.Time) string {
	if l.code == "fr" {
		return fmt.Sprintf("%d%sh%s%02d", t.Hour(), fixed, fixed, t.Minute())
	}
	return fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute())
}

// at returns a time as a day and a time of day; the page says the zone.
func (l *language) at(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	return moment{t.Format(time.RFC3339), l.day(t) + l.Units.At + l.clock(t)}
}

// on returns a day.
func (l *language) on(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	return moment{t.Format(time.DateOnly), l.day(t)}
}

// zone names a time zone, such as "heure de Paris".
func (l *language) zone(z *time.Location) string {
	_, city, found := strings.Cut(z.String(), "/")
	if !found {
		return z.String()
	}
	if i := strings.LastIndexByte(city, '/'); i >= 0 {
		city = city[i+1:]
	}
	return fill(l.Units.Zone, strings.ReplaceAll(city, "_", " "))
}

// window names a window, such as "90 derniers jours".
func (l *language) window(w slo.Window) string {
	switch w {
	case slo.Latest:
		return l.Units.Latest
	case slo.Day:
		return l.Units.Today
	case slo.Month:
		return l.Units.Month
	case slo.Quarter:
		return l.Units.Quarter
	}
	days := strings.Trim(w.String(), "PD")
	return fill(l.Units.Days, days)
}

// plural chooses between the forms for one and for many: in French zero is one.
func (l *language) plural(n int, one, many string) string {
	if n == 1 || n == 0 && l.code == "fr" {
		return fill(one, l.count(int64(n)))
	}
	return fill(many, l.count(int64(n)))
}
