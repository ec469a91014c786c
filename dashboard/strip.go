package dashboard

import (
	"html/template"
	"strconv"
	"strings"

	"observatoire/observatory"
	"observatoire/slo"
)

// The strip's cells, in the units of its viewBox.
const (
	stripHeight = 20
	stripStep   = 3
)

// levelHeights make a level readable without its colour: the better the day,
// the higher its bar.
var levelHeights = [...]int{slo.Pending: 2, slo.Weak: 7, slo.Partial: 13, slo.Optimal: stripHeight}

// strip draws one bar for each day, one path for each level: a page shows fifty
// strips of ninety days.
func strip(days []observatory.Day, label string) template.HTML {
	var paths [len(levelHeights)]strings.Builder
	for n, d := range days {
		p, height := &paths[d.Level], levelHeights[d.Level]
		p.WriteByte('M')
		p.WriteString(strconv.Itoa(n * stripStep))
		p.WriteByte(' ')
		p.WriteString(strconv.Itoa(stripHeight - height))
		p.WriteString("h2.5v")
		p.WriteString(strconv.Itoa(height))
		p.WriteString("h-2.5z")
	}
	var b strings.Builder
	b.WriteString(`<svg class="strip" viewBox="0 0 `)
	b.WriteString(strconv.Itoa(max(1, len(days)*stripStep-1)))
	b.WriteString(" " + strconv.Itoa(stripHeight) + `" preserveAspectRatio="none" role="img" aria-label="`)
	b.WriteString(template.HTMLEscapeString(label))
	b.WriteString(`">`)
	for level := range paths {
		if paths[level].Len() > 0 {
			b.WriteString(`<path class="f-` + slo.Level(level).String() + `" d="` + paths[level].String() + `"/>`)
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// stripLabel says in words what a strip shows.
func (l *language) stripLabel(days []observatory.Day) string {
	var counts levelCount
	worst := -1
	lowest := 2.0
	for n, d := range days {
		counts[d.Level]++
		if d.Level != slo.Pending && d.Availability < lowest {
			lowest, worst = d.Availability, n
		}
	}
	parts := make([]string, 0, 4)
	for level := slo.Optimal; ; level-- {
		if n := counts[level]; n > 0 {
			name := l.Levels[level].Name
			if level == slo.Pending {
				name = l.Levels[level].Day
			}
			parts = append(parts, strconv.Itoa(n)+fixed+name)
		}
		if level == slo.Pending {
			break
		}
	}
	text := fill(l.Overview.StripLabel, strconv.Itoa(len(days)), strings.Join(parts, ", "))
	if worst >= 0 && lowest < 1 {
		text += " " + fill(l.Overview.StripWorst, l.day(days[worst].Date), l.percent(lowest, 2))
	}
	return text
}
