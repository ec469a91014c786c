package observatory

import (
	"slices"
	"time"

	"observatoire/slo"
)

// declared names the level of freshness: no source recommends one, so that what
// the catalogue entry declares is the only one there is.
const declared = "declared"

// unjudged is the window of an indicator that no profile judges.
var unjudged = slo.Days(90)

// window are the figures of a service over one window.
type window struct {
	counts   slo.Counts
	server   mean
	page     mean
	coverage float64
}

// over sums up the days of a service from the start of a window on.
func (s *service) over(w slo.Window, now time.Time) window {
	var sum window
	start := w.Start(now)
	for _, t := range s.tracks {
		for _, d := range slices.Backward(t.days) {
			if d.date.Before(start) {
				break
			}
			sum.counts = sum.counts.Add(d.counts)
			sum.server = sum.server.add(d.server)
			sum.page = sum.page.add(d.page)
		}
	}
	if length := now.Sub(start) * time.Duration(len(s.tracks)); length > 0 {
		sum.coverage = min(1, float64(sum.counts.Covered())/float64(length))
	}
	return sum
}

// indicators returns what is measured of a service: what its kind is judged by,
// and what its profile judges beside that.
func (s *service) indicators(p slo.Profile) []slo.Indicator {
	list := []slo.Indicator{slo.Availability, slo.ServerTime}
	if s.view.Kind == Demarche {
		list[1] = slo.PageTime
	}
	for _, o := range p.Objectives {
		if !slices.Contains(list, o.Indicator) {
			list = append(list, o.Indicator)
		}
	}
	return list
}

// verdicts returns the verdict on each indicator of a service.
func (o *Observatory) verdicts(s *service, now time.Time) []slo.Verdict {
	profile := o.Profiles[s.view.Profile]
	sums := make(map[slo.Window]window)
	over := func(w slo.Window) window {
		sum, ok := sums[w]
		if !ok {
			sum = s.over(w, now)
			sums[w] = sum
		}
		return sum
	}
	var verdicts []slo.Verdict
	for _, i := range s.indicators(profile) {
		objective, judged := profile.Objective(i)
		if !judged {
			objective.Window = unjudged
		}
		sum := over(objective.Window)
		v := slo.Verdict{
			Indicator: i, Window: objective.Window, Coverage: sum.coverage,
			Profile: profile.Name, Source: objective.Source, Judged: judged,
			Target: objective.Optimal.Limit, Floor: objective.Floor(),
		}
		v.Value, v.Measurements = sum.value(i)
		if judged {
			v.Level = objective.Level(v.Value, v.Measurements)
		}
		if i == slo.Availability {
			v.Including, _ = sum.counts.Including()
			if judged {
				v.Budget = sum.counts.Budget(v.Target)
			}
			if c := s.view.Commitment; c != nil {
				target := float64(c.Availability)
				kept := over(c.Window)
				v.Commitment = &slo.Pledge{
					Target: target, Window: c.Window, Coverage: kept.coverage,
					Source: c.Source, Seen: string(c.Seen),
				}
				v.Commitment.Value, v.Commitment.Measurements = kept.value(i)
				v.Commitment.Judge(objective.MinMeasurements)
			}
		}
		verdicts = append(verdicts, v)
	}
	if v, ok := s.freshness(now); ok {
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// value returns an indicator over the window and the measurements it rests on.
func (w window) value(i slo.Indicator) (float64, int64) {
	switch i {
	case slo.ServerTime:
		v, _ := w.server.value()
		return v, w.server.n
	case slo.PageTime:
		v, _ := w.page.value()
		return v, w.page.n
	}
	v, _ := w.counts.Availability()
	return v, w.counts.Definite().N
}

// freshness returns the verdict on the age of a service's data: that of the
// probe whose data is the latest beyond what is declared for it.
func (s *service) freshness(now time.Time) (slo.Verdict, bool) {
	v := slo.Verdict{Indicator: slo.Freshness, Window: slo.Latest, Profile: declared}
	found := false
	worst := -1.0
	for _, t := range s.tracks {
		if !t.Dated {
			continue
		}
		found = true
		age, ok := t.age(now)
		if !ok {
			continue
		}
		due, judged := t.due()
		allowed := due.Sub(t.dated.DataTime).Seconds()
		rank := 0.0 // data without a declared age is shown only where no other is
		if judged {
			rank = 1 + age.Seconds()/allowed
		}
		if rank <= worst {
			continue
		}
		worst = rank
		v.Value, v.Measurements, v.Coverage = age.Seconds(), 1, 1
		v.Judged, v.Target, v.Floor, v.Source, v.Level = judged, 0, 0, "", slo.Pending
		if judged {
			v.Target, v.Floor, v.Source = allowed, allowed, "catalogue: "+t.ID
			v.Level = slo.Weak
			if !t.dated.Time.After(due) {
				v.Level = slo.Optimal
			}
		}
	}
	return v, found
}

// due returns until when the data counts as fresh; false when nothing is
// declared for it.
func (t *track) due() (time.Time, bool) {
	if t.Limit == nil {
		return time.Time{}, false
	}
	due, ok := t.Limit.Due(t.dated.DataTime)
	return due, ok && due.After(t.dated.DataTime)
}

// age returns the age of the data when it was last measured; false when that
// was too long ago to speak of the present.
func (t *track) age(now time.Time) (time.Duration, bool) {
	if t.tooOld(t.dated, now) {
		return 0, false
	}
	return t.dated.Age()
}
