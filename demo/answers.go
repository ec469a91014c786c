package demo

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"time"
)

// transferred is the share of a page's time that its transfer takes.
const transferred = 0.15

// records are what every simulated API knows of.
var records = []map[string]any{
	{"code": "99001", "nom": "Valmont-sur-Brume", "population": 12345},
	{"code": "99002", "nom": "Saint-Exemple", "population": 842},
	{"code": "99003", "nom": "Fictiville-les-Bains", "population": 30210},
}

// answer returns what an API says, of about so many bytes. One that breaks its
// contract has renamed a field; one that is careless leaves out its licence.
func answer(id string, m mode, date time.Time, size int) map[string]any {
	a := map[string]any{
		"api": id, "simulation": true, "date_maj": date.UTC().Format(time.RFC3339),
		"total": len(records), "resultats": records, "licence": "Licence fictive de démonstration",
	}
	switch m {
	case contract:
		a["donnees"] = records
		delete(a, "resultats")
	case cosmetic:
		delete(a, "licence")
	}
	if rest := size - 400; rest > 0 {
		a["remarque"] = filler(rest)
	}
	return a
}

// ping answers as the ping routes of API Entreprise do.
func ping(w http.ResponseWriter, m mode, now time.Time) {
	status, said := http.StatusOK, "ok"
	switch m {
	case undecided:
		said = "unknown"
	case gateway:
		status, said = http.StatusBadGateway, "bad_gateway"
	}
	write(w, status, map[string]any{"status": said, "last_update": now.UTC().Format(time.RFC3339)})
}

// page writes the page of a démarche, of about so many bytes: its head, and the
// rest once pause returns true.
func page(w http.ResponseWriter, id string, size int, pause func() bool) {
	title := html.EscapeString("Démarche " + id + " (simulée)")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>%s</title></head>\n<body><h1>%s</h1>\n", title, title)
	http.NewResponseController(w).Flush()
	if !pause() {
		panic(http.ErrAbortHandler)
	}
	fmt.Fprintf(w, "<p>Cette démarche n'existe pas : elle fait partie de la démonstration de l'observatoire.</p>\n<p>%s</p>\n"+
		"<form><button disabled>Commencer la démarche</button></form></body></html>\n", filler(size-500))
}

// filler returns a text of about so many bytes.
func filler(size int) string {
	const sentence = "Texte de démonstration, sans autre objet que d'avoir une longueur. "
	return strings.Repeat(sentence, 1+max(0, size)/len(sentence))
}

// documentation is where the links of the catalogue lead.
func documentation(w http.ResponseWriter, r *http.Request) {
	id := html.EscapeString(r.PathValue("id"))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>%s (simulation)</title></head>\n"+
		"<body><h1>%s (simulation)</h1>\n<p>Page fictive : documentation, engagements et état d'un service qui n'existe pas, "+
		"pour la démonstration de l'observatoire.</p></body></html>\n", id, id)
}

// contractOf is the OpenAPI document of an API.
func contractOf(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimSuffix(r.PathValue("id"), ".json")
	if _, known := apis[id]; !known {
		http.NotFound(w, r)
		return
	}
	write(w, http.StatusOK, map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": id + " (simulation)", "version": "1.0.0"},
		"paths": map[string]any{"/apis/" + id: map[string]any{"get": map[string]any{
			"responses": map[string]any{"200": map[string]any{"description": "Les enregistrements"}},
		}}},
	})
}

func home(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Services simulés</title></head>\n"+
		"<body><h1>Services simulés</h1>\n<p>Ce serveur joue des API et des démarches publiques fictives.</p></body></html>\n")
}
