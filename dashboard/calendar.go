package dashboard

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"observatoire/observatory"
	"observatoire/slo"
)

// cellSize is a day's square in the calendar, its gap included.
const cellSize = 14

// calendarView is a year of days, drawn and as a table.
type calendarView struct {
	SVG   template.HTML
	Table table
}

// calendar shows the availability of each day. The snapshot's days are taken
// as they are; earlier ones have the level that the same objective gives them.
func (v *visit) calendar(s *observatory.Service, buckets []bucket, objective slo.Objective) calendarView {
	days := make([]observatory.Day, 0, len(buckets))
	known := map[string]observatory.Day{}
	for _, d := range s.Strip.Days() {
		known[d.Date.Format(time.DateOnly)] = d
	}
	objective.MinMeasurements = 0
	for _, b := range buckets {
		d, ok := known[b.start.Format(time.DateOnly)]
		if !ok {
			d = observatory.Day{Date: b.start, Measurements: b.counts.Definite().N}
			d.Availability, _ = b.counts.Availability()
			if !objective.Optimal.IsZero() {
				d.Level = objective.Level(d.Availability, d.Measurements)
			}
		}
		days = append(days, d)
	}
	view := calendarView{SVG: v.drawCalendar(days), Table: table{Caption: v.Service.Calendar, Head: v.Service.CalendarHead}}
	for n := len(days) - 1; n >= 0; n-- {
		d, counts := days[n], buckets[n].counts
		if d.Measurements == 0 && counts.Unknown.N == 0 && counts.Maintenance.N == 0 {
			continue
		}
		value := "–"
		if d.Measurements > 0 {
			value = v.fixedPercent(d.Availability, 2)
		}
		view.Table.Rows = append(view.Table.Rows, []string{v.day(d.Date), value, v.dayLevel(d.Level), v.span(counts.Down.Time),
			v.count(d.Measurements), v.count(counts.Unknown.N), v.count(counts.Maintenance.N)})
	}
	return view
}

func (v *visit) dayLevel(level slo.Level) string {
	if level == slo.Pending {
		return v.Levels[level].Day
	}
	return v.Levels[level].Name
}

// drawCalendar draws weeks as columns from Monday to Sunday, each day a square
// that says what it shows when pointed at. Its mark tells the level without colour.
func (v *visit) drawCalendar(days []observatory.Day) template.HTML {
	const left, top = 34, 20
	if len(days) == 0 {
		return ""
	}
	offset := (int(days[0].Date.Weekday()) + 6) % 7
	weeks := (offset + len(days) + 6) / 7
	var b strings.Builder
	b.WriteString(`<svg class="calendar" viewBox="0 0 ` + strconv.Itoa(left+weeks*cellSize) + " " + strconv.Itoa(top+7*cellSize) +
		`" role="img" aria-label="` + template.HTMLEscapeString(v.Service.Calendar) + `">`)
	for row, name := range v.Units.Weekdays {
		if row%2 == 0 {
			b.WriteString(`<text x="0" y="` + strconv.Itoa(top+row*cellSize+10) + `">` + name + `</text>`)
		}
	}
	for n, d := range days {
		column, row := (offset+n)/7, (offset+n)%7
		x, y := left+column*cellSize, top+row*cellSize
		if d.Date.Day() == 1 && column < weeks-1 {
			b.WriteString(`<text x="` + strconv.Itoa(x) + `" y="12">` + v.Units.ShortMonths[d.Date.Month()-1] + `</text>`)
		}
		title := v.day(d.Date) + fixed + ": " + v.dayLevel(d.Level)
		if d.Measurements > 0 {
			title += ", " + v.percent(d.Availability, 2)
		}
		b.WriteString(`<g class="f-` + d.Level.String() + `"><title>` + title + `</title><rect x="` + strconv.Itoa(x) + `" y="` + strconv.Itoa(y) + `" width="12" height="12" rx="2"/>` +
			dayMark(d.Level, x, y) + `</g>`)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// dayMark is what parts the levels for those who do not see the colours.
func dayMark(level slo.Level, x, y int) string {
	at := strconv.Itoa(x+3) + " " + strconv.Itoa(y+6)
	switch level {
	case slo.Weak:
		return `<path class="mark" d="M` + strconv.Itoa(x+3) + " " + strconv.Itoa(y+3) + `l6 6m0-6l-6 6"/>`
	case slo.Partial:
		return `<path class="mark" d="M` + at + `h6"/>`
	}
	return ""
}
