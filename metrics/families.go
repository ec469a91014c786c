package metrics

import (
	"slices"
	"time"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
)

// families are the metrics that are read from the snapshot.
func families() []family {
	return slices.Concat(verdictFamilies(), commitmentFamilies(), serviceFamilies(), probeFamilies())
}

const verdictUnit = " (availability: ratio from 0 to 1; server_time, page_time, freshness: seconds)"

func verdictFamilies() []family {
	labels := []string{"service", "kind", "indicator", "window"}
	return []family{
		{
			"indicator_value", "What was measured over the window, unrounded" + verdictUnit + ".", labels,
			verdicts(func(v *slo.Verdict) (float64, bool) { return v.Value, v.Measurements > 0 }),
		},
		{
			"indicator_target", "Recommended value, from which the level is optimal" + verdictUnit + ".", labels,
			verdicts(func(v *slo.Verdict) (float64, bool) { return v.Target, v.Judged }),
		},
		{
			"indicator_measurements", "Measurements in the window that the value rests on.", labels,
			verdicts(func(v *slo.Verdict) (float64, bool) { return float64(v.Measurements), true }),
		},
		{
			"indicator_coverage_ratio", "Share of the window that the measurements stand for, from 0 to 1.", labels,
			verdicts(func(v *slo.Verdict) (float64, bool) { return v.Coverage, true }),
		},
		{
			"indicator_level", "1 for the level that the value reaches, 0 for the others; pending means too few measurements.",
			append(slices.Clone(labels), "level"), eachLevel,
		},
	}
}

func commitmentFamilies() []family {
	labels := []string{"service", "kind", "indicator", "window"}
	return []family{
		{
			"commitment_value", "What was measured over the window of the producer's commitment, unrounded" + verdictUnit + ".", labels,
			pledges(func(p *slo.Pledge) (float64, bool) { return p.Value, p.Measurements > 0 }),
		},
		{
			"commitment_target", "What the producer promises" + verdictUnit + ".", labels,
			pledges(func(p *slo.Pledge) (float64, bool) { return p.Target, true }),
		},
		{
			"commitment_kept", "1 when the producer's commitment is kept, 0 when not.", labels,
			pledges(func(p *slo.Pledge) (float64, bool) { return is(p.Kept), p.Judged }),
		},
	}
}

func serviceFamilies() []family {
	return []family{
		{
			"service_state", "1 for the state that the service is in, 0 for the others.",
			[]string{"service", "kind", "state"}, eachState,
		},
		{
			"incident_open", "1 while an incident of the probe lasts, 0 otherwise.",
			[]string{"service", "probe"}, eachIncident,
		},
		{
			"blind", "1 while most of what is measured fails through a fault of the observatory's own, 0 otherwise.", nil,
			func(s *observatory.Snapshot, emit emitter) { emit(is(!s.Blind.IsZero())) },
		},
		{
			"snapshot_timestamp_seconds", "Unix time at which what is said of the services was last worked out.", nil,
			func(s *observatory.Snapshot, emit emitter) { emit(unix(s.Time)) },
		},
	}
}

func probeFamilies() []family {
	labels := []string{"service", "probe"}
	return []family{
		{
			"probe_success", "1 when the service answered the latest run as it should (up or degraded), 0 when not (down).", labels,
			latest(func(r *probes.Result) (float64, bool) { return is(r.Answered()), r.Outcome != probes.Unknown }),
		},
		{
			"probe_outcome", "1 for the outcome of the latest run, 0 for the others.",
			append(slices.Clone(labels), "outcome"), eachOutcome,
		},
		{
			"probe_http_status_code", "HTTP status of the answer to the latest run.", labels,
			latest(func(r *probes.Result) (float64, bool) { return float64(r.Status), r.Status > 0 }),
		},
		{
			"probe_certificate_not_after_timestamp_seconds", "Unix time at which the first certificate of the chain expires, as of the latest run.", labels,
			latest(func(r *probes.Result) (float64, bool) { return unix(r.NotAfter), !r.NotAfter.IsZero() }),
		},
		{
			"data_age_seconds", "Seconds from the date that the data carries to the latest run.", labels,
			latest(func(r *probes.Result) (float64, bool) {
				age, dated := r.Age()
				return age.Seconds(), dated
			}),
		},
		{
			"probe_last_run_timestamp_seconds", "Unix time at which the latest run began.", labels,
			latest(func(r *probes.Result) (float64, bool) { return unix(r.Time), true }),
		},
	}
}

// verdicts emits one value of each verdict, when it is known.
func verdicts(value func(*slo.Verdict) (float64, bool)) func(*observatory.Snapshot, emitter) {
	return func(snapshot *observatory.Snapshot, emit emitter) {
		for _, s := range snapshot.Services {
			for i := range s.Verdicts {
				v := &s.Verdicts[i]
				if f, known := value(v); known {
					emit(f, s.ID, string(s.Kind), string(v.Indicator), v.Window.String())
				}
			}
		}
	}
}

// pledges emits one value of each commitment, when it is known.
func pledges(value func(*slo.Pledge) (float64, bool)) func(*observatory.Snapshot, emitter) {
	return func(snapshot *observatory.Snapshot, emit emitter) {
		for _, s := range snapshot.Services {
			for _, v := range s.Verdicts {
				if v.Commitment == nil {
					continue
				}
				if f, known := value(v.Commitment); known {
					emit(f, s.ID, string(s.Kind), string(v.Indicator), v.Commitment.Window.String())
				}
			}
		}
	}
}

// latest emits one value of the latest run of each probe, when it is known.
func latest(value func(*probes.Result) (float64, bool)) func(*observatory.Snapshot, emitter) {
	return func(snapshot *observatory.Snapshot, emit emitter) {
		for _, s := range snapshot.Services {
			for i := range s.Probes {
				p := &s.Probes[i]
				if p.Latest.Time.IsZero() {
					continue
				}
				if f, known := value(&p.Latest); known {
					emit(f, s.ID, p.ID)
				}
			}
		}
	}
}

func eachLevel(snapshot *observatory.Snapshot, emit emitter) {
	for _, s := range snapshot.Services {
		for _, v := range s.Verdicts {
			if !v.Judged {
				continue
			}
			for level := slo.Pending; level <= slo.Optimal; level++ {
				emit(is(v.Level == level), s.ID, string(s.Kind), string(v.Indicator), v.Window.String(), level.String())
			}
		}
	}
}

func eachState(snapshot *observatory.Snapshot, emit emitter) {
	for _, s := range snapshot.Services {
		for state := observatory.Unknown; state <= observatory.Maintenance; state++ {
			emit(is(s.State == state), s.ID, string(s.Kind), state.String())
		}
	}
}

// eachIncident tells of the probes in the catalogue alone: an incident of one
// that is no longer watched has no series.
func eachIncident(snapshot *observatory.Snapshot, emit emitter) {
	open := map[string]bool{}
	for _, i := range snapshot.Incidents {
		open[i.Probe] = open[i.Probe] || i.Open()
	}
	for _, s := range snapshot.Services {
		for i := range s.Probes {
			emit(is(open[s.Probes[i].ID]), s.ID, s.Probes[i].ID)
		}
	}
}

func eachOutcome(snapshot *observatory.Snapshot, emit emitter) {
	for _, s := range snapshot.Services {
		for i := range s.Probes {
			p := &s.Probes[i]
			if p.Latest.Time.IsZero() {
				continue
			}
			for _, o := range outcomes() {
				emit(is(p.Latest.Outcome == o), s.ID, p.ID, o.String())
			}
		}
	}
}

// unix returns the Unix time in seconds, kept to the millisecond.
func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
