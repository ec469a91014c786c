package probes_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// expression returns the assertion that the text is.
func expression(t testing.TB, text string) *probes.Expression {
	t.Helper()
	made, ok := probes.NewAssertion("expression")
	if !ok {
		t.Fatal("there is no assertion expression")
	}
	e := made.(*probes.Expression)
	if err := e.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return e
}

func seen() *probes.Observation {
	return &probes.Observation{
		Time: time.Date(2026, 8, 21, 12, 0, 0, 0, time.UTC), URL: "https://api.example/x", Proto: "HTTP/2.0", Status: 200,
		Header: http.Header{"Content-Type": {"application/json"}}, Remote: "192.0.2.1:443", Redirects: 1,
		Phases: probes.Phases{DNS: 10 * time.Millisecond, Connect: 20 * time.Millisecond, Wait: 220 * time.Millisecond},
		Facts:  map[string]any{"answers": []string{"192.0.2.1"}, "answer_count": 1},
		Body: []byte(`{"ok": true, "n": 5, "f": 2.5, "nom": "Nantes", "nil": null, "maj": "2026-08-21T10:00:00Z",
			"big": 9007199254740993, "items": [{"id": 1, "tags": ["a"]}, {"id": 2, "tags": ["b", "c"]}]}`),
	}
}

func TestExpressions(t *testing.T) {
	for text, fault := range map[string]string{
		`status == 200 && size < 1MB && json.n > 0`:                           "",
		`status in [200, 206]`:                                                "",
		`status == 204`:                                                       "expression is false, with status 200: status == 204",
		`size > 1.5kB or status != 200`:                                       "is false, with size 187, status 200: ",
		`size < 1KiB and size >= 100B`:                                        "",
		`time.total < 500ms && time.wait < 0.3 && time.server == 0.2`:         "",
		`time.total < 200ms`:                                                  "is false, with time.total 0.25: ",
		`time.dns + time.connect + time.tls < 1s`:                             "",
		`header("content-type") startsWith "application/json"`:                "",
		`header("X-None") == ""`:                                              "",
		`body contains "Nantes" && body matches "N.*s"`:                       "",
		`body contains "1MB"`:                                                 "is false",
		`json.ok`:                                                             "",
		`json.nil == nil && json.none == nil`:                                 "",
		`json.none.x == 1`:                                                    "cannot be evaluated on this answer: column 11: ",
		`json?.none?.x == nil`:                                                "",
		`json.n == 5 && json.f == 2.5 && json.n < json.f * 3`:                 "",
		`json.big == 9007199254740993 && json.big != 9007199254740992`:        "",
		`float(json.n) + float(json.f) == 7.5`:                                "",
		`json.nom`:                                                            "cannot be evaluated on this answer: column 1: ",
		`json.n > "a"`:                                                        "cannot be evaluated on this answer: column 8: ",
		`len(json.items) == 2`:                                                "",
		`all(json.items, .id > 0)`:                                            "",
		`all(json.items, .id > 1)`:                                            "is false",
		`all(json.items, any(.tags, # in ["a", "b"]))`:                        "",
		`count(json.items, .id <= json.n) == 2`:                               "",
		`max(map(json.items, .id)) == 2`:                                      "",
		`sum(json.items, .id) == 3 && len(filter(json.items, .id == 1)) == 1`: "",
		`sortBy(json.items, -.id)[0].id == 2`:                                 "",
		`at - date(json.maj) < duration("3h")`:                                "",
		`at - date(json.maj) < duration("1h")`:                                "is false",
		`"192.0.2.1" in facts.answers && facts.answer_count == 1`:             "",
		`facts.none == nil`:                                                   "",
		`proto == "HTTP/2.0" && redirects <= 1 && url endsWith "/x"`:          "",
		`remote == "é"`:                                                       `is false, with remote "192.0.2.1:443": `,
		"status == 200 // 1MB is a comment\n&& /* 2kB */ size > 0":            "",
		`"é\"1MB" != '2kB' && size < 1MB`:                                     "",
	} {
		t.Run(text, func(t *testing.T) {
			e := expression(t, text)
			if err := e.Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			if got := e.String(); got != "expression "+text {
				t.Errorf("reads %q", got)
			}
			for range 2 { // the second time as the first
				switch err := e.Check(seen()); {
				case (err != nil) != (fault != ""):
					t.Errorf("error %v, want %q", err, fault)
				case err != nil && !strings.Contains(err.Error(), fault):
					t.Errorf("error %q, want %q in it", err, fault)
				}
			}
		})
	}
}

func TestExpressionsThatMakeNoSense(t *testing.T) {
	for text, fault := range map[string]string{
		"":                                   "required: ",
		"statu == 200":                       "column 1: unknown name statu",
		"status == 200 && siz < 1":           "column 18: unknown name siz",
		"size < 100MB && siz < 1":            "column 17: unknown name siz",
		"size < 1MB && size < 22KiB\n&& é":   "line 2, column 4: unknown name é",
		"status ==":                          "column 9: unexpected token EOF",
		"status":                             "expected bool, but got int",
		`status == "200"`:                    "column 8: ",
		"size < 1XB":                         "column ",
		"size < 9999999999GB":                "column ",
		"len(status) == 1":                   "column ",
		`"a" + "b" == body`:                  "column 5: + adds numbers",
		"json.a + json.b == 2":               "column 8: + adds numbers",
		"let a = body; a == body":            "let cannot be used",
		"all(1..10, # > 0)":                  "column 6: ranges cannot be used",
		"$env.status == 200":                 "$env cannot be used",
		"status == 200; true":                "only one condition",
		"body matches json.pattern":          "must be a text in quotes",
		`body matches "("`:                   "column ",
		"now() == at":                        "unknown name now",
		"reduce([1], #acc) == 1":             "unknown name reduce",
		`repeat("a", 9) == "a"`:              "unknown name repeat",
		"any([1], any([1], any([1], true)))": "loops can be nested no more than 2 deep",
		"status.x == 1":                      "column ",
		"time.nothing == 1":                  "column ",
		"Status == 200":                      "unknown name Status",
		"tick(1)":                            "unknown name tick",
		strings.Repeat("(", 3000):            "",
		strings.Repeat("!", 3000) + "true":   "",
		strings.Repeat("status == 200 && ", 200) + "true": "",
		"1":                       "expected bool",
		strings.Repeat("a", 5000): "longer than 4000 bytes",
	} {
		err := expression(t, text).Validate()
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%.60q: error %v, want %q in it", text, err, fault)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: more than one line: %q", text, err)
		}
	}
}

// A body that is not JSON matters only where the expression reads it.
func TestExpressionOnBodiesThatAreNotJSON(t *testing.T) {
	for text, fault := range map[string]string{
		"status == 204 || json.ok": "",
		"status == 204 && json.ok": "the body is not JSON: it is empty",
		"size == 0":                "",
	} {
		err := expression(t, text).Check(&probes.Observation{Status: 204})
		if (err != nil) != (fault != "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%s: error %v, want %q", text, err, fault)
		}
	}
}

// What takes more than our bounds concludes nothing, soon.
func TestExpressionBeyondItsBounds(t *testing.T) {
	numbers := "[" + strings.Repeat("1,", 100_000) + "1]"
	for name, test := range map[string]struct{ text, body string }{
		"loop in a loop":   {"count(json, any(json, # == 2)) == 0", numbers},
		"use in a loop":    {"count(json, json == nil) == 0", numbers},
		"text in a loop":   {`count(json, body contains "z") == 0 && count(json, body matches "z+") == 0`, numbers},
		"lists in a loop":  {"count(json, len(map(json, #)) == 0) == 0", numbers},
		"deep":             {"json != nil", strings.Repeat("[", 5000) + strings.Repeat("]", 5000)},
		"many values":      {"json != nil", "[" + strings.Repeat("1,", 400_000) + "1]"},
		"number too large": {"json.n > 1", `{"n": 1e999999999}`},
	} {
		t.Run(name, func(t *testing.T) {
			inconclusive(t, expression(t, test.text), test.body)
		})
	}
}

// inconclusive fails unless the assertion on the body says that we could not
// tell.
func inconclusive(t testing.TB, assertion probes.Assertion, body string) {
	t.Helper()
	if err := assertion.(probes.Validator).Validate(); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	answer := stub(func(context.Context) (probes.Observation, error) {
		return probes.Observation{Status: 200, Body: []byte(body)}, nil
	})
	began := time.Now()
	r := probes.Probe{Prober: answer, Expectations: critical(assertion), Timeout: time.Minute}.Run(t.Context(), nil)
	expect(t, r, probes.Unknown, probes.ClassInconclusive)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
}

func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		`status == 200 && size < 1MB`, `all(json.items, any(.tags, # in ["a"]))`, `time.total < 500ms`, `"1MB" == 'a' // x`,
		"`1kB`", `json?.a?.b ?? true`, `at - date("2026-01-01") > duration("1h")`, `1MB == 1e6 /* 2kB`, `sortBy(json.items, .id)[0].id == 1`,
		`max(1, 2) + min(json.n) > -1 ? true : false`, `{"a": 1}.a == 1`, `json.items | filter(.id > 1) | len() == 1`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := expression(t, text)
		if err := e.Validate(); err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: more than one line: %q", text, err)
			}
			return
		}
		first, second := e.Check(seen()), e.Check(seen())
		if fmt.Sprint(first) != fmt.Sprint(second) {
			t.Errorf("%q: %v, and then %v", text, first, second)
		}
	})
}

func BenchmarkExpression(b *testing.B) {
	for name, text := range map[string]string{
		"status": `status == 200 && size < 1MB && time.total < 500ms`,
		"json":   `status == 200 && json.n > 0 && len(json.items) == 2`,
		"loop":   `all(json.items, .id > 0)`,
	} {
		b.Run(name, func(b *testing.B) {
			e, seen := expression(b, text), *seen()
			b.ReportAllocs()
			for b.Loop() {
				o := seen // whose body is decoded anew
				if err := e.Check(&o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
