package dashboard

import (
	"fmt"
	"strconv"
	"strings"

	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/storage"
)

// incidentPageView is what templates/incident.html shows.
type incidentPageView struct {
	T          *texts
	Home, List string
	Incident   incidentView
	Name       string // of the service
	Kind       string
	Producer   string
	State      badge
	Lead       string
	Hint       string
	Facts      []fact
	Timeline   []happening
	Evidence   []evidenceView
	Zone       string
	Affected   []dependencyView
	JSON       string
}

// happening is one line of an incident's course.
type happening struct {
	At    moment
	What  string
	Class string // of a state
}

// oneIncident shows an incident and what was seen of it.
func (s *site) oneIncident(v *visit) (*document, error) {
	i, kept, err := s.askedIncident(v)
	if err != nil {
		return nil, err
	}
	t := v.texts
	view := incidentPageView{
		T: t, Home: v.path("/"), List: v.path("/incidents"), Incident: v.incident(i), Name: i.ServiceName, Zone: v.zone(v.Zone),
		Timeline: v.timeline(i, kept), Hint: t.OneIncident.Hints[i.Hint], JSON: "/api/v1/incidents/" + strconv.FormatInt(i.ID, 10),
		State: badge{"up", t.OneIncident.Over},
	}
	if i.Open() {
		view.State = badge{"down", t.OneIncident.Lasts}
	}
	if service := v.ByID[i.Service]; service != nil {
		view.Kind, view.Producer = t.Kinds[service.Kind], service.ProducerName
		view.Affected = v.usedBy(service)
	}
	view.Lead = fill(t.OneIncident.LeadOver, view.Incident.Start.Text, view.Incident.End.Text, view.Incident.Duration)
	if i.Open() {
		view.Lead = fill(t.OneIncident.LeadOpen, view.Incident.Start.Text, view.Incident.Duration)
	}
	view.Facts = []fact{
		{Label: t.IncidentPage.Service, Text: i.ServiceName, URL: view.Incident.URL},
		{Label: t.IncidentPage.Probe, Text: view.Incident.Probe}, {Label: t.OneIncident.Vantage, Text: i.Vantage},
		{Label: t.IncidentPage.Failures, Text: view.Incident.Failures},
	}
	view.Evidence = v.evidence(telling(kept))
	title := fill(t.OneIncident.Title, i.ServiceName, v.day(i.Start.In(v.Zone)))
	path := "/incidents/" + strconv.FormatInt(i.ID, 10)
	return &document{page: "incident.html", title: title, summary: view.Lead, paths: both(path, path), content: view}, nil
}

// askedIncident returns the incident that a request asks for, and its failures
// whose evidence is kept.
func (s *site) askedIncident(v *visit) (observatory.Incident, []probes.Result, error) {
	if err := newQuery(v.Request).done(); err != nil {
		return observatory.Incident{}, nil, err
	}
	i, err := s.incidentNamed(v)
	if err != nil {
		return i, nil, err
	}
	kept, err := s.Series.Evidence(v.Context(), storage.Query{Probe: i.Probe, Vantage: i.Vantage, From: i.Start, To: i.End, Limit: maxEvidence})
	if err != nil {
		return i, nil, fmt.Errorf("evidence of incident %d: %w", i.ID, err)
	}
	return i, kept, nil
}

// incidentNamed returns the incident that an address names: one of the
// snapshot, or an older one.
func (s *site) incidentNamed(v *visit) (observatory.Incident, error) {
	name := v.PathValue("id")
	none := notFound(func(t *texts) string { return fill(t.Problems.NoIncident, short(name)) })
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != name {
		return observatory.Incident{}, none
	}
	for _, i := range v.Incidents {
		if i.ID == id {
			return i, nil
		}
	}
	older, err := s.Series.Incidents(v.Context(), storage.Query{ID: id, Limit: 1})
	if err != nil {
		return observatory.Incident{}, fmt.Errorf("incident %d: %w", id, err)
	}
	if len(older) == 0 {
		return observatory.Incident{}, none
	}
	i := observatory.Incident{Incident: older[0]}
	i.Service, _, _ = strings.Cut(i.Probe, "/")
	i.ServiceName = i.Service
	if service := v.ByID[i.Service]; service != nil {
		i.ServiceName = service.Name
	}
	return i, nil
}

// maxEvidence bounds what one request reads.
const maxEvidence = 100

// alike reports whether two failures have the same cause.
func alike(a, b probes.Result) bool {
	return a.Outcome == b.Outcome && a.Class == b.Class && a.Status == b.Status
}

// maxShown is how many failures a page shows in full.
const maxShown = 5

// telling returns the failures that say something new: the first, each with
// which the cause changed, and the last.
func telling(kept []probes.Result) []probes.Result {
	var shown []probes.Result
	for n, r := range kept {
		last := n == len(kept)-1
		if n == 0 || last || !alike(r, kept[n-1]) && len(shown) < maxShown-1 {
			shown = append(shown, r)
		}
	}
	return shown
}

// timeline tells the course of an incident.
func (v *visit) timeline(i observatory.Incident, kept []probes.Result) []happening {
	t := v.texts.OneIncident
	course := []happening{{v.at(i.Start.In(v.Zone)), t.First, "down"}}
	add := func(r probes.Result, what string) {
		course = append(course, happening{v.exact(r.Time.In(v.Zone)), what, r.Outcome.String()})
	}
	course[0].At = v.exact(i.Start.In(v.Zone))
	for n, r := range kept {
		switch {
		case !r.Time.After(i.Start):
		case n > 0 && !alike(r, kept[n-1]):
			add(r, fill(t.Changed, v.cause(r.Class.String())))
		case n == 1:
			add(r, t.Confirmed)
		case n == len(kept)-1:
			add(r, t.LastSeen)
		}
	}
	if i.Open() {
		now := v.Time
		if n := len(kept); n > 0 && kept[n-1].Time.After(now) { // measured since the snapshot was made
			now = kept[n-1].Time
		}
		return append(course, happening{v.exact(now.In(v.Zone)), t.StillDown, "down"})
	}
	return append(course, happening{v.exact(i.End.In(v.Zone)), t.End, "up"})
}
