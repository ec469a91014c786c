package dashboard

import (
	"time"

	"observatoire/observatory"
	"observatoire/probes"
)

type apiIncidentDetail struct {
	apiIncident
	Affected []string      `json:"affected"` // ids of the démarches that need the service
	Evidence []apiEvidence `json:"evidence"` // of some of the failures, in the order of time; none when it is past its retention
}

type apiEvidence struct {
	apiResult
	URL         string               `json:"url,omitempty"`
	StatusLine  string               `json:"status_line,omitempty"`
	Remote      string               `json:"remote,omitempty"`
	Headers     []probes.HeaderField `json:"headers,omitempty"`
	Body        string               `json:"body,omitempty"`
	BodyCut     bool                 `json:"body_cut,omitempty"`
	BodyHidden  string               `json:"body_hidden,omitempty"` // why it is not shown: binary or private
	Certificate *probes.Presented    `json:"certificate,omitempty"`
	Failed      []apiCheck           `json:"failed,omitempty"`
	Hops        []apiHop             `json:"hops,omitempty"`
}

type apiCheck struct {
	Assertion string `json:"assertion"`
	Detail    string `json:"detail"` // expected and actual
	Critical  bool   `json:"critical"`
}

type apiHop struct {
	URL    string `json:"url"`
	Status int    `json:"status,omitempty"`
	Remote string `json:"remote,omitempty"`
}

func (s *site) apiOneIncident(v *visit) (any, error) {
	i, kept, err := s.askedIncident(v)
	if err != nil {
		return nil, err
	}
	d := apiIncidentDetail{apiIncident: asAPIIncident(i), Affected: []string{}, Evidence: []apiEvidence{}}
	if service := v.ByID[i.Service]; service != nil {
		d.Affected = append(d.Affected, service.UsedBy...)
	}
	for _, r := range kept {
		d.Evidence = append(d.Evidence, asAPIEvidence(r))
	}
	return d, nil
}

func asAPIIncident(i observatory.Incident) apiIncident {
	one := apiIncident{ID: i.ID, Service: i.Service, Name: i.ServiceName, Probe: i.Probe, Vantage: i.Vantage,
		Start: i.Start.UTC(), Cause: i.Class, Detail: i.Detail, Failures: i.Failures, Hint: i.Hint}
	if !i.Open() {
		end := i.End.UTC()
		one.End = &end
	}
	return one
}

func asAPIEvidence(r probes.Result) apiEvidence {
	e := r.Evidence
	one := apiEvidence{
		apiResult: *asAPIResult(r), URL: e.URL, StatusLine: e.StatusLine, Remote: e.Remote, Headers: e.Header,
		Body: e.Body, BodyCut: e.BodyCut, BodyHidden: e.BodyHidden, Certificate: e.Certificate,
	}
	one.DataTime = time.Time{} // a failure has none to speak of
	for _, c := range e.Checks {
		one.Failed = append(one.Failed, apiCheck{c.Assertion, c.Detail, c.Critical})
	}
	for _, h := range e.Hops {
		one.Hops = append(one.Hops, apiHop{h.URL, h.Status, h.Remote})
	}
	return one
}
