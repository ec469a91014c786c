package dashboard

import (
	"cmp"
	"html/template"
	"strconv"
	"strings"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/slo"
)

// overviewView is what templates/overview.html shows.
type overviewView struct {
	T        *texts
	Action   string
	Lead     string
	Stamp    moment
	Zone     string
	Kinds    string
	Figures  []figure
	Levels   []levelFigure
	Filter   filter
	First    []choiceList // the criteria that are always shown
	More     []choiceList
	Opened   bool // one of those is used
	Reset    bool
	Result   string
	Columns  []column
	Rows     []overviewRow
	Previous string
	Next     string
	Position string
}

// figure is one number for the whole.
type figure struct{ Label, Value, Note, URL, Class string }

// levelFigure is the share of services that reach the recommended level.
type levelFigure struct {
	Label, Value, Note, URL string
	Bar                     template.HTML
}

// choiceList is one select of the filter.
type choiceList struct {
	Name, Label string
	Options     []option
}

type option struct {
	Value, Label string
	Selected     bool
}

// column is a table heading that sorts.
type column struct{ Label, URL, Sort, Hint string }

type overviewRow struct {
	Name, URL, Kind, Producer string
	State                     badge
	Affected                  bool
	Cells                     [3]cell // availability, time, freshness
	Pledge                    *pledgeCell
	Strip                     template.HTML
}

// badge is a state or a level in words and in colour.
type badge struct{ Class, Name string }

// cell is an indicator's level and value.
type cell struct {
	Level badge
	Value string
	Label string // of the column, for narrow screens
}

type pledgeCell struct{ Target, Class, Word string }

func (s *site) overview(v *visit) (*document, error) {
	q := newQuery(v.Request)
	f := readView(q)
	if err := q.done(); err != nil {
		return nil, err
	}
	rows := f.rows(v.index)
	pages := max(1, (len(rows)+pageSize-1)/pageSize)
	if f.Page > pages {
		return nil, notFound(func(t *texts) string { return fill(t.Problems.NoResultPage, strconv.Itoa(pages)) })
	}
	first := (f.Page - 1) * pageSize
	shown := rows[first:min(len(rows), first+pageSize)]

	t := v.texts
	view := overviewView{
		T: t, Action: v.path("/"), Lead: t.Overview.Lead, Stamp: v.at(v.Time.In(v.Zone)), Zone: v.zone(v.Zone),
		Figures: v.figures(), Levels: v.levelFigures(), Filter: f, Reset: f.active(),
		Result: v.plural(len(rows), t.Overview.ResultOne, t.Overview.ResultMany), Columns: v.columns(f),
		Rows: make([]overviewRow, 0, len(shown)),
	}
	choices := v.choices(f)
	view.First, view.More = choices[:2], append(choices[2:], v.orders(f)...)
	view.Opened = f.Producer+f.Access+f.Indicator+f.Level != "" || f.Sort != "name" || f.Dir != "asc"
	for _, r := range shown {
		view.Rows = append(view.Rows, v.overviewRow(r))
	}
	if pages > 1 {
		view.Position = fill(t.Overview.Position, strconv.Itoa(f.Page), strconv.Itoa(pages))
		view.Previous, view.Next = v.turn(f, -1, pages), v.turn(f, 1, pages)
	}
	return &document{page: "overview.html", title: "", summary: t.Overview.Lead, paths: both("/", "/"), search: f.address(), content: view}, nil
}

func (v *visit) turn(f filter, by, pages int) string {
	f.Page += by
	if f.Page < 1 || f.Page > pages {
		return ""
	}
	return v.path("/") + f.address()
}

// figures are the numbers for the whole.
func (v *visit) figures() []figure {
	t := v.texts.Overview
	home := v.path("/")
	kinds := v.plural(v.kinds[observatory.API], t.APIOne, t.APIMany) + ", " +
		v.plural(v.kinds[observatory.Demarche], t.DemarcheOne, t.DemarcheMany)
	down := figure{Label: t.DownNow, Value: v.count(int64(v.states[observatory.Down])), URL: home + "?state=down", Class: "bad",
		Note: v.plural(v.states[observatory.Degraded], t.DegradedOne, t.DegradedMany) + ", " +
			v.plural(v.states[observatory.Unknown], t.UnknownOne, t.UnknownMany)}
	switch {
	case v.states[observatory.Unknown] == len(v.rows):
		down.Class = "" // nothing is known: no colour says that all is well
	case v.states[observatory.Down] == 0:
		down.Class = "good"
	}
	return []figure{
		{Label: t.Services, Value: v.count(int64(len(v.rows))), Note: kinds},
		down,
		{Label: t.OpenIncidents, Value: v.count(int64(v.open)), URL: v.path("/incidents"), Note: t.SeeIncidents},
	}
}

// levelFigures are the shares of services at the recommended level.
func (v *visit) levelFigures() []levelFigure {
	t := v.texts
	var figures []levelFigure
	for _, name := range indicatorChoices {
		i := slo.Indicator(name)
		c, judged := v.levels[i]
		if !judged {
			continue
		}
		value := "–"
		if n := c.judged(); n > 0 {
			value = v.percent(float64(c[slo.Optimal])/float64(n), 0)
		}
		parts := make([]string, 0, len(levelChoices))
		for level := slo.Optimal; level > slo.Pending; level-- {
			parts = append(parts, v.count(int64(c[level]))+fixed+t.Levels[level].Name)
		}
		pending := strings.ReplaceAll(t.Levels[slo.Pending].Name, " ", fixed)
		parts = append(parts, v.count(int64(c[slo.Pending]))+fixed+pending)
		figures = append(figures, levelFigure{
			Label: t.Indicators[i].Name, Value: value, Note: strings.Join(parts, " · "),
			URL: v.path("/") + "?indicator=" + name + "&level=optimal", Bar: levelBar(c),
		})
	}
	return figures
}

// levelBar draws how many services have each level, in proportion.
func levelBar(c levelCount) template.HTML {
	total := max(1, c.judged()+c[slo.Pending])
	var b strings.Builder
	b.WriteString(`<svg class="bar" viewBox="0 0 300 8" preserveAspectRatio="none" aria-hidden="true">`)
	x := 0.0
	for _, level := range []slo.Level{slo.Optimal, slo.Partial, slo.Weak, slo.Pending} {
		width := 300 * float64(c[level]) / float64(total)
		if width > 0 {
			b.WriteString(`<rect class="f-` + level.String() + `" x="` + coordinate(x) + `" width="` + coordinate(max(0.5, width-1)) + `" height="8"/>`)
		}
		x += width
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func (v *visit) overviewRow(r *row) overviewRow {
	t := v.texts
	days := r.Strip.Days()
	o := overviewRow{
		Name: r.Name, URL: v.servicePath(r.Kind, r.ID), Kind: t.Kinds[r.Kind], Producer: r.ProducerName, Affected: r.Affected(),
		State: v.stateBadge(r.State), Strip: strip(days, v.stripLabel(days)),
		Cells: [3]cell{v.cell(r.availability, t.Overview.Availability), v.cell(r.time, t.Overview.Time), v.cell(r.freshness, t.Overview.Freshness)},
	}
	if r.availability != nil && r.availability.Commitment != nil {
		o.Pledge = v.pledgeCell(r.availability.Commitment)
	}
	return o
}

func (v *visit) cell(verdict *slo.Verdict, label string) cell {
	c := cell{Label: label}
	if verdict == nil {
		return c
	}
	c.Level = v.levelBadge(*verdict)
	if verdict.Measurements > 0 {
		c.Value = v.value(verdict.Indicator, verdict.Value)
	}
	return c
}

func (v *visit) pledgeCell(p *slo.Pledge) *pledgeCell {
	t := v.texts.Pledges
	c := &pledgeCell{Target: v.limit(slo.Availability, p.Target), Class: "pending", Word: t.Pending}
	switch {
	case p.Judged && p.Kept:
		c.Class, c.Word = "optimal", t.Kept
	case p.Judged:
		c.Class, c.Word = "weak", t.Broken
	}
	return c
}

// choices are the selects of the filter.
func (v *visit) choices(f filter) []choiceList {
	t := v.texts
	producers := make([]option, 0, len(v.producers)+1)
	producers = append(producers, option{"", t.Overview.All, f.Producer == ""})
	for _, p := range v.producers {
		producers = append(producers, option{p.ID, p.Name, f.Producer == p.ID})
	}
	list := func(name, label, chosen string, values []string, word func(string) string) choiceList {
		options := []option{{"", t.Overview.All, chosen == ""}}
		for _, value := range values {
			options = append(options, option{value, word(value), chosen == value})
		}
		return choiceList{name, label, options}
	}
	return []choiceList{
		list("kind", t.Overview.Kind, f.Kind, kindChoices, func(s string) string { return t.Kinds[observatory.Kind(s)] }),
		list("state", t.Overview.State, f.State, stateChoices, func(s string) string { return t.States[s].Name }),
		{"producer", t.Overview.Producer, producers},
		list("access", t.Overview.Access, f.Access, accessChoices, func(s string) string { return t.Access[catalogue.Access(s)] }),
		list("indicator", t.Overview.Indicator, f.Indicator, indicatorChoices, func(s string) string { return t.Indicators[slo.Indicator(s)].Name }),
		list("level", t.Overview.Level, f.Level, levelChoices, t.levelName),
	}
}

func (v *visit) orders(f filter) []choiceList {
	t := v.texts.Overview
	sorts := choiceList{Name: "sort", Label: t.Sort}
	for _, value := range sortChoices {
		sorts.Options = append(sorts.Options, option{value, t.Sorts[value], f.Sort == value})
	}
	return []choiceList{sorts, {"dir", t.Direction, []option{{"asc", t.Ascending, f.Dir == "asc"}, {"desc", t.Descending, f.Dir == "desc"}}}}
}

// columns are the headings that sort; asking again turns the order around.
func (v *visit) columns(f filter) []column {
	t := v.texts.Overview
	columns := make([]column, 0, 5)
	for _, c := range []struct{ sort, label string }{
		{"name", t.Service}, {"state", t.State}, {"availability", t.Availability}, {"time", t.Time}, {"freshness", t.Freshness},
	} {
		to := f
		to.Page, to.Sort, to.Dir = 1, c.sort, "asc"
		one := column{Label: c.label, Sort: "none", Hint: t.SortAscending}
		if f.Sort == c.sort {
			one.Sort = "ascending"
			if f.Dir == "asc" {
				to.Dir, one.Hint = "desc", t.SortDescending
			} else {
				one.Sort = "descending"
			}
		}
		one.URL = cmp.Or(to.address(), v.path("/"))
		columns = append(columns, one)
	}
	return columns
}
