package probes_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"observatoire/probes"
)

// patience is what a hostile document or answer may cost: the readings have a
// deadline of 10 s, and the work on a body one of 2 s.
const patience = 15 * time.Second

// document30 is a contract of one path, /x, whose answer has the schema.
func document30(schema, components string) string {
	return fmt.Sprintf(`{"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": {"/x": {"get": {"responses": {"200":
		{"description": "", "content": {"application/json": {"schema": %s}}}}}}}, "components": {"schemas": {%s}}}`, schema, components)
}

func TestHostileContracts(t *testing.T) {
	var called atomic.Int32
	private := serve(t, func(w http.ResponseWriter, _ *http.Request) { called.Add(1); io.WriteString(w, `{"type": "string"}`) })
	node := `"N": {"type": "object", "properties": {"a": {"allOf": [{"$ref": "#/components/schemas/N"}, {"$ref": "#/components/schemas/N"}]}}}`
	var chain, members, wide, long strings.Builder
	for i := range 15_000 {
		fmt.Fprintf(&chain, `"C%d": {"$ref": "#/components/schemas/C%d"}, `, i, i+1)
	}
	for i := range 15_000 {
		fmt.Fprintf(&members, `"C%d": {"properties": {"a": {"$ref": "#/components/schemas/C%d"}}}, `, i, i+1)
	}
	members.WriteString(`"C15000": {"type": "string"}`)
	chain.WriteString(`"C15000": {"type": "string"}`)
	for i := range 10_000 {
		fmt.Fprintf(&wide, `"p%d": {"$ref": "#/components/schemas/W"}, `, i)
		fmt.Fprintf(&long, `{"enum": ["v%d"]}, `, i)
	}
	wide.WriteString(`"last": {"type": "string"}`)
	var aliases strings.Builder
	aliases.WriteString("openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		fmt.Fprintf(&aliases, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i, i, i, i, i, i, i)
	}
	var ref = func(to string) string { return `{"$ref": "` + to + `"}` }

	for name, test := range map[string]struct {
		document string
		body     string // of the answer; "1" where it does not matter
		want     string // why it is inconclusive; "" where the answer is judged
	}{
		"alias bomb":           {aliases.String(), "1", "holds more than 2000000 values"},
		"alias to itself":      {"openapi: 3.0.0\npaths: &p {/x: *p}\n", "1", "leads back to itself"},
		"deep":                 {`{"openapi": "3.0.0", "paths": ` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000) + "}", "1", "nested deeper than 500"},
		"deeper than any":      {strings.Repeat("[", 1_000_000), "1", "neither JSON nor YAML"},
		"not text":             {"\x00\xff\xfe\x80", "1", "neither JSON nor YAML"},
		"ref to private":       {document30(ref(private+"/s.json"), ""), "1", "refers to another document"},
		"ref to metadata":      {document30(ref("http://169.254.169.254/latest/meta-data"), ""), "1", "refers to another document"},
		"ref to a part":        {document30(ref(private+"/s.json#/a"), ""), "1", "refers to another document"},
		"ref to a file":        {document30(ref("file:///etc/passwd"), ""), "1", "refers to another document"},
		"ref to a path":        {document30(ref("../../../../etc/passwd"), ""), "1", "refers to another document"},
		"ref of an item":       {`{"openapi": "3.1.0", "paths": {"/x": {"$ref": "` + private + `"}}}`, "1", "refers to another document"},
		"ref of Swagger":       {`{"swagger": "2.0", "paths": {"/x": {"get": {"responses": {"200": {"description": "", "schema": {"$ref": "` + private + `"}}}}}}}`, "1", "refers to another document"},
		"ref to nowhere":       {document30(ref("#/components/schemas/Z"), ""), "1", "not valid OpenAPI"},
		"ref to itself":        {document30(ref("#/components/schemas/A"), `"A": `+ref("#/components/schemas/A")), "1", "references without end"},
		"refs in a circle":     {document30(ref("#/components/schemas/A"), `"A": {"allOf": [`+ref("#/components/schemas/B")+`]}, "B": {"anyOf": [`+ref("#/components/schemas/A")+`]}`), "1", "refers to itself for the same value"},
		"refs in a chain":      {document30(ref("#/components/schemas/C0"), chain.String()), "1", "references without end"},
		"refs in members":      {document30(ref("#/components/schemas/C0"), members.String()), "1", "parts"},
		"refs to much":         {document30(`{"type": "object"}`, `"W": {"properties": {`+wide.String()+`}}`), "1", "lead to more than can be loaded"},
		"schema of a tree":     {document30(ref("#/components/schemas/N"), node), strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60), "takes too long"},
		"body too deep":        {document30(ref("#/components/schemas/N"), node), strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000), "the body is nested deeper than 300"},
		"thousands of choices": {document30(`{"type": "array", "items": {"anyOf": [`+long.String()+`{"type": "integer"}]}}`, ""), "[" + strings.Repeat(`"v",`, 100_000) + `"v"]`, "parts"},
		"choices":              {document30(`{"type": "array", "items": {"anyOf": [`+strings.Repeat(`{"enum": ["v"]}, `, 2000)+`{"enum": ["x"]}, {"type": "integer"}]}}`, ""), "[" + strings.Repeat(`"w",`, 100_000) + `"w"]`, "takes too long"},
		"pattern":              {document30(`{"type": "string", "pattern": "((((a{100}){100}){100}){100}){100}"}`, ""), `"a"`, ""},
		"pattern, slow":        {document30(`{"type": "string", "pattern": "^(a+)+$"}`, ""), `"` + strings.Repeat("a", 100_000) + `!"`, ""},
		"number":               {document30(`{"type": "number", "multipleOf": 0.01}`, ""), "1e999999", "too large or too small"},
		"number, small":        {document30(`{"type": "number", "multipleOf": 0.01}`, ""), "1e-999999", "too large or too small"},
		"numbers in the rules": {document30(`{"type": "number", "minimum": 1e308, "multipleOf": 1e-308}`, ""), "1", ""},
		"wrong everywhere":     {document30(`{"type": "array", "items": {"type": "object", "required": ["a"]}}`, ""), "[" + strings.Repeat(`1,`, 400_000) + `1]`, ""},
		"all the same":         {document30(`{"type": "array", "uniqueItems": true, "items": {"type": "array"}}`, ""), "[" + strings.Repeat(`[],`, 100_000) + `[]]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/openapi" {
					io.WriteString(w, test.document)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, test.body)
			})
			began := time.Now()
			r := askContract(t, base+"/x", &probes.Contract{Document: base + "/openapi"})
			if took := time.Since(began); took > patience {
				t.Errorf("took %s", took)
			}
			if (r.Outcome == probes.Unknown) != (test.want != "") || !strings.Contains(r.Detail, test.want) {
				t.Errorf("outcome %s (%s), want %q", r.Outcome, r.Detail, test.want)
			}
		})
	}
	if called.Load() > 0 {
		t.Error("a document that another one refers to was read")
	}
}

func TestHostileServersOfContracts(t *testing.T) {
	good := api(t, contract30)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"100 MB": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000000")
			w.Write(make([]byte, 1000))
		}, "larger than the 8MB"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for text := make([]byte, 1<<16); ; {
				if _, err := w.Write(text); err != nil {
					return
				}
			}
		}, "larger than the 8MB"},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"openapi": "3.0.0"`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "connection closed in the middle"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			contract := &probes.Contract{Document: serve(t, test.handler)}
			began := time.Now()
			r := askContract(t, good+"/v1/communes?body=[]", contract)
			runtime.ReadMemStats(&after)
			expect(t, r, probes.Unknown, probes.ClassInconclusive)
			if !strings.Contains(r.Detail, test.want) {
				t.Errorf("detail %q, want %q in it", r.Detail, test.want)
			}
			if took := time.Since(began); took > patience {
				t.Errorf("took %s", took)
			}
			if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 100e6 {
				t.Errorf("%d bytes more in use", grown)
			}
			if total := r.Phases.Total(); total > 5*time.Second {
				t.Errorf("the reading is in the measured time: %s", total)
			}
		})
	}
}
