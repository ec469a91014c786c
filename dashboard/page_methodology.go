package dashboard

import (
	"observatoire/slo"
)

// methodologyView is what templates/methodology.html shows.
type methodologyView struct {
	T        *texts
	Sections []section
	Profiles []profileView
	Since    moment
	Zone     string
	Vantage  string
	Contact  string
	URL      string
}

// profileView is one set of recommended levels.
type profileView struct {
	Name, Title string
	Objectives  []objectiveView
}

type objectiveView struct{ Indicator, Optimal, Partial, Weak, Window, Minimum, Source string }

func (s *site) methodology(v *visit) (*document, error) {
	if err := newQuery(v.Request).done(); err != nil {
		return nil, err
	}
	t := v.texts
	view := methodologyView{T: t, Sections: t.Methodology.Sections, Since: v.at(v.Since.In(v.Zone)), Zone: v.zone(v.Zone),
		Vantage: s.Site.Vantage, Contact: s.Site.Contact, URL: contactLink(s.Site.Contact)}
	if v.Since.IsZero() {
		view.Since = moment{}
	}
	for _, name := range sortedKeys(s.Profiles) {
		view.Profiles = append(view.Profiles, v.profile(s.Profiles[name]))
	}
	return &document{page: "methodology.html", title: t.Methodology.Title, summary: t.Methodology.Lead,
		paths: both("/methodologie", "/methodology"), content: view}, nil
}

func (v *visit) profile(p slo.Profile) profileView {
	t := v.texts
	view := profileView{Name: p.Name, Title: v.typeset(p.Title)}
	for _, o := range p.Objectives {
		row := objectiveView{Indicator: t.Indicators[o.Indicator].Name, Optimal: v.band(o.Indicator, o.Optimal.Limit, o.Optimal), Partial: "–",
			Weak: t.Methodology.Beyond, Window: v.window(o.Window), Minimum: v.count(o.MinMeasurements), Source: v.typeset(o.Source)}
		if !o.Partial.IsZero() {
			row.Partial = v.band(o.Indicator, o.Partial.Limit, o.Partial)
		}
		view.Objectives = append(view.Objectives, row)
	}
	return view
}
