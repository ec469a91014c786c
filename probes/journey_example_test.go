package probes_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"observatoire/probes"
	"observatoire/secret"
)

// A login with a token against forgery, walked as a user walks it.
func ExampleJourney() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet:
			io.WriteString(w, `<form method="post"><input type="hidden" name="_token" value="b2c9f0d1"></form>`)
		case r.FormValue("_token") == "b2c9f0d1":
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	made, _ := probes.NewProber("journey")
	journey := made.(*probes.Journey)
	journey.Steps = []probes.JourneyStep{
		{Name: "Formulaire", URL: server.URL, Take: []probes.Take{{Name: "csrf", FormField: "_token"}}},
		{
			Name: "Connexion", URL: server.URL, Method: http.MethodPost, Fictitious: true,
			Form: map[string]secret.Value{"_token": secret.New("{{csrf}}"), "login": secret.New("camille.essai")},
		},
	}
	result := probes.Probe{ID: "demarche/connexion", Prober: journey}.Run(context.Background(), loopback())
	fmt.Println(result.Outcome, result.Detail)
	for _, step := range result.Steps {
		fmt.Println(step.Name, step.Outcome, step.Status)
	}
	// Output:
	// down step "Connexion": status 502, expected 200 to 299
	// Formulaire up 200
	// Connexion down 502
}
