package dashboard

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"

	"observatoire/observatory"
)

// route is a page and its address in each language.
type route struct {
	fr, en string
	page   page
}

// routes are the pages of the site.
func (s *site) routes() []route {
	return []route{
		{"/", "/", s.overview},
		{"/apis/{id}", "/apis/{id}", s.service(observatory.API)},
		{"/demarches/{id}", "/demarches/{id}", s.service(observatory.Demarche)},
		{"/incidents", "/incidents", s.incidents},
		{"/incidents/{id}", "/incidents/{id}", s.oneIncident},
		{"/producteurs", "/producers", s.producers},
		{"/methodologie", "/methodology", s.methodology},
	}
}

// calls are the addresses for machines.
func (s *site) calls() map[string]call {
	return map[string]call{
		"/api/v1/services":             s.apiServices,
		"/api/v1/services/{id}":        s.apiService,
		"/api/v1/services/{id}/series": s.apiSeries,
		"/api/v1/incidents":            s.apiIncidents,
		"/api/v1/incidents/{id}":       s.apiOneIncident,
	}
}

// handler returns the site's handler: its routes, and what holds for each of them.
func (s *site) handler() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		for n, path := range [...]string{r.fr, r.en} {
			l := s.languages[n]
			if path == "/" {
				path = "/{$}"
			}
			mux.Handle(l.prefix+path, s.html(l, r.page))
		}
	}
	for path, call := range s.calls() {
		mux.Handle(path, s.json(call))
	}
	mux.Handle("/", s.html(s.languages[0], missing))
	mux.Handle("/en/", s.html(s.languages[1], missing))
	mux.Handle("/api/", s.json(missingCall))
	mux.Handle(assetPath, s.assets)
	mux.HandleFunc("/healthz", healthz)
	mux.HandleFunc("/readyz", s.readyz)
	mux.HandleFunc("/robots.txt", robots)
	mux.Handle("/favicon.ico", http.RedirectHandler(s.assets.url("icon.svg"), http.StatusFound))

	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(4))
	if err != nil {
		return nil, err
	}
	return compress(s.guard(mux)), nil
}
