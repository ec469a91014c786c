package dashboard_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/rs/zerolog"

	"observatoire/dashboard"
	"observatoire/observatory"
	"observatoire/slo"
)

func ExampleNew() {
	snapshot := sample(3) // in a program: the observatory's
	handler, err := dashboard.New(dashboard.Options{
		Snapshots: func() *observatory.Snapshot { return snapshot },
		Series:    memory{}, // in a program: the store
		Profiles:  slo.Profiles(),
		Site:      dashboard.Site{Title: "Observatoire", Language: "fr"},
		Log:       zerolog.Nop(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/services/nothing", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 404 {"error":{"code":"not_found","message":"No service that is watched has the id “nothing”."}}
}
