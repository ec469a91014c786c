package probes_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

func TestKinds(t *testing.T) {
	if got := probes.ProberKinds(); !slices.Equal(got, []string{"browser", "dataset", "dns", "grpc", "http", "icmp", "journey", "tcp", "tls", "websocket"}) {
		t.Errorf("probers %v", got)
	}
	if got := probes.AssertionKinds(); !slices.Equal(got, []string{"body", "certificate", "contract", "csv", "expression", "header", "json", "json_schema", "response_time", "size", "status", "tls", "xpath"}) {
		t.Errorf("assertions %v", got)
	}
	if _, ok := probes.NewProber("gopher"); ok {
		t.Error("there is a kind gopher")
	}
	if _, ok := probes.NewAssertion("gopher"); ok {
		t.Error("there is an assertion gopher")
	}
}

// Each kind is a pointer to its settings, each with a name and an explanation,
// says what it misses, and is made anew at each call.
func TestKindsDescribeTheirSettings(t *testing.T) {
	made := map[string][2]any{}
	for _, kind := range probes.ProberKinds() {
		a, _ := probes.NewProber(kind)
		b, _ := probes.NewProber(kind)
		made[kind] = [2]any{a, b}
	}
	for _, kind := range probes.AssertionKinds() {
		a, _ := probes.NewAssertion(kind)
		b, _ := probes.NewAssertion(kind)
		made[kind] = [2]any{a, b}
	}
	for kind, both := range made {
		if both[0] == both[1] {
			t.Errorf("%s: two calls return the same one", kind)
		}
		v, ok := both[0].(probes.Validator)
		if !ok {
			t.Errorf("%s: no Validate", kind)
		} else if err := v.Validate(); err == nil || !strings.Contains(err.Error(), "required") {
			t.Errorf("%s: without settings: %v", kind, err)
		}
		settings := reflect.TypeOf(both[0]).Elem()
		if settings.Kind() != reflect.Struct {
			continue
		}
		for field := range settings.Fields() {
			if field.IsExported() && (field.Tag.Get("yaml") == "" || field.Tag.Get("doc") == "") {
				t.Errorf("%s: %s lacks a name or an explanation", kind, field.Name)
			}
		}
	}
}

func TestSettingsThatMakeNoSense(t *testing.T) {
	for name, test := range map[string]struct {
		kind probes.Validator
		want []string
	}{
		"url":           {&probes.HTTP{URL: "geo.example"}, []string{"url: must begin with http:// or https://"}},
		"url, unclean":  {&probes.HTTP{URL: "http://u:secret@[::1"}, []string{"url: must begin"}},
		"url, no host":  {&probes.HTTP{URL: "http:///x"}, []string{"url: has no host"}},
		"url, accent":   {&probes.HTTP{URL: "https://démarches.example"}, []string{"url: the host must be in ASCII"}},
		"url, port":     {&probes.HTTP{URL: "http://a.example:70000"}, []string{"url: the port"}},
		"several":       {&probes.HTTP{Method: "G T", MaxBody: -1, MaxRedirects: 99}, []string{"url: required", "method: ", "max_body: must be from 1 to 100MB", "max_redirects: must be from 0 to 20"}},
		"headers":       {&probes.HTTP{URL: "http://a.example", Headers: hidden("a b", "x", "X-Key", "se\ncret")}, []string{`headers: "a b"`, "headers: X-Key: has characters"}},
		"connect":       {&probes.HTTP{URL: "http://a.example", Method: "connect"}, []string{"method: "}},
		"status":        {probes.Status{200, 42}, []string{"[1]: 42"}},
		"header":        {&probes.Header{Name: "a:", Matches: "("}, []string{"name: ", "matches: "}},
		"body":          {&probes.Body{Matches: "a(?!b)"}, []string{"matches: "}},
		"json":          {&probes.JSON{Path: "nom", Equals: new(any(time.Now())), CountMin: -1}, []string{"path: ", "equals: cannot be compared", "count_min: "}},
		"json, in":      {&probes.JSON{Path: "$", In: []any{1, []any{time.Now()}}, Min: new(2.0), Max: new(1.0)}, []string{"in: [1]: ", "max: less than min"}},
		"freshness":     {&probes.Freshness{}, []string{"json: required"}},
		"freshness, 2":  {&probes.Freshness{JSON: "$.a", Header: "Date", MaxAge: -1}, []string{"header: not together", "max_age: "}},
		"freshness, p":  {&probes.Freshness{JSON: "$["}, []string{"json: "}},
		"freshness, h":  {&probes.Freshness{Header: "a b"}, []string{"header: "}},
		"response_time": {&probes.ResponseTime{Under: -1}, []string{"under: required"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.kind.Validate()
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.want) {
				t.Errorf("%d faults, want %d: %v", len(lines), len(test.want), err)
			}
			for _, want := range test.want {
				if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, want) }) {
					t.Errorf("no fault begins with %q: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "cret") {
				t.Errorf("shows a secret: %v", err)
			}
		})
	}
}
