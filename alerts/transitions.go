package alerts

import (
	"maps"
	"slices"

	"observatoire/observatory"
	"observatoire/slo"
)

// Why an alert ended other than by its breach. They stand in its Detail.
const (
	serviceGone = "the service is no longer in the catalogue"
	probeGone   = "the probe is no longer in the catalogue"
	levelGone   = "no level is declared for it any more"
)

// transitions returns what begins and what ends when the snapshot follows on
// what fires. An outage that ended and began again gives its end alone: its new
// beginning follows when the same snapshot is held against what then fires.
func transitions(firing map[string]Alert, s *observatory.Snapshot) []Alert {
	found := Find(s)
	var begun, ended []Alert
	still := make(map[string]bool)
	for _, a := range found.Firing {
		old, known := firing[a.Key]
		if known && restarted(old, a, s) {
			continue
		}
		still[a.Key] = true
		if !known {
			begun = append(begun, a)
		}
	}
	services := byID(s)
	for _, key := range slices.Sorted(maps.Keys(firing)) {
		if !still[key] && !found.Unsaid[key] {
			old := firing[key]
			ended = append(ended, end(old, s, services[old.Service]))
		}
	}
	return append(ended, begun...)
}

// restarted reports whether the outage that fires is over and another one of
// the same probe has begun since.
func restarted(old, present Alert, s *observatory.Snapshot) bool {
	if old.Kind != Outage {
		return false
	}
	closed := closedIncident(old, s)
	return closed != nil && !present.Start.Before(closed.End)
}

// closedIncident returns the incident that the outage began with, once it is closed.
func closedIncident(a Alert, s *observatory.Snapshot) *observatory.Incident {
	for i := range s.Incidents {
		incident := &s.Incidents[i]
		if incident.Probe == a.Probe && !incident.Open() && !incident.Start.After(a.Start) && incident.End.After(a.Start) {
			return incident
		}
	}
	return nil
}

// end returns the alert as it ended. service is nil when it left the catalogue.
func end(a Alert, s *observatory.Snapshot, service *observatory.Service) Alert {
	a.State, a.Time, a.End, a.Zone = Resolved, s.Time, s.Time, zone(s.Zone)
	switch {
	case a.Kind == Blind: // it has no service
	case service == nil:
		a.Detail = serviceGone
	case a.Kind == Outage:
		if closed := closedIncident(a, s); closed != nil {
			a.End, a.Hint = closed.End, string(closed.Hint)
		} else if !slices.ContainsFunc(service.Probes, func(p observatory.Probe) bool { return p.ID == a.Probe }) {
			a.Detail = probeGone
		}
	default:
		a = endLevel(a, service.Verdict(slo.Indicator(a.Indicator)))
	}
	return a
}

func endLevel(a Alert, v *slo.Verdict) Alert {
	switch {
	case v == nil || a.Kind == Commitment && v.Commitment == nil || a.Kind != Commitment && !v.Judged:
		a.Detail = levelGone
	case a.Kind == Commitment:
		promised(&a, v)
	default:
		measuredBy(&a, v)
	}
	return a
}
