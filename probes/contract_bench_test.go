package probes

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// BenchmarkContract holds an answer of 50 kB against its contract; the body is
// decoded each time.
func BenchmarkContract(b *testing.B) {
	for version, nothing := range map[string]string{"3.0.3": `"type": "integer", "nullable": true`, "3.1.0": `"type": ["integer", "null"]`} {
		document := fmt.Sprintf(`{"openapi": %q, "info": {"title": "", "version": ""}, "paths": {"/x": {"get": {"responses": {"200": {"description": "",
			"content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/C"}}}}}}}}},
			"components": {"schemas": {"C": {"type": "object", "required": ["nom", "code"], "properties": {"nom": {"type": "string", "minLength": 1},
			"code": {"type": "string", "pattern": "^[0-9AB]{5}$"}, "population": {%s}, "maj": {"type": "string", "format": "date"},
			"codesPostaux": {"type": "array", "items": {"type": "string", "pattern": "^[0-9]{5}$"}}}}}}}`, version, nothing)
		const one = `{"nom": "Nantes", "code": "44109", "population": 325070, "maj": "2026-08-21", "codesPostaux": ["44000", "44100", "44200", "44300"]},`
		body := []byte("[" + strings.TrimSuffix(strings.Repeat(one, 50_000/len(one)), ",") + "]")
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(document)) }))
		b.Run(version, func(b *testing.B) {
			c := &Contract{Document: server.URL}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				o := answered("")
				o.Body = body
				if err := c.Check(o); err != nil {
					b.Fatal(err)
				}
			}
		})
		server.Close()
	}
}

// BenchmarkContractLoad loads the largest document that is published, of 2 MB.
func BenchmarkContractLoad(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(published(b, "openapi"), "api-entreprise-v3.yml"))
	if err != nil {
		b.Fatal(err)
	}
	var held *contract
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if held, err = loadContract(data); err != nil {
			b.Fatal(err)
		}
	}
	inUse := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	whole := inUse()
	held.keep(held.operations[0])
	one := inUse()
	runtime.KeepAlive(held)
	held = nil
	none := inUse()
	b.ReportMetric(whole-none, "MB-kept")
	b.ReportMetric(one-none, "MB-kept-of-one-operation")
}

func FuzzContract(f *testing.F) {
	f.Add(fmt.Appendf(nil, ofType, "string"), []byte(`"a"`))
	f.Add([]byte("openapi: 3.1.0\npaths: {/x: {get: {responses: {default: {content: {\"*/*\": {schema: {type: [string, 'null']}}}}}}}}"), []byte("null"))
	f.Add([]byte(`{"swagger": "2.0", "paths": {"/x": {"get": {"responses": {"200": {"schema": {"$ref": "#/definitions/A"}}}}}}, "definitions": {"A": {"items": {"$ref": "#/definitions/A"}}}}`), []byte("[[]]"))
	f.Add([]byte("openapi: 3.0.0\npaths: &p {/x: *p}"), []byte("{}"))
	f.Fuzz(func(t *testing.T, document, body []byte) {
		held, err := loadContract(document)
		if err != nil {
			return
		}
		o := answered(string(body))
		op, err := held.find("", http.MethodGet, o.URL)
		if err != nil {
			return
		}
		first := op.check(o)
		if second := op.check(o); fmt.Sprint(first) != fmt.Sprint(second) {
			t.Errorf("two verdicts: %v and %v", first, second)
		}
		if first != nil && len(first.Error()) > 4000 && bytes.Count(body, []byte{0}) == 0 {
			t.Errorf("an error of %d bytes", len(first.Error()))
		}
	})
}
