package dashboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"observatoire/observatory"
	"observatoire/slo"
	"observatoire/storage"
)

// maxRollups bounds what one request reads of one probe.
const maxRollups = 20_000

// bucket sums up a service in one span of time: all its probes, all vantages.
type bucket struct {
	start    time.Time
	counts   slo.Counts
	measures [storage.Measures]storage.Summary
}

// history returns a service's buckets in the order of time, without gaps:
// those of spans in which nothing was measured are empty.
func (s *site) history(ctx context.Context, service *observatory.Service, r storage.Resolution, from, to time.Time) ([]bucket, error) {
	zone := from.Location()
	from = r.Start(from, zone)
	found := map[int64]*bucket{}
	for _, p := range service.Probes {
		q := storage.Query{Probe: p.ID, From: from, To: to, Resolution: r, Limit: maxRollups}
		for rollup, err := range s.Series.Rollups(ctx, q) {
			if err != nil {
				return nil, fmt.Errorf("series of %s: %w", p.ID, err)
			}
			key := rollup.Start.Unix()
			if found[key] == nil {
				found[key] = &bucket{start: rollup.Start.In(zone)}
			}
			found[key].add(rollup)
		}
	}
	var buckets []bucket
	for start := from; start.Before(to) && len(buckets) < maxRollups; start = r.End(start, zone) {
		if b := found[start.Unix()]; b != nil {
			buckets = append(buckets, *b)
		} else {
			buckets = append(buckets, bucket{start: start})
		}
	}
	return buckets, nil
}

func (b *bucket) add(r storage.Rollup) {
	b.counts = b.counts.Add(r.Counts)
	for m := range b.measures {
		b.measures[m].Merge(r.Measures[m])
	}
}

// mean returns the mean in seconds; false when nothing was measured.
func mean(s storage.Summary) (float64, bool) { return s.Mean().Seconds(), s.N > 0 }

// quantile returns a percentile in seconds; false when it is not known.
func quantile(s storage.Summary, q float64) (float64, bool) {
	d, ok := s.Quantile(q)
	return d.Seconds(), ok
}

// recentIncidents returns a service's incidents since a time, newest first.
func (s *site) recentIncidents(ctx context.Context, service *observatory.Service, from, to time.Time, limit int) ([]slo.Incident, error) {
	var all []slo.Incident
	for _, p := range service.Probes {
		some, err := s.Series.Incidents(ctx, storage.Query{Probe: p.ID, From: from, To: to, Limit: limit})
		if err != nil {
			return nil, fmt.Errorf("incidents of %s: %w", p.ID, err)
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b slo.Incident) int { return b.Start.Compare(a.Start) })
	return all[:min(len(all), limit)], nil
}
