package dashboard

import (
	"cmp"
	"net/http"
	"time"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
)

// The values of the JSON API. Fields are only ever added.

type apiService struct {
	ID           string            `json:"id"`
	Kind         observatory.Kind  `json:"kind"`
	Name         string            `json:"name"`
	Producer     string            `json:"producer"`
	State        observatory.State `json:"state"`
	Indicators   []apiIndicator    `json:"indicators"`
	ProducerName string            `json:"producer_name"`
	Access       catalogue.Access  `json:"access,omitempty"`
	URL          string            `json:"url,omitempty"`     // of a démarche
	Measured     time.Time         `json:"measured,omitzero"` // the latest measurement
}

type apiIndicator struct {
	Indicator    slo.Indicator  `json:"indicator"`
	Value        *float64       `json:"value"` // null when nothing was measured
	Unit         slo.Unit       `json:"unit"`
	Level        slo.Level      `json:"level"`
	Target       *float64       `json:"target"` // null when it is not judged
	Window       slo.Window     `json:"window"`
	Measurements int64          `json:"measurements"`
	Coverage     float64        `json:"coverage"`
	Profile      string         `json:"profile"`
	Source       string         `json:"source"`
	Commitment   *apiCommitment `json:"commitment"`
	Floor        *float64       `json:"floor"`                           // the limit of partial
	Including    *float64       `json:"including_maintenance,omitempty"` // availability with maintenance counted
	BudgetLeft   *float64       `json:"error_budget_left_seconds,omitempty"`
}

type apiCommitment struct {
	Target       float64    `json:"target"`
	Value        *float64   `json:"value"`
	Window       slo.Window `json:"window"`
	Kept         *bool      `json:"kept"` // null while too little is measured to say
	Source       string     `json:"source"`
	Seen         string     `json:"seen"`
	Measurements int64      `json:"measurements"`
}

type apiDetail struct {
	apiService
	Probes    []apiProbe      `json:"probes"`
	Days      []apiDay        `json:"days"`
	DependsOn []apiDependency `json:"depends_on"`
	UsedBy    []string        `json:"used_by"`
}

type apiProbe struct {
	ID     string     `json:"id"`
	Kind   string     `json:"kind"`
	Target string     `json:"target"`
	Period float64    `json:"period_seconds"`
	Latest *apiResult `json:"latest"` // null before the first
	Hint   slo.Hint   `json:"hint,omitempty"`
}

type apiResult struct {
	Time        time.Time          `json:"time"`
	Outcome     probes.Outcome     `json:"outcome"`
	Cause       probes.ErrorClass  `json:"cause,omitempty"`
	Detail      string             `json:"detail,omitempty"`
	Maintenance bool               `json:"maintenance"`
	Status      int                `json:"status,omitempty"`
	Size        int64              `json:"size"`
	Phases      map[string]float64 `json:"phases_seconds"`
	DataTime    time.Time          `json:"data_time,omitzero"`
	NotAfter    time.Time          `json:"certificate_expires,omitzero"`
}

type apiDay struct {
	Date         string    `json:"date"`
	Availability *float64  `json:"availability"`
	Level        slo.Level `json:"level"`
	Measurements int64     `json:"measurements"`
}

type apiDependency struct {
	ID     string            `json:"id"`
	Name   string            `json:"name"`
	State  observatory.State `json:"state"`
	Source string            `json:"source"`
}

type apiIncident struct {
	ID       int64      `json:"id"`
	Service  string     `json:"service"`
	Name     string     `json:"service_name"`
	Probe    string     `json:"probe"`
	Vantage  string     `json:"vantage"`
	Start    time.Time  `json:"start"`
	End      *time.Time `json:"end"` // null while it lasts
	Cause    string     `json:"cause"`
	Detail   string     `json:"detail"`
	Failures int64      `json:"failures"`
	Hint     slo.Hint   `json:"hint,omitempty"` // dead or moved: what it looks like beside an outage
}

type apiError struct {
	Error apiFault `json:"error"`
}

type apiFault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// faultCodes are the words for machines of each status.
var faultCodes = map[int]string{
	http.StatusBadRequest: "bad_request", http.StatusNotFound: "not_found",
	http.StatusInternalServerError: "internal", http.StatusServiceUnavailable: "starting",
}

func (s *site) apiServices(v *visit) (any, error) {
	q := newQuery(v.Request)
	f := readFilter(q)
	if err := q.done(); err != nil {
		return nil, err
	}
	if !f.active() {
		return v.list()
	}
	list := []apiService{}
	for _, r := range f.rows(v.index) {
		list = append(list, asAPI(r.Service))
	}
	return list, nil
}

func apiList(rows []row) []apiService {
	list := make([]apiService, 0, len(rows))
	for _, r := range rows {
		list = append(list, asAPI(r.Service))
	}
	return list
}

// apiNamed returns the service that an address names.
func apiNamed(v *visit) (*observatory.Service, error) {
	if service := v.ByID[v.PathValue("id")]; service != nil {
		return service, nil
	}
	id := short(v.PathValue("id"))
	return nil, notFound(func(t *texts) string { return fill(t.Problems.NoService, id) })
}

func (s *site) apiService(v *visit) (any, error) {
	if err := newQuery(v.Request).done(); err != nil {
		return nil, err
	}
	service, err := apiNamed(v)
	if err != nil {
		return nil, err
	}
	d := apiDetail{apiService: asAPI(service), Probes: []apiProbe{}, Days: []apiDay{}, DependsOn: []apiDependency{}, UsedBy: []string{}}
	for _, p := range service.Probes {
		one := apiProbe{ID: p.ID, Kind: p.Kind, Target: p.Target, Period: p.Period.Seconds(), Hint: p.Hint}
		if !p.Latest.Time.IsZero() {
			one.Latest = asAPIResult(p.Latest)
		}
		d.Probes = append(d.Probes, one)
	}
	for _, day := range service.Strip.Days() {
		one := apiDay{Date: day.Date.Format(time.DateOnly), Level: day.Level, Measurements: day.Measurements}
		if day.Measurements > 0 {
			one.Availability = &day.Availability
		}
		d.Days = append(d.Days, one)
	}
	for _, dep := range service.DependsOn {
		d.DependsOn = append(d.DependsOn, apiDependency{dep.ID, dep.Name, dep.State, dep.Source})
	}
	d.UsedBy = append(d.UsedBy, service.UsedBy...)
	return d, nil
}

func (s *site) apiIncidents(v *visit) (any, error) {
	q := newQuery(v.Request)
	state, service := cmp.Or(q.choice("state", incidentChoices...), "all"), q.text("service", 100)
	if err := q.done(); err != nil {
		return nil, err
	}
	if service != "" && v.ByID[service] == nil {
		return nil, notFound(func(t *texts) string { return fill(t.Problems.NoService, short(service)) })
	}
	list := []apiIncident{}
	for _, i := range v.Incidents {
		if state == "open" && !i.Open() || service != "" && i.Service != service {
			continue
		}
		list = append(list, asAPIIncident(i))
	}
	return list, nil
}

func asAPI(s *observatory.Service) apiService {
	one := apiService{ID: s.ID, Kind: s.Kind, Name: s.Name, Producer: s.Producer, ProducerName: s.ProducerName, State: s.State, Indicators: []apiIndicator{}}
	if s.API != nil {
		one.Access = s.API.Access
	}
	if s.Demarche != nil {
		one.URL = s.Demarche.URL
	}
	for _, p := range s.Probes {
		if p.Latest.Time.After(one.Measured) {
			one.Measured = p.Latest.Time.UTC()
		}
	}
	for _, v := range s.Verdicts {
		one.Indicators = append(one.Indicators, asAPIIndicator(v))
	}
	return one
}

func asAPIResult(r probes.Result) *apiResult {
	p := r.Phases
	return &apiResult{Time: r.Time.UTC(), Outcome: r.Outcome, Cause: r.Class, Detail: r.Detail, Maintenance: r.Maintenance, Status: r.Status, Size: r.Size,
		Phases: map[string]float64{"redirect": p.Redirect.Seconds(), "dns": p.DNS.Seconds(), "connect": p.Connect.Seconds(), "tls": p.TLS.Seconds(),
			"wait": p.Wait.Seconds(), "transfer": p.Transfer.Seconds(), "total": p.Total().Seconds()},
		DataTime: r.DataTime, NotAfter: r.NotAfter}
}

func asAPIIndicator(v slo.Verdict) apiIndicator {
	one := apiIndicator{Indicator: v.Indicator, Unit: v.Indicator.Unit(), Level: v.Level, Window: v.Window,
		Measurements: v.Measurements, Coverage: v.Coverage, Profile: v.Profile, Source: v.Source}
	if v.Judged {
		one.Target, one.Floor = &v.Target, &v.Floor
	}
	if v.Measurements > 0 {
		one.Value = &v.Value
		if v.Indicator == slo.Availability {
			one.Including = &v.Including
			if v.Judged {
				left := v.Budget.Left().Seconds()
				one.BudgetLeft = &left
			}
		}
	}
	if p := v.Commitment; p != nil {
		c := apiCommitment{Target: p.Target, Window: p.Window, Source: p.Source, Seen: p.Seen, Measurements: p.Measurements}
		if p.Measurements > 0 {
			c.Value = &p.Value
		}
		if p.Judged {
			c.Kept = &p.Kept
		}
		one.Commitment = &c
	}
	return one
}
