package dashboard

import (
	"cmp"
	"net/url"
	"strconv"
)

var incidentChoices = []string{"all", "open"}

// incidentsView is what templates/incidents.html shows.
type incidentsView struct {
	T              *texts
	Action         string
	Zone           string
	Tabs           []navLink
	Service        string // whose alone are shown
	Result         string
	Incidents      []incidentView
	Previous, Next string
	Position       string
}

func (s *site) incidents(v *visit) (*document, error) {
	q := newQuery(v.Request)
	state := cmp.Or(q.choice("state", incidentChoices...), "all")
	service := q.text("service", 100)
	number := q.number("page", 1000)
	if err := q.done(); err != nil {
		return nil, err
	}
	t := v.texts
	view := incidentsView{T: t, Action: v.path("/incidents"), Zone: v.zone(v.Zone)}
	if service != "" {
		named := v.ByID[service]
		if named == nil {
			return nil, notFound(func(t *texts) string { return fill(t.Problems.NoService, short(service)) })
		}
		view.Service = named.Name
	}
	var found []int
	for n, i := range v.Incidents {
		if (state == "all" || i.Open()) && (service == "" || i.Service == service) {
			found = append(found, n)
		}
	}
	pages := max(1, (len(found)+pageSize-1)/pageSize)
	if number > pages {
		return nil, notFound(func(t *texts) string { return fill(t.Problems.NoResultPage, strconv.Itoa(pages)) })
	}
	first := (number - 1) * pageSize
	for _, n := range found[first:min(len(found), first+pageSize)] {
		view.Incidents = append(view.Incidents, v.incident(v.Incidents[n]))
	}
	address := func(state string, number int) string { return incidentSearch(state, service, number) }
	view.Tabs = []navLink{
		{view.Action + address("all", 1), t.IncidentPage.All, state == "all"},
		{view.Action + address("open", 1), t.IncidentPage.Open, state == "open"},
	}
	view.Result = v.plural(len(found), t.IncidentPage.ResultOne, t.IncidentPage.ResultMany)
	if pages > 1 {
		view.Position = fill(t.Overview.Position, strconv.Itoa(number), strconv.Itoa(pages))
		if number > 1 {
			view.Previous = view.Action + address(state, number-1)
		}
		if number < pages {
			view.Next = view.Action + address(state, number+1)
		}
	}
	return &document{page: "incidents.html", title: t.IncidentPage.Title, summary: t.IncidentPage.Lead,
		paths: both("/incidents", "/incidents"), search: address(state, number), content: view}, nil
}

func incidentSearch(state, service string, number int) string {
	values := url.Values{}
	if state != "all" {
		values.Set("state", state)
	}
	if service != "" {
		values.Set("service", service)
	}
	if number > 1 {
		values.Set("page", strconv.Itoa(number))
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}
