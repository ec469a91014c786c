package probes

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func near() *Vantage {
	return &Vantage{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

// answered is an answer of a service whose document asks for the type.
func answered(body string) *Observation {
	return &Observation{
		URL: "https://api.example/x", Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body), from: near(),
	}
}

const ofType = `{"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": {"/x": {"get": {"responses": {"200":
	{"description": "", "content": {"application/json": {"schema": {"type": %q}}}}}}}}}`

// A document is read once, then again after a day, and only where it changed;
// checks go on with the one that is held.
func TestContractIsReadAgain(t *testing.T) {
	var version atomic.Value
	var reads, unchanged atomic.Int32
	version.Store("integer")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := version.Load().(string)
		reads.Add(1)
		w.Header().Set("ETag", `"`+kind+`"`)
		switch {
		case kind == "gone":
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Header.Get("If-None-Match") == `"`+kind+`"`:
			unchanged.Add(1)
			w.WriteHeader(http.StatusNotModified)
		default:
			fmt.Fprintf(w, ofType, kind)
		}
	}))
	defer server.Close()
	c := &Contract{Document: server.URL}
	check := func(body string, good bool) {
		t.Helper()
		if err := c.Check(answered(body)); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	aDayLater := func() { c.next = time.Now().Add(-time.Second) }
	soon := func(within time.Duration) {
		t.Helper()
		if wait := time.Until(c.next); wait <= 0 || wait > within {
			t.Errorf("read again in %s, want at most %s", wait, within)
		}
	}

	check("1", true)
	check("1", true)
	check(`"a"`, false)
	soon(contractDaily)
	if n := reads.Load(); n != 1 {
		t.Errorf("%d reads, want 1", n)
	}
	aDayLater()
	check("1", true)
	if n := unchanged.Load(); n != 1 {
		t.Errorf("%d answers 304, want 1", n)
	}
	soon(contractDaily)
	version.Store("string")
	aDayLater()
	check("1", false)
	check(`"a"`, true)
	version.Store("gone")
	aDayLater()
	check(`"a"`, true)
	check(`"a"`, true) // the document is not there, what it said holds
	soon(contractRefresh)
	if n := reads.Load(); n != 4 {
		t.Errorf("%d reads, want 4", n)
	}
}

// Where a document was never read the next attempt waits, so that a probe that
// runs every minute does not ask for it each time.
func TestContractIsNotAskedForTooOften(t *testing.T) {
	var reads atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads.Add(1)
		<-r.Context().Done() // silent
	}))
	defer server.Close()
	c := &Contract{Document: server.URL, wait: 50 * time.Millisecond}
	for range 3 {
		if err := c.Check(answered("1")); err == nil || !strings.Contains(err.Error(), "no first byte after") {
			t.Errorf("error %v", err)
		}
	}
	if n := reads.Load(); n != 1 {
		t.Errorf("%d reads, want 1", n)
	}
	c.next = time.Time{}
	if err := c.Check(answered("1")); err == nil {
		t.Error("no error")
	}
	if n := reads.Load(); n != 2 {
		t.Errorf("%d reads, want 2", n)
	}
}

func TestOperationOfARequest(t *testing.T) {
	const document = `openapi: 3.0.0
info: {title: "", version: ""}
servers: [{url: "https://api.example/v1/"}, {url: "https://{stage}.example:8443/{version}"}, {url: /relative}]
paths:
  /: {get: {operationId: root, responses: {}}}
  /a/{x}: {get: {operationId: param, responses: {}}, post: {operationId: posted, responses: {}}}
  /a/b: {get: {operationId: plain, responses: {}}}
  /a/{x}.json: {get: {operationId: suffix, responses: {}}}
  /{x}/b/{y}: {get: {operationId: early, responses: {}}}
  /a/{x}/c: {get: {operationId: late, responses: {}}}
  /{x}/{y}-{z}/d: {get: {operationId: two, responses: {}}}
  /é/{x}: {get: {operationId: accent, responses: {}}}
  /own: {servers: [{url: "//other.example"}], get: {operationId: own, responses: {}}}
  /p/{x}: {get: {operationId: p1, responses: {}}}
  /p/{y}: {get: {operationId: p2, responses: {}}}
`
	c, err := loadContract([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]string{
		"GET https://api.example/v1":                 "root",
		"GET https://api.example/v1/":                "root",
		"GET https://API.example:443/v1/a/1?q=a/b#f": "param",
		"HEAD https://api.example/v1/a/1":            "param",
		"POST https://api.example/v1/a/1":            "posted",
		"GET https://api.example/v1/a/b":             "plain",
		"GET https://api.example/v1/a/b/":            "plain",
		"GET https://api.example/v1/a/b.json":        "suffix",
		"GET https://api.example/v1/a/.json":         "param",
		"GET https://api.example/v1/a/b/c":           "late",
		"GET https://api.example/v1/z/b/c":           "early",
		"GET https://api.example/v1/z/1-2-3/d":       "two",
		"GET https://api.example/v1/%C3%A9/%2F":      "accent",
		"GET https://staging.example:8443/v2/a/1":    "param",
		"GET http://127.0.0.1:8080/relative/a/b":     "plain",
		"GET https://gateway.example/v1/a/b":         "plain",
		"GET https://other.example/own":              "own",
		"GET https://gateway.example/own":            "own",
		"GET https://api.example/v1/p/1":             "both match",
		"GET https://api.example/a/b/c/d/e":          "has no operation",
		"DELETE https://api.example/v1/a/1":          "has no operation for DELETE /v1/a/1",
		"GET :":                                      "no address",
	} {
		method, address, _ := strings.Cut(request, " ")
		op, err := c.find("", method, address)
		got := ""
		if err == nil {
			got = op.id
		} else if strings.Contains(err.Error(), want) {
			got = want
		}
		if got != want {
			t.Errorf("%s: %q (%v), want %q", request, got, err, want)
		}
	}
}

func TestContractRules(t *testing.T) {
	for name, test := range map[string]struct {
		version, schema string
		good, bad       []string
	}{
		"nullable":              {"3.0.0", `{"type": "string", "enum": ["a"], "nullable": true}`, []string{`"a"`, "null"}, []string{`"b"`, "1"}},
		"nullable, ref":         {"3.0.0", `{"nullable": true, "allOf": [{"type": "string"}]}`, []string{`"a"`, "null"}, []string{"1"}},
		"exclusive":             {"3.0.0", `{"type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 3, "exclusiveMaximum": false}`, []string{"1.01", "3"}, []string{"1", "3.01"}},
		"exclusive, 3.1":        {"3.1.0", `{"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 3}`, []string{"2"}, []string{"1", "3"}},
		"types":                 {"3.1.0", `{"type": ["string", "null"]}`, []string{`""`, "null"}, []string{"1", "[]"}},
		"const":                 {"3.1.0", `{"const": 1}`, []string{"1", "1.0", "1e0"}, []string{`"1"`, "2"}},
		"prefix":                {"3.1.0", `{"prefixItems": [{"type": "string"}], "items": false}`, []string{`["a"]`, "[]"}, []string{"[1]", `["a", 1]`}},
		"contains":              {"3.1.0", `{"contains": {"const": 1}, "maxContains": 1}`, []string{"[0, 1]"}, []string{"[0]", "[1, 1]"}},
		"condition":             {"3.1.0", `{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}`, []string{`{"a": 1, "b": 1}`, `{"c": 1}`}, []string{`{"a": 1}`, `{}`}},
		"unevaluated":           {"3.1.0", `{"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}`, []string{`{"a": 1}`}, []string{`{"b": 1}`}},
		"dependent":             {"3.1.0", `{"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}}`, []string{`{"a": 1, "b": 1}`, `{}`}, []string{`{"a": 1}`, `{"c": 1}`}},
		"names":                 {"3.1.0", `{"propertyNames": {"maxLength": 1}, "patternProperties": {"^a": {"type": "string"}}}`, []string{`{"a": "1"}`}, []string{`{"ab": "1"}`, `{"a": 1}`}},
		"no other members":      {"3.0.0", `{"properties": {"a": {}}, "additionalProperties": false}`, []string{`{"a": 1}`}, []string{`{"b": 1}`}},
		"members of a type":     {"3.0.0", `{"additionalProperties": {"type": "integer"}}`, []string{`{"a": 1}`}, []string{`{"b": "1"}`}},
		"one of":                {"3.0.0", `{"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]}`, []string{"1", "5.5"}, []string{"5", "1.5", `""`}},
		"any of":                {"3.0.0", `{"anyOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]}`, []string{"1", "5.5", "5"}, []string{"1.5"}},
		"both of":               {"3.0.0", `{"anyOf": [{"type": "integer"}], "oneOf": [{"minimum": 5}], "discriminator": {"propertyName": "a"}}`, []string{"5"}, []string{"4", "5.5"}},
		"not":                   {"3.0.0", `{"not": {"type": "integer"}}`, []string{`""`}, []string{"1"}},
		"unique":                {"3.0.0", `{"uniqueItems": true}`, []string{`[{"a": 1}, {"a": 2}]`}, []string{`[{"a": 1, "b": 1}, {"b": 1, "a": 1}]`}},
		"multiple":              {"3.0.0", `{"multipleOf": 0.01}`, []string{"19.99"}, []string{"19.999"}},
		"counts":                {"3.0.0", `{"minItems": 1, "maxItems": 2, "minProperties": 1, "maxProperties": 1, "minLength": 2, "maxLength": 3}`, []string{"[1]", `{"a": 1}`, `"éé"`}, []string{"[]", "[1,2,3]", "{}", `"é"`, `"abcd"`}},
		"formats":               {"3.0.0", `{"oneOf": [{"type": "integer", "format": "int32"}, {"type": "string", "format": "date-time"}, {"type": "array", "items": {"type": "string", "format": "byte"}}]}`, []string{"2147483647", `"2026-08-21T12:00:00Z"`, `["YQ=="]`}, []string{"2147483648", `"2026-08-21"`, `["%"]`}},
		"formats, others":       {"3.0.0", `{"type": "string", "format": "siret", "pattern": "^(?!a)"}`, []string{`"a"`}, []string{"1"}},
		"true":                  {"3.1.0", `true`, []string{"1"}, nil},
		"false":                 {"3.1.0", `{"items": false}`, []string{"[]"}, []string{"[1]"}},
		"ref with siblings":     {"3.1.0", `{"$ref": "#/components/schemas/S", "maxLength": 2}`, []string{`"a"`}, []string{`""`, `"abc"`}},
		"ref without siblings":  {"3.0.0", `{"$ref": "#/components/schemas/S", "maxLength": 2}`, []string{`"abc"`}, []string{`""`}},
		"choices, many":         {"3.0.0", `{"enum": [` + strings.Repeat(`"a", `, 60) + `"b"]}`, []string{`"b"`}, []string{`"c"`}},
		"a choice of one value": {"3.0.0", `{"oneOf": [{"type": "object", "required": ["a"], "properties": {"t": {"enum": ["x"]}}}, {"type": "object", "required": ["b"], "properties": {"t": {"enum": ["y"]}}}]}`, []string{`{"t": "x", "a": 1}`}, []string{`{"t": "x"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			document := fmt.Sprintf(`{"openapi": %q, "info": {"title": "", "version": ""}, "paths": {"/x": {"get": {"responses": {"200":
				{"description": "", "content": {"application/json": {"schema": %s}}}}}}}, "components": {"schemas": {"S": {"type": "string", "minLength": 1}}}}`, test.version, test.schema)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, document) }))
			defer server.Close()
			c := &Contract{Document: server.URL}
			for _, body := range test.good {
				if err := c.Check(answered(body)); err != nil {
					t.Errorf("%s: %v", body, err)
				}
			}
			for _, body := range test.bad {
				err := c.Check(answered(body))
				if err == nil {
					t.Errorf("%s: no error", body)
				} else if _, ours := err.(undecided); ours || !strings.Contains(err.Error(), "expected: ") {
					t.Errorf("%s: %v", body, err)
				}
			}
		})
	}
}
