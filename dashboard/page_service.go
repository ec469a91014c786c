package dashboard

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"time"

	"observatoire/observatory"
	"observatoire/slo"
	"observatoire/storage"
)

// serviceView is what templates/service.html shows.
type serviceView struct {
	T           *texts
	Home        string
	ID, Name    string
	Kind        string
	Producer    navLink // its services in the overview
	State       badge
	Causes      []string
	Meaning     string
	Stamp       moment
	Zone        string
	Verdicts    []verdictView
	Pledge      *pledgeView
	Both        *bothView
	Calendar    calendarView
	Legend      []badge
	Spans       []navLink
	Charts      []chart
	Incidents   []incidentView
	Maintenance []maintenanceView
	Probes      []probeView
	Facts       []fact
	DependsOn   []dependencyView
	UsedBy      []dependencyView
	IsAPI       bool
	JSON        string
}

// spanChoice is how far back charts go.
type spanChoice struct {
	name       string
	resolution storage.Resolution
	from       func(now time.Time) time.Time
}

var spanChoices = []spanChoice{
	{"day", storage.FiveMinutes, func(now time.Time) time.Time { return now.Add(-24 * time.Hour) }},
	{"week", storage.Hour, func(now time.Time) time.Time { return now.Add(-7 * 24 * time.Hour) }},
	{"quarter", storage.Day, slo.Days(90).Start},
	{"year", storage.Day, slo.Days(365).Start},
}

// service shows one API or démarche.
func (s *site) service(kind observatory.Kind) page {
	return func(v *visit) (*document, error) {
		q := newQuery(v.Request)
		names := make([]string, len(spanChoices))
		for i, c := range spanChoices {
			names[i] = c.name
		}
		span := cmp.Or(q.choice("span", names...), "quarter")
		if err := q.done(); err != nil {
			return nil, err
		}
		service := v.ByID[v.PathValue("id")]
		if service == nil || service.Kind != kind {
			return nil, v.noService(service)
		}
		view, err := s.serviceView(v, service, span)
		if err != nil {
			return nil, err
		}
		path, search := "/"+string(kind)+"s/"+service.ID, ""
		if span != "quarter" {
			search = "?span=" + span
		}
		return &document{page: "service.html", title: service.Name, paths: both(path, path), search: search, charts: len(view.Charts) > 0, content: view,
			summary: fill(v.texts.Service.Summary, service.Name, service.ProducerName)}, nil
	}
}

// noService says that there is none, or where it is when it is of the other kind.
func (v *visit) noService(other *observatory.Service) error {
	if other != nil {
		return notFound(func(t *texts) string {
			return fill(t.Problems.OtherKind, other.Name, v.servicePath(other.Kind, other.ID))
		})
	}
	id := short(v.PathValue("id"))
	return &problem{http.StatusNotFound, func(t *texts) string { return fill(t.Problems.NoService, id) }}
}

func (s *site) serviceView(v *visit, service *observatory.Service, span string) (*serviceView, error) {
	t := v.texts
	now := v.Time.In(v.Zone)
	view := &serviceView{
		T: t, Home: v.path("/"), ID: service.ID, Name: service.Name, Kind: t.Kinds[service.Kind],
		Producer: navLink{URL: v.path("/") + filter{Producer: service.Producer}.address(), Label: service.ProducerName},
		State:    v.stateBadge(service.State), Meaning: t.States[service.State.String()].Meaning, Causes: v.causes(service),
		Stamp: v.at(now), Zone: v.zone(v.Zone), Maintenance: v.maintenances(service), Probes: v.probes(service), Facts: v.facts(service),
		IsAPI: service.Kind == observatory.API, JSON: "/api/v1/services/" + service.ID,
	}
	for _, verdict := range service.Verdicts {
		view.Verdicts = append(view.Verdicts, s.verdict(v, verdict))
	}
	if a := service.Verdict(slo.Availability); a != nil {
		view.Pledge, view.Both = v.pledge(a), v.bothWays(a)
	}
	view.DependsOn, view.UsedBy = v.dependsOn(service), v.usedBy(service)

	year, err := s.history(v.Context(), service, storage.Day, slo.Days(365).Start(now), now)
	if err != nil {
		return nil, err
	}
	for _, level := range []slo.Level{slo.Optimal, slo.Partial, slo.Weak, slo.Pending} {
		view.Legend = append(view.Legend, badge{level.String(), v.dayLevel(level)})
	}
	view.Calendar = v.calendar(service, year, s.objective(service))
	if view.Charts, err = s.charts(v, service, span, year); err != nil {
		return nil, err
	}
	for _, c := range spanChoices {
		search := ""
		if c.name != "quarter" {
			search = "?span=" + c.name
		}
		view.Spans = append(view.Spans, navLink{v.servicePath(service.Kind, service.ID) + search + "#evolution", t.Service.Spans[c.name], c.name == span})
	}
	incidents, err := s.recentIncidents(v.Context(), service, slo.Days(365).Start(now), now, 50)
	if err != nil {
		return nil, err
	}
	for _, i := range incidents {
		view.Incidents = append(view.Incidents, v.incident(observatory.Incident{Incident: i, Service: service.ID, ServiceName: service.Name}))
	}
	return view, nil
}

// objective returns the availability that a service is held against; zero when none is.
func (s *site) objective(service *observatory.Service) slo.Objective {
	a := service.Verdict(slo.Availability)
	if a == nil {
		return slo.Objective{}
	}
	return s.objectiveOf(*a)
}

func (s *site) objectiveOf(v slo.Verdict) slo.Objective {
	for _, o := range s.Profiles[v.Profile].Objectives {
		if o.Indicator == v.Indicator {
			return o
		}
	}
	return slo.Objective{}
}

// charts are the figures over time of the span that is asked for.
func (s *site) charts(v *visit, service *observatory.Service, span string, year []bucket) ([]chart, error) {
	now := v.Time.In(v.Zone)
	buckets := year
	for _, c := range spanChoices {
		if c.name != span || span == "year" {
			continue
		}
		if c.resolution == storage.Day {
			buckets = year[max(0, len(year)-90):]
			continue
		}
		var err error
		if buckets, err = s.history(v.Context(), service, c.resolution, c.from(now), now); err != nil {
			return nil, err
		}
	}
	times := make([]string, len(buckets))
	for n, b := range buckets {
		switch span {
		case "day":
			times[n] = v.clock(b.start)
		case "week":
			times[n] = v.shortDay(b.start) + " " + v.clock(b.start)
		default:
			times[n] = v.shortDay(b.start)
		}
	}
	var shown []chart
	for _, c := range []chart{v.latencyChart(service, buckets), v.phasesChart(buckets), v.freshnessChart(buckets)} {
		c.Times = times
		if c.empty() {
			continue
		}
		if err := c.draw(v.language); err != nil {
			return nil, fmt.Errorf("service %s: %w", service.ID, err)
		}
		shown = append(shown, c)
	}
	return shown, nil
}

// values takes one value in a unit out of each bucket; NaN where there is none.
func values(buckets []bucket, perSecond float64, of func(*bucket) (float64, bool)) []float64 {
	all := make([]float64, len(buckets))
	for n := range buckets {
		all[n] = math.NaN()
		if x, ok := of(&buckets[n]); ok {
			all[n] = x * perSecond
		}
	}
	return all
}

func (v *visit) latencyChart(service *observatory.Service, buckets []bucket) chart {
	t := v.texts.Service
	m, title := storage.ServerTime, t.ServerTimeChart
	if service.Kind == observatory.Demarche {
		m, title = storage.PageTime, t.PageTimeChart
	}
	at := func(q float64) []float64 {
		return values(buckets, 1000, func(b *bucket) (float64, bool) { return quantile(b.measures[m], q) })
	}
	return chart{ID: "latency", Title: title, Intro: t.LatencyIntro, Unit: "ms", Lines: []line{
		{Name: t.Mean, Values: values(buckets, 1000, func(b *bucket) (float64, bool) { return mean(b.measures[m]) })},
		{Name: t.Median, Values: at(0.50)}, {Name: "p95", Values: at(0.95)}, {Name: "p99", Values: at(0.99)},
	}}
}

func (v *visit) phasesChart(buckets []bucket) chart {
	t := v.texts.Service
	c := chart{ID: "phases", Title: t.PhasesChart, Intro: t.PhasesIntro, Unit: "ms", Stacked: true}
	for _, m := range []storage.Measure{storage.Redirect, storage.DNS, storage.Connect, storage.TLS, storage.Wait, storage.Transfer} {
		c.Lines = append(c.Lines, line{Name: v.texts.Phases[m], Values: values(buckets, 1000, func(b *bucket) (float64, bool) { return mean(b.measures[m]) })})
	}
	return c
}

func (v *visit) freshnessChart(buckets []bucket) chart {
	t := v.texts.Service
	c := chart{ID: "freshness", Title: t.FreshnessChart, Intro: t.FreshnessIntro, Unit: "h"}
	hours := 1.0 / 3600
	highest := 0.0
	for _, b := range buckets {
		highest = max(highest, b.measures[storage.Age].Max.Hours())
	}
	if highest > 72 {
		hours, c.Unit = hours/24, v.Units.Day
	} else if highest < 2 {
		hours, c.Unit = 1.0/60, "min"
	}
	c.Lines = []line{
		{Name: t.MeanAge, Values: values(buckets, hours, func(b *bucket) (float64, bool) { return mean(b.measures[storage.Age]) })},
		{Name: t.MaxAge, Values: values(buckets, hours, func(b *bucket) (float64, bool) {
			return b.measures[storage.Age].Max.Seconds(), b.measures[storage.Age].N > 0
		})},
	}
	return c
}
