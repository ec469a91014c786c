package probes_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"observatoire/probes"
)

// The same API, described in each of the versions. %s is its address.
const (
	contract30 = `openapi: 3.0.3
info: {title: Communes, version: "1"}
servers: [{url: "%s/v1"}]
paths:
  /communes:
    get:
      operationId: list
      responses:
        "200":
          description: the communes
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Commune"}}
        "4XX": {description: refused}
  /communes/premier:
    get:
      operationId: first
      responses: {"200": {description: one, content: {application/json: {schema: {type: string}}}}}
  /communes/{code}:
    get:
      operationId: one
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Commune"}}}}
components:
  schemas:
    Commune:
      type: object
      required: [nom, code, motDePasse]
      properties:
        nom: {type: string, minLength: 1}
        code: {type: string, pattern: "^[0-9AB]{5}$"}
        population: {type: integer, minimum: 0, nullable: true}
        maj: {type: string, format: date}
        motDePasse: {type: string, writeOnly: true}
        type: {type: string, enum: [commune, arrondissement]}
        voisines: {type: array, items: {$ref: "#/components/schemas/Commune"}}
`
	contract31 = `{"openapi": "3.1.0", "info": {"title": "Communes", "version": "1"}, "servers": [{"url": "%s/v1"}],
"paths": {"/communes": {"get": {"operationId": "list", "responses": {
  "200": {"description": "the communes", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Commune"}}}}},
  "4XX": {"description": "refused"}}}},
 "/communes/premier": {"get": {"responses": {"200": {"description": "one", "content": {"application/json": {"schema": {"type": "string"}}}}}}},
 "/communes/{code}": {"get": {"operationId": "one", "responses": {"200": {"description": "one", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Commune"}}}}}}}},
"components": {"schemas": {"Commune": {"type": "object", "required": ["nom", "code"], "properties": {
  "nom": {"type": "string", "minLength": 1}, "code": {"type": "string", "pattern": "^[0-9AB]{5}$"},
  "population": {"type": ["integer", "null"], "minimum": 0}, "maj": {"type": "string", "format": "date"},
  "type": {"enum": ["commune", "arrondissement"]},
  "voisines": {"type": "array", "items": {"$ref": "#/components/schemas/Commune"}}}}}}}`
	contract20 = `{"swagger": "2.0", "info": {"title": "Communes", "version": "1"}, "host": "%s", "basePath": "/v1", "schemes": ["http"],
"produces": ["application/json"],
"paths": {"/communes": {"get": {"operationId": "list", "responses": {
  "200": {"description": "the communes", "schema": {"type": "array", "items": {"$ref": "#/definitions/Commune"}}},
  "400": {"description": "refused"}, "404": {"description": "refused"}}}},
 "/communes/premier": {"get": {"responses": {"200": {"description": "one", "schema": {"type": "string"}}}}},
 "/communes/{code}": {"get": {"operationId": "one", "responses": {"200": {"description": "one", "schema": {"$ref": "#/definitions/Commune"}}}}}},
"definitions": {"Commune": {"type": "object", "required": ["nom", "code"], "properties": {
  "nom": {"type": "string", "minLength": 1}, "code": {"type": "string", "pattern": "^[0-9AB]{5}$"},
  "population": {"type": "integer", "minimum": 0, "x-nullable": true}, "maj": {"type": "string", "format": "date"},
  "type": {"type": "string", "enum": ["commune", "arrondissement"]},
  "voisines": {"type": "array", "items": {"$ref": "#/definitions/Commune"}}}}}}`
)

// api serves a contract, and beside it whatever is asked for: the query says
// the status, the content type and the body.
func api(t testing.TB, document string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/openapi", func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(document, `"swagger"`) {
			fmt.Fprintf(w, document, r.Host)
			return
		}
		fmt.Fprintf(w, document, "http://"+r.Host)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		kind, status := "application/json; charset=utf-8", http.StatusOK
		if v := r.URL.Query().Get("type"); v != "" {
			kind = v
		}
		fmt.Sscan(r.URL.Query().Get("status"), &status)
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		io.WriteString(w, r.URL.Query().Get("body"))
	})
	return serve(t, mux.ServeHTTP)
}

// askContract probes a service with a contract for its only assertion beside the status.
func askContract(t testing.TB, address string, contract *probes.Contract) probes.Result {
	t.Helper()
	return run(t, get(t, address), loopback(), probes.Status{200, 206, 400, 404, 418}, contract)
}

func TestContract(t *testing.T) {
	const nantes = `{"nom":"Nantes","code":"44109"}`
	for name, test := range map[string]struct {
		request string // path and query before the body
		body    string
		want    string // in the detail; empty where the answer is as described
	}{
		"good":                 {"/v1/communes?", `[` + nantes + `]`, ""},
		"good, one":            {"/v1/communes/44109?", nantes, ""},
		"good, nothing":        {"/v1/communes/?", `[]`, ""},
		"good, null":           {"/v1/communes/44109?", `{"nom":"a","code":"00000","population":null,"maj":"2026-02-28","type":"commune"}`, ""},
		"good, more members":   {"/v1/communes/44109?", `{"nom":"a","code":"2A004","x":1,"voisines":[` + nantes + `]}`, ""},
		"good, refused":        {"/v1/communes?status=404&type=text/plain&", `no`, ""},
		"good, plain path":     {"/v1/communes/premier?", `"Nantes"`, ""},
		"missing":              {"/v1/communes?", `[` + nantes + `,{"nom":"Brest"}]`, `GET /communes: at /1: expected: member "code"; found: missing`},
		"wrong type":           {"/v1/communes/44109?", `{"nom":"Nantes","code":44109}`, `GET /communes/{code}: at /code: expected: string; found: 44109`},
		"array item":           {"/v1/communes?", `[` + nantes + `,"Brest"]`, `at /1: expected: object; found: "Brest"`},
		"object for array":     {"/v1/communes?", nantes, `at the body: expected: array; found: an object`},
		"null":                 {"/v1/communes?", `[{"nom":null,"code":"44109"}]`, `at /0/nom: expected: string; found: null`},
		"pattern":              {"/v1/communes/x?", `{"nom":"Nantes","code":"4410"}`, `at /code: expected: matches "^[0-9AB]{5}$"; found: "4410"`},
		"format":               {"/v1/communes/x?", `{"nom":"Nantes","code":"44109","maj":"28/02/2026"}`, `at /maj: expected: format date; found: "28/02/2026"`},
		"minimum":              {"/v1/communes/x?", `{"nom":"Nantes","code":"44109","population":-1}`, `at /population: expected: at least 0; found: -1`},
		"integer":              {"/v1/communes/x?", `{"nom":"Nantes","code":"44109","population":1.5}`, `at /population: expected: null or integer; found: 1.5`},
		"length":               {"/v1/communes/x?", `{"nom":"","code":"44109"}`, `at /nom: expected: at least 1 character; found: ""`},
		"enum":                 {"/v1/communes/x?", `{"nom":"a","code":"44109","type":"ville"}`, `at /type: expected: one of "commune", "arrondissement"; found: "ville"`},
		"deep":                 {"/v1/communes/x?", `{"nom":"a","code":"44109","voisines":[{"nom":"b","code":"00000","voisines":[{"nom":"c"}]}]}`, `at /voisines/0/voisines/0: expected: member "code"`},
		"several":              {"/v1/communes?", `[{},{},{},1,2,3]`, `at /0: expected: 2 members "code", "nom"; found: missing; at /1: `},
		"several, counted":     {"/v1/communes?", `[1,2,3,4,5,6,7,8,9,10,11,12]`, `at /2: expected: object; found: 3; and 9 more`},
		"plain path, wrong":    {"/v1/communes/premier?", nantes, "GET /communes/premier: at the body: expected: string"},
		"undocumented status":  {"/v1/communes?status=206&", `[]`, "GET /communes: status 206, expected one that is documented: 200, 4"},
		"content type":         {"/v1/communes?type=text/html&", `<html>`, `header Content-Type: expected: application/json; found: "text/html"`},
		"not JSON":             {"/v1/communes?", `<html>`, "the body is not JSON"},
		"empty":                {"/v1/communes?", ``, "it is empty"},
		"undocumented, inside": {"/v1/communes/x?status=418&", nantes, "status 418, expected one that is documented: 200"},
	} {
		for version, document := range map[string]string{"3.0": contract30, "3.1": contract31, "2.0": contract20} {
			t.Run(name+", "+version, func(t *testing.T) {
				base := api(t, document)
				r := askContract(t, base+test.request+"body="+escape(test.body), &probes.Contract{Document: base + "/openapi"})
				if test.want == "" {
					expect(t, r, probes.Up, probes.ClassNone)
					return
				}
				expect(t, r, probes.Down, probes.ClassAssertion)
				if !strings.Contains(r.Detail, test.want) {
					t.Errorf("detail %q, want %q in it", r.Detail, test.want)
				}
				if len(r.Detail) > probes.MaxDetail {
					t.Errorf("the detail has %d bytes", len(r.Detail))
				}
			})
		}
	}
}

func escape(text string) string {
	return strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "#", "%23", " ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "{", "%7B", "}", "%7D").Replace(text)
}

func TestContractThatCannotBeHeldAgainst(t *testing.T) {
	base := api(t, contract30)
	status := func(code int) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	says := func(text string) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
	}
	for name, test := range map[string]struct {
		contract *probes.Contract
		path     string
		want     string
	}{
		"no path":       {&probes.Contract{Document: base + "/openapi"}, "/v2/communes", "the document has no operation for GET /v2/communes"},
		"no operation":  {&probes.Contract{Document: base + "/openapi", Operation: "all"}, "/", `the document has no operation "all"`},
		"not there":     {&probes.Contract{Document: status(404)}, "/", "the document cannot be read: status 404"},
		"not reached":   {&probes.Contract{Document: "http://127.0.0.1:1/x"}, "/", "the document cannot be read: connection to 127.0.0.1:1 refused"},
		"not permitted": {&probes.Contract{Document: "http://10.0.0.1/openapi"}, "/", "the network policy does not allow 10.0.0.1"},
		"redirected":    {&probes.Contract{Document: serve(t, http.RedirectHandler("http://169.254.169.254/latest", http.StatusFound).ServeHTTP)}, "/", "the network policy does not allow 169.254.169.254"},
		"not a file":    {&probes.Contract{Document: "/nonexistent/openapi.json"}, "/", "the document cannot be read: no such file"},
		"a device":      {&probes.Contract{Document: "/dev/zero"}, "/", "not a regular file"},
		"a folder":      {&probes.Contract{Document: "/"}, "/", "not a regular file"},
		"web page":      {&probes.Contract{Document: says("<!doctype html><title>API</title>")}, "/", "the document is not an object"},
		"other JSON":    {&probes.Contract{Document: says("{}")}, "/", "it says neither openapi nor swagger"},
		"version":       {&probes.Contract{Document: says(`{"swagger": "1.2"}`)}, "/", `of version "1.2"`},
		"nothing in it": {&probes.Contract{Document: says(`{"openapi": "3.0.0", "paths": {}}`)}, "/", "describes no operation"},
		"wrong":         {&probes.Contract{Document: says(`{"openapi": "3.0.0", "paths": []}`)}, "/", "not valid OpenAPI"},
		"wrong schema":  {&probes.Contract{Document: says(`{"openapi": "3.0.0", "paths": {"/": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "date"}}}}}}}}}`)}, "/?body=1", "the schema of the body is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			r := askContract(t, base+test.path, test.contract)
			expect(t, r, probes.Unknown, probes.ClassInconclusive)
			if !strings.Contains(r.Detail, test.want) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.want)
			}
		})
	}
}

func TestContractFromAFile(t *testing.T) {
	base := api(t, contract30)
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	// The host differs, as behind a gateway: there is one operation that fits all the same.
	if err := os.WriteFile(file, fmt.Appendf(nil, contract30, "https://api.example.org"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, askContract(t, base+"/v1/communes?body=[]", &probes.Contract{Document: file}), probes.Up, probes.ClassNone)
	expect(t, askContract(t, base+"/v1/communes?body=[1]", &probes.Contract{Document: file}), probes.Down, probes.ClassAssertion)
	named := &probes.Contract{Document: file, Operation: "one"}
	expect(t, askContract(t, base+"/elsewhere?body=[]", named), probes.Down, probes.ClassAssertion)
	if got, want := named.String(), "contract "+file+" operation one"; got != want {
		t.Errorf("reads %q, want %q", got, want)
	}
}

// One assertion may see the answers of several operations, as after redirects.
func TestContractOfSeveralOperations(t *testing.T) {
	base := api(t, contract31)
	contract := &probes.Contract{Document: base + "/openapi"}
	for range 2 {
		expect(t, askContract(t, base+"/v1/communes?body=[]", contract), probes.Up, probes.ClassNone)
		expect(t, askContract(t, base+`/v1/communes/premier?body=%22a%22`, contract), probes.Up, probes.ClassNone)
		expect(t, askContract(t, base+"/v1/communes/x?body=1", contract), probes.Down, probes.ClassAssertion)
	}
}

func TestContractSettings(t *testing.T) {
	for document, want := range map[string]string{
		"": "document: required", "ftp://a.example/x": "document: the scheme ftp", "https://": "document: has no host",
		"https://a.example/openapi.json": "", "openapi/v3.yaml": "",
	} {
		err := (&probes.Contract{Document: document}).Validate()
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", document, err, want)
		}
	}
	shown := (&probes.Contract{Document: "https://me:hunter2@a.example/x?api_key=s3cret"}).String()
	if strings.Contains(shown, "hunter2") || strings.Contains(shown, "s3cret") {
		t.Errorf("shows a secret: %s", shown)
	}
}
