package dashboard

import (
	"html/template"

	"observatoire/observatory"
	"observatoire/slo"
)

// producersView is what templates/producers.html shows.
type producersView struct {
	T         *texts
	Producers []producerRow
}

type producerRow struct {
	Name, URL, Site string
	Services        string
	Share           string
	Bar             template.HTML
	Down            string
}

func (s *site) producers(v *visit) (*document, error) {
	if err := newQuery(v.Request).done(); err != nil {
		return nil, err
	}
	t := v.texts
	view := producersView{T: t}
	for _, p := range v.index.producers {
		r := producerRow{Name: p.Name, URL: v.path("/") + filter{Producer: p.ID}.address(), Site: p.URL, Share: t.Levels[slo.Pending].Name,
			Services: v.count(int64(p.Services)), Bar: levelBar(p.levels), Down: v.count(int64(p.states[observatory.Down]))}
		if n := p.levels.judged(); n > 0 {
			r.Share = fill(t.ProducerPage.Of, v.count(int64(p.levels[slo.Optimal])), v.count(int64(n)))
		}
		view.Producers = append(view.Producers, r)
	}
	return &document{page: "producers.html", title: t.ProducerPage.Title, summary: t.ProducerPage.Lead,
		paths: both("/producteurs", "/producers"), content: view}, nil
}
