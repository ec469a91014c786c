package dashboard

import "net/http"

// problemView is what templates/problem.html shows.
type problemView struct {
	T       *texts
	Status  int
	Heading string
	Text    string
	Links   []navLink
}

// problemPage is the page that says what is wrong and where to go on.
func (s *site) problemPage(v *visit, p *problem) *document {
	t := v.texts
	heading := t.Problems.Headings[p.status]
	if heading == "" {
		heading = http.StatusText(p.status)
	}
	return &document{status: p.status, page: "problem.html", title: heading, summary: heading, content: problemView{
		T: t, Status: p.status, Heading: heading, Text: p.text(t),
		Links: []navLink{
			{URL: v.path("/"), Label: t.Problems.ToOverview},
			{URL: v.path("/incidents"), Label: t.Problems.ToIncidents},
			{URL: v.path(both("/methodologie", "/methodology")[v.number()]), Label: t.Problems.ToMethodology},
		},
	}}
}
