package dashboard

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"strconv"
	"strings"

	"observatoire/observatory"
	"observatoire/slo"
)

//go:embed templates/*.html
var templates embed.FS

// parsePages returns each page's template with the layout and the parts that
// pages share.
func parsePages() (map[string]*template.Template, error) {
	shared, err := template.New("").Funcs(template.FuncMap{"fill": fill}).ParseFS(templates, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		base := path.Base(name)
		if base == "layout.html" || base == "parts.html" {
			continue
		}
		one, err := shared.Clone()
		if err == nil {
			_, err = one.ParseFS(templates, name)
		}
		if err != nil {
			return nil, fmt.Errorf("dashboard: %s: %w", base, err)
		}
		pages[base] = one
	}
	return pages, nil
}

// document is a page before its layout.
type document struct {
	status  int    // 0 means 200
	page    string // its template
	title   string // empty on the first page
	summary string
	paths   [2]string // of the page in each language, without prefix; empty for a problem
	search  string    // the address's query, such as "?page=2"
	charts  bool
	content any
}

// both returns the paths of a page in each language.
func both(fr, en string) [2]string { return [2]string{fr, en} }

// layoutView is what templates/layout.html shows around a page.
type layoutView struct {
	T                  *texts
	Lang               string
	Site               Site
	Title, Summary     string
	Simulated          bool
	Blind              string // since when the observatory sees nothing
	Home               string
	Nav                []navLink
	Languages          []languageLink
	Canonical          string
	Alternates         []languageLink
	Style, Script      string
	ChartScript, Icon  string
	ContactURL         string
	Stamp              moment
	Zone, Version, API string
	Content            any
}

type navLink struct {
	URL, Label string
	Current    bool
}

type languageLink struct {
	URL, Code, Label string
	Current          bool
}

func (s *site) layout(v *visit, d *document) layoutView {
	t := v.texts
	view := layoutView{
		T: t, Lang: v.code, Site: s.Site, Title: s.title(d), Summary: d.summary, Simulated: s.Simulated, Home: v.path("/"),
		Style: s.assets.url("site.css"), Script: s.assets.url("site.js"), Icon: s.assets.url("icon.svg"),
		ContactURL: contactLink(s.Site.Contact), Version: s.Version, API: "/api/v1/services", Content: d.content,
	}
	if d.charts {
		view.ChartScript = s.assets.url(chartScript)
	}
	if v.index != nil {
		if !v.Blind.IsZero() {
			view.Blind = fill(t.Layout.Blind, v.at(v.Blind.In(v.Zone)).Text)
		}
		view.Stamp, view.Zone = v.at(v.Time.In(v.Zone)), v.zone(v.Zone)
	}
	here := d.paths[v.number()]
	for _, n := range []struct{ fr, en, label string }{
		{"/", "/", t.Nav.Overview}, {"/incidents", "/incidents", t.Nav.Incidents},
		{"/producteurs", "/producers", t.Nav.Producers}, {"/methodologie", "/methodology", t.Nav.Methodology},
	} {
		target := both(n.fr, n.en)[v.number()]
		view.Nav = append(view.Nav, navLink{v.path(target), n.label, here == target})
	}
	s.translations(&view, v, d)
	return view
}

// translations links a page to itself in the other languages.
func (s *site) translations(view *layoutView, v *visit, d *document) {
	paths := d.paths
	translated := paths[0] != ""
	if !translated {
		paths = both("/", "/")
	}
	base := strings.TrimSuffix(s.Site.URL, "/")
	for n, l := range s.languages {
		target := l.path(paths[n])
		if translated {
			target += d.search
		}
		view.Languages = append(view.Languages, languageLink{target, l.code, l.Nav.Language, l.code == v.code})
		if !translated {
			continue
		}
		view.Alternates = append(view.Alternates, languageLink{URL: base + target, Code: l.code})
		if l.code == s.Site.Language || n == 0 && s.Site.Language != "en" {
			view.Alternates = append(view.Alternates, languageLink{URL: base + target, Code: "x-default"})
		}
		if l.code == v.code && base != "" {
			view.Canonical = base + target
		}
	}
}

func (s *site) title(d *document) string {
	if d.title == "" {
		return s.Site.Title
	}
	return d.title + " – " + s.Site.Title
}

// number is the language's place in the site's list.
func (l *language) number() int {
	if l.code == "fr" {
		return 0
	}
	return 1
}

// path returns a path in the language's part of the site.
func (l *language) path(p string) string { return l.prefix + p }

// servicePath returns the address of a service's page.
func (l *language) servicePath(kind observatory.Kind, id string) string {
	return l.prefix + "/" + string(kind) + "s/" + url.PathEscape(id)
}

func (l *language) stateBadge(s observatory.State) badge {
	return badge{s.String(), l.States[s.String()].Name}
}

// levelBadge names a verdict's level; one that nothing judges has none.
func (l *language) levelBadge(v slo.Verdict) badge {
	switch {
	case !v.Judged && v.Measurements > 0:
		return badge{"unjudged", l.Service.Unjudged}
	case !v.Judged:
		return badge{"pending", l.Service.NotMeasured}
	}
	return badge{v.Level.String(), l.Levels[v.Level].Name}
}

func (t *texts) levelName(name string) string {
	var level slo.Level
	if level.UnmarshalText([]byte(name)) != nil {
		return name
	}
	return t.Levels[level].Name
}

// contactLink returns where a contact is reached.
func contactLink(contact string) string {
	if strings.Contains(contact, "@") && !strings.ContainsAny(contact, " :/?<>") {
		return "mailto:" + contact
	}
	return webLink(contact)
}

// coordinate writes a number of an SVG.
func coordinate(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}
