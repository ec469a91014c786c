package dashboard

import (
	"cmp"
	"strings"
	"time"

	"observatoire/slo"
	"observatoire/storage"
)

// maxPoints is the most points that one call returns.
const maxPoints = 10_000

// seriesMeasures are what a series can be of, by name; availability is of the counts.
var seriesMeasures = map[string]storage.Measure{
	"server_time": storage.ServerTime, "page_time": storage.PageTime, "total": storage.Total, "redirect": storage.Redirect, "dns": storage.DNS,
	"connect": storage.Connect, "tls": storage.TLS, "wait": storage.Wait, "transfer": storage.Transfer, "freshness": storage.Age,
}

// resolutions of series: their rollups, the length of a span, and how much is
// returned when no beginning is asked for.
var resolutions = map[string]struct {
	rollup storage.Resolution
	length time.Duration
	usual  time.Duration
}{
	"5m": {storage.FiveMinutes, 5 * time.Minute, 24 * time.Hour},
	"1h": {storage.Hour, time.Hour, 7 * 24 * time.Hour},
	"1d": {storage.Day, 24 * time.Hour, 90 * 24 * time.Hour},
}

type apiSeries struct {
	Service    string     `json:"service"`
	Measure    string     `json:"measure"`
	Unit       slo.Unit   `json:"unit"`
	Resolution string     `json:"resolution"`
	From       time.Time  `json:"from"`
	To         time.Time  `json:"to"`
	Points     []apiPoint `json:"points"`
}

// apiPoint is one span. Value is the availability, or the mean of a time; the
// spans in which nothing was measured are left out.
type apiPoint struct {
	Time         time.Time `json:"time"`
	Value        float64   `json:"value"`
	Measurements int64     `json:"measurements"`
	Min          *float64  `json:"min,omitempty"`
	Max          *float64  `json:"max,omitempty"`
	P50          *float64  `json:"p50,omitempty"`
	P95          *float64  `json:"p95,omitempty"`
	P99          *float64  `json:"p99,omitempty"`
}

func (s *site) apiSeries(v *visit) (any, error) {
	service, err := apiNamed(v)
	if err != nil {
		return nil, err
	}
	q := newQuery(v.Request)
	names := append([]string{"availability"}, sortedKeys(seriesMeasures)...)
	a := apiSeries{
		Service: service.ID, Points: []apiPoint{},
		Measure:    cmp.Or(q.choice("measure", names...), "availability"),
		Resolution: cmp.Or(q.choice("resolution", sortedKeys(resolutions)...), "1d"),
		Unit:       slo.Seconds,
	}
	r := resolutions[a.Resolution]
	a.To = q.time("to", v.Time, v.Zone)
	a.From = q.time("from", a.To.Add(-r.usual), v.Zone)
	if !a.From.Before(a.To) {
		q.fail(func(t *texts) string { return t.Problems.EmptySpan })
	} else if a.To.Sub(a.From)/r.length > maxPoints {
		q.fail(func(t *texts) string { return fill(t.Problems.LongSpan, "10000") })
	}
	if err := q.done(); err != nil {
		return nil, err
	}
	buckets, err := s.history(v.Context(), service, r.rollup, a.From.In(v.Zone), a.To)
	if err != nil {
		return nil, err
	}
	if a.Measure == "availability" {
		a.Unit = slo.Ratio
	}
	for _, b := range buckets {
		if p, ok := b.point(a.Measure); ok {
			a.Points = append(a.Points, p)
		}
	}
	return a, nil
}

// point returns what a bucket says of a measure; false when it says nothing.
func (b *bucket) point(measure string) (apiPoint, bool) {
	p := apiPoint{Time: b.start.UTC()}
	var ok bool
	if measure == "availability" {
		p.Value, ok = b.counts.Availability()
		p.Measurements = b.counts.Definite().N
		return p, ok
	}
	summary := b.measures[seriesMeasures[measure]]
	if p.Value, ok = mean(summary); !ok {
		return p, false
	}
	p.Measurements = summary.N
	lowest, highest := summary.Min.Seconds(), summary.Max.Seconds()
	p.Min, p.Max = &lowest, &highest
	for q, into := range map[float64]**float64{0.50: &p.P50, 0.95: &p.P95, 0.99: &p.P99} {
		if value, ok := quantile(summary, q); ok {
			*into = &value
		}
	}
	return p, true
}

// time returns a time that is written as RFC 3339 or as a day of the zone.
func (q *query) time(key string, usual time.Time, zone *time.Location) time.Time {
	value := q.get(key)
	if value == "" {
		return usual.UTC()
	}
	// A plus sign of a zone that was not escaped arrives as a space.
	if t, err := time.Parse(time.RFC3339, strings.Replace(value, " ", "+", 1)); err == nil && reasonable(t) {
		return t.UTC()
	}
	if t, err := time.ParseInLocation(time.DateOnly, value, zone); err == nil && reasonable(t) {
		return t.UTC()
	}
	q.bad(key, value, "2026-08-21, 2026-08-21T12:00:00Z")
	return usual.UTC()
}

// reasonable keeps times where all arithmetic on them is exact.
func reasonable(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2200 }
