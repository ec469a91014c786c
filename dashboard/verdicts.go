package dashboard

import (
	"slices"
	"strconv"
	"time"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
)

// verdictView is one indicator of a service, with all that its level rests on.
type verdictView struct {
	ID, Name, Meaning, Value string
	Level                    badge
	Why                      string // of a level that is pending
	Scale                    string // the recommended levels in words
	Facts                    []fact
	Source                   string
}

// fact is one thing that is known of a service.
type fact struct{ Label, Text, URL string }

func (s *site) verdict(v *visit, verdict slo.Verdict) verdictView {
	t := v.texts.Service
	i := verdict.Indicator
	view := verdictView{ID: string(i), Name: v.Indicators[i].Name, Meaning: v.Indicators[i].Meaning, Value: "–", Level: v.levelBadge(verdict), Source: v.typeset(verdict.Source)}
	if verdict.Measurements > 0 {
		view.Value = v.value(i, verdict.Value)
	}
	objective := s.objectiveOf(verdict)
	if verdict.Judged {
		view.Scale = v.scale(verdict, objective)
		view.Facts = append(view.Facts, fact{Label: t.Target, Text: v.band(i, verdict.Target, objective.Optimal)})
		if verdict.Level == slo.Pending {
			view.Why = fill(t.TooFew, v.count(verdict.Measurements), v.count(max(1, objective.MinMeasurements)))
		}
	}
	view.Facts = append(view.Facts, fact{Label: t.Window, Text: v.window(verdict.Window)},
		fact{Label: t.Measurements, Text: v.count(verdict.Measurements)})
	if verdict.Window != slo.Latest {
		view.Facts = append(view.Facts, fact{Label: t.Coverage, Text: v.percent(verdict.Coverage, 1)})
	}
	if verdict.Judged && i == slo.Availability && verdict.Measurements > 0 {
		view.Facts = append(view.Facts, v.budget(verdict.Budget))
	}
	if _, known := s.Profiles[verdict.Profile]; !known {
		view.Facts = append(view.Facts, fact{Label: t.Profile, Text: t.Declared})
		view.Source = ""
	} else {
		view.Facts = append(view.Facts, fact{Label: t.Profile, Text: verdict.Profile, URL: v.path(both("/methodologie", "/methodology")[v.number()]) + "#profil-" + verdict.Profile})
	}
	return view
}

// budget says how much of the time that a service may be down is left.
func (v *visit) budget(b slo.Budget) fact {
	t := v.texts.Service
	if b.Left() < 0 {
		return fact{Label: t.Budget, Text: fill(t.BudgetOver, v.span(-b.Left()), v.span(b.Allowed))}
	}
	return fact{Label: t.Budget, Text: fill(t.BudgetLeft, v.span(b.Left()), v.span(b.Allowed))}
}

// band writes a recommended level, such as "≥ 99,9 %" or "< 50 ms".
func (v *visit) band(i slo.Indicator, limit float64, b slo.Band) string {
	sign := "≥"
	if i.LowerIsBetter() {
		sign = "≤"
		if !b.IsZero() && !b.Holds(b.Limit) {
			sign = "<"
		}
	}
	return sign + fixed + v.limit(i, limit)
}

func (v *visit) scale(verdict slo.Verdict, o slo.Objective) string {
	t := v.texts
	i := verdict.Indicator
	text := t.Levels[slo.Optimal].Name + fixed + v.band(i, verdict.Target, o.Optimal)
	if !o.Partial.IsZero() {
		text += ", " + t.Levels[slo.Partial].Name + fixed + v.band(i, verdict.Floor, o.Partial)
	}
	return text + ", " + fill(t.Service.Beyond, t.Levels[slo.Weak].Name)
}

// pledgeView is a producer's commitment held against what was measured.
type pledgeView struct {
	Word, Class           string
	Target, Value, Window string
	Measurements          string
	Source, Seen          string
}

func (v *visit) pledge(a *slo.Verdict) *pledgeView {
	p := a.Commitment
	if p == nil {
		return nil
	}
	c := v.pledgeCell(p)
	view := &pledgeView{Word: c.Word, Class: c.Class, Target: c.Target, Value: "–", Window: v.window(p.Window),
		Measurements: v.count(p.Measurements), Source: webLink(p.Source), Seen: p.Seen}
	if p.Measurements > 0 {
		view.Value = v.value(a.Indicator, p.Value)
	}
	if seen, err := time.Parse(time.DateOnly, p.Seen); err == nil {
		view.Seen = v.day(seen)
	}
	return view
}

// bothView is the availability with announced maintenance left out and counted.
type bothView struct{ Excluded, Counted string }

func (v *visit) bothWays(a *slo.Verdict) *bothView {
	if a.Measurements == 0 {
		return nil
	}
	return &bothView{v.value(a.Indicator, a.Value), v.value(a.Indicator, a.Including)}
}

// cause says in words why a result is not up.
func (v *visit) cause(class string) string {
	var c probes.ErrorClass
	if c.UnmarshalText([]byte(class)) == nil && v.Causes[c] != "" {
		return v.Causes[c]
	}
	return class
}

// causes say why a service is as it is now, one sentence for each probe that
// did not find it up.
func (v *visit) causes(s *observatory.Service) []string {
	var causes []string
	for _, p := range s.Probes {
		if p.Latest.Time.IsZero() || p.Latest.Outcome == probes.Up {
			continue
		}
		causes = append(causes, fill(v.texts.Service.ProbeSays, probeName(p.ID), v.cause(p.Latest.Class.String()), v.at(p.Latest.Time.In(v.Zone)).Text))
	}
	return causes
}

// incidentView is one incident.
type incidentView struct {
	Service, URL string
	Probe        string
	Start, End   moment
	Open         bool
	Duration     string
	Cause        string
	Detail       string
	Failures     string
	Link         string // its own page; none before it is kept
	Hint         string
}

func (v *visit) incident(i observatory.Incident) incidentView {
	end := i.End
	if i.Open() {
		end = v.Time
	}
	view := incidentView{Service: i.ServiceName, Probe: probeName(i.Probe), Start: v.at(i.Start.In(v.Zone)), Open: i.Open(),
		Duration: v.span(max(0, end.Sub(i.Start))), Cause: v.cause(i.Class), Detail: i.Detail, Failures: v.count(i.Failures), Hint: v.Hints[i.Hint]}
	if i.ID > 0 {
		view.Link = v.path("/incidents/" + strconv.FormatInt(i.ID, 10))
	}
	if !i.Open() {
		view.End = v.at(i.End.In(v.Zone))
	}
	if s := v.ByID[i.Service]; s != nil {
		view.URL = v.servicePath(s.Kind, s.ID)
	}
	return view
}

// maintenanceView is one announced interruption.
type maintenanceView struct{ When, Source, URL string }

func (v *visit) maintenances(s *observatory.Service) []maintenanceView {
	var all []maintenanceView
	for _, m := range slices.Backward(s.Maintenance) {
		one := maintenanceView{Source: m.Source, URL: webLink(m.Source)}
		if m.Daily != (slo.Daily{}) {
			at := func(minute int) string { return v.clock(time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC)) }
			one.When = fill(v.texts.Service.Daily, at(m.Daily.From), at(m.Daily.To))
		} else {
			one.When = fill(v.texts.Service.Once, v.at(m.From.In(v.Zone)).Text, v.at(m.To.In(v.Zone)).Text)
		}
		all = append(all, one)
	}
	return all
}

// dependencyView is a service that another one needs, or that needs it.
type dependencyView struct {
	Name, URL, Source, SourceURL, Availability string
	State                                      badge
}

func (v *visit) dependsOn(s *observatory.Service) []dependencyView {
	var all []dependencyView
	for _, d := range s.DependsOn {
		one := dependencyView{Name: d.Name, URL: v.servicePath(observatory.API, d.ID), Source: d.Source, SourceURL: webLink(d.Source), State: v.stateBadge(d.State)}
		if d.Availability.Measurements > 0 {
			one.Availability = v.value(slo.Availability, d.Availability.Value)
		}
		all = append(all, one)
	}
	return all
}

func (v *visit) usedBy(s *observatory.Service) []dependencyView {
	var all []dependencyView
	for _, id := range s.UsedBy {
		if d := v.ByID[id]; d != nil {
			all = append(all, dependencyView{Name: d.Name, URL: v.servicePath(d.Kind, d.ID), State: v.stateBadge(d.State)})
		}
	}
	return all
}

// facts are what the catalogue declares.
func (v *visit) facts(s *observatory.Service) []fact {
	t := v.texts.Service
	var all []fact
	add := func(label, address string) {
		if link := webLink(address); link != "" {
			all = append(all, fact{label, link, link})
		}
	}
	if d := s.Demarche; d != nil {
		add(t.Address, d.URL)
		if d.JDMA > 0 {
			all = append(all, fact{Label: t.JDMA, Text: strconv.Itoa(d.JDMA)})
		}
	}
	if a := s.API; a != nil {
		all = append(all, fact{Label: v.texts.Overview.Access, Text: v.Access[a.Access]})
		limit := t.NotDeclared
		if !a.RateLimit.IsZero() {
			limit = fill(t.Rates[a.RateLimit.Per], v.count(int64(a.RateLimit.Requests)))
		}
		all = append(all, fact{Label: t.RateLimit, Text: limit})
		add(t.Documentation, a.Documentation)
		add("OpenAPI", a.OpenAPI)
		add(t.StatusPage, a.StatusPage)
	}
	return all
}
