package metrics_test

import (
	"fmt"
	"time"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
)

// made is when the snapshots of the tests were made.
var made = time.Date(2026, 11, 20, 10, 0, 0, 500_000_000, time.UTC)

// availability has more digits than any display shows.
const availability = 0.99896123456789

func service(id string, kind observatory.Kind, verdicts ...slo.Verdict) *observatory.Service {
	return &observatory.Service{
		Service: catalogue.Service{ID: id, Name: id}, Kind: kind, State: observatory.Up, Verdicts: verdicts,
	}
}

// snapshot returns one API that is well known and one démarche of which next to
// nothing is.
func snapshot() *observatory.Snapshot {
	geo := service("api-geo", observatory.API,
		slo.Verdict{
			Indicator: slo.Availability, Value: availability, Level: slo.Partial, Target: 0.999, Floor: 0.985,
			Window: slo.Days(90), Measurements: 25000, Coverage: 0.97, Judged: true,
			Commitment: &slo.Pledge{
				Target: 0.995, Value: 0.9951, Window: slo.Month, Measurements: 5600, Coverage: 1, Judged: true, Kept: true,
			},
		},
		slo.Verdict{Indicator: slo.ServerTime, Value: 0.0421, Level: slo.Optimal, Target: 0.05, Window: slo.Days(90), Measurements: 24900, Coverage: 0.97, Judged: true},
		slo.Verdict{Indicator: slo.Freshness, Value: 120, Window: slo.Latest, Measurements: 1, Coverage: 1},
	)
	geo.State = observatory.Degraded
	geo.Probes = []observatory.Probe{
		{ID: "api-geo/communes", Latest: probes.Result{
			Probe: "api-geo/communes", Time: made.Add(-time.Minute), Outcome: probes.Up, Status: 206,
			DataTime: made.Add(-3 * time.Minute), NotAfter: time.Unix(1_800_000_000, 0),
		}},
		{ID: "api-geo/regions", Latest: probes.Result{
			Probe: "api-geo/regions", Time: made.Add(-time.Minute), Outcome: probes.Down, Class: probes.ClassConnect,
		}},
		{ID: "api-geo/epci", Latest: probes.Result{
			Probe: "api-geo/epci", Time: made.Add(-time.Minute), Outcome: probes.Unknown, Class: probes.ClassQuota, Status: 429,
		}},
	}
	birth := service("acte-naissance", observatory.Demarche,
		slo.Verdict{
			Indicator: slo.Availability, Level: slo.Pending, Target: 0.999, Window: slo.Days(90), Judged: true,
			Commitment: &slo.Pledge{Target: 0.98, Window: slo.Day},
		})
	birth.State = observatory.Unknown
	birth.Probes = []observatory.Probe{{ID: "acte-naissance/page"}}
	return &observatory.Snapshot{
		Time: made, Zone: time.UTC, Services: []*observatory.Service{geo, birth},
		Incidents: []observatory.Incident{
			{Incident: slo.Incident{Probe: "api-geo/regions", Start: made.Add(-time.Hour)}, Service: "api-geo"},
			{Incident: slo.Incident{Probe: "api-geo/communes", Start: made.Add(-time.Hour), End: made}, Service: "api-geo"},
			{Incident: slo.Incident{Probe: "gone/p", Start: made.Add(-time.Hour)}, Service: "gone"},
		},
	}
}

// manyServices returns a snapshot of n services with two probes each.
func manyServices(n int) *observatory.Snapshot {
	s := snapshot()
	geo := s.Services[0]
	s.Services = nil
	for i := range n {
		id := fmt.Sprintf("api-%d", i)
		one := service(id, observatory.API, geo.Verdicts...)
		for j := range 2 {
			p := geo.Probes[0]
			p.ID = fmt.Sprintf("%s/probe-%d", id, j)
			one.Probes = append(one.Probes, p)
		}
		s.Services = append(s.Services, one)
	}
	return s
}
