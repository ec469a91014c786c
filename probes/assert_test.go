package probes_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

var observed = probes.Observation{
	Time:   time.Date(2026, 8, 21, 12, 0, 0, 0, time.UTC),
	Status: 206,
	Phases: probes.Phases{Redirect: 100 * time.Millisecond, Wait: 200 * time.Millisecond},
	Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Via": {"a", "b"}},
	Body: []byte(`{"nom": "Nantes", "code": "44109", "n": 5, "big": 9007199254740993, "float": 5.0, "exp": 5e0,
		"huge": 1e999, "nil": null, "yes": true, "list": [1, 2, 3], "object": {"a": 1}, "empty": []}`),
	TLS: &tls.ConnectionState{PeerCertificates: []*x509.Certificate{
		{NotAfter: time.Date(2026, 9, 20, 12, 0, 0, 0, time.UTC)}, {NotAfter: time.Date(2026, 9, 4, 12, 0, 0, 0, time.UTC)},
	}},
}

func TestAssertions(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		assertion probes.Assertion
		text      string // as it reads
		fault     string // part of the error; empty where it holds
	}{
		"status":               {probes.Status{200, 206}, "status is one of 200, 206", ""},
		"status, one":          {probes.Status{200}, "status is 200", "status 206, expected 200"},
		"header":               {&probes.Header{Name: "content-type"}, "header content-type is present", ""},
		"header, missing":      {&probes.Header{Name: "ETag"}, "header ETag is present", "no header ETag"},
		"header, equals":       {&probes.Header{Name: "Via", Equals: "b"}, `header Via equals "b"`, ""},
		"header, not equals":   {&probes.Header{Name: "Via", Equals: "c"}, `header Via equals "c"`, `expected: equals "c"; found: "a, b"`},
		"header, contains":     {&probes.Header{Name: "Content-Type", Contains: "json"}, `header Content-Type contains "json"`, ""},
		"header, not contains": {&probes.Header{Name: "Content-Type", Contains: "xml"}, `header Content-Type contains "xml"`, "found"},
		"header, matches":      {&probes.Header{Name: "Content-Type", Matches: "^application/.*json"}, `header Content-Type matches "^application/.*json"`, ""},
		"header, not matches":  {&probes.Header{Name: "Content-Type", Matches: "^text/"}, `header Content-Type matches "^text/"`, "found"},
		"body":                 {&probes.Body{Contains: "Nantes"}, `body contains "Nantes"`, ""},
		"body, missing":        {&probes.Body{Contains: "Brest"}, `body contains "Brest"`, "expected: contains"},
		"body, matches":        {&probes.Body{Contains: "Nantes", Matches: `"code": "\d{5}"`}, `body contains "Nantes" and matches "\"code\": \"\\d{5}\""`, ""},
		"body, not matches":    {&probes.Body{Matches: `^\[`}, `body matches "^\\["`, "expected"},
		"time":                 {&probes.ResponseTime{Under: 301 * time.Millisecond}, "response time is under 301ms", ""},
		"time, at it":          {&probes.ResponseTime{Under: 300 * time.Millisecond}, "response time is under 300ms", "response time 300ms, expected under 300ms"},
		"certificate":          {&probes.Certificate{ValidFor: 14 * day}, "certificate is valid for 14 days more", ""},
		"certificate, ends":    {&probes.Certificate{ValidFor: 15 * day}, "certificate is valid for 15 days more", "expires on 2026-09-04 12:00:00 UTC, in 14 days, expected at least 15 days"},
		"json":                 {&probes.JSON{Path: "$.nom"}, "json $.nom is present", ""},
		"json, null is there":  {&probes.JSON{Path: "$.nil"}, "json $.nil is present", ""},
		"json, nothing":        {&probes.JSON{Path: "$.x", NotEquals: new(any("y"))}, `json $.x does not equal "y"`, "found nothing"},
		"json, equals":         {&probes.JSON{Path: "$.nom", Equals: new(any("Nantes"))}, `json $.nom equals "Nantes"`, ""},
		"json, not equals":     {&probes.JSON{Path: "$.nom", Equals: new(any("Brest"))}, `json $.nom equals "Brest"`, `expected: equals "Brest"; found: "Nantes"`},
		"json, null":           {&probes.JSON{Path: "$.nil", Equals: new(any(nil))}, "json $.nil equals null", ""},
		"json, not null":       {&probes.JSON{Path: "$.nil", NotEquals: new(any(nil))}, "json $.nil does not equal null", "found: null"},
		"json, bool":           {&probes.JSON{Path: "$.yes", Equals: new(any(true))}, "json $.yes equals true", ""},
		"json, int":            {&probes.JSON{Path: "$.float", Equals: new(any(5))}, "json $.float equals 5", ""},
		"json, float":          {&probes.JSON{Path: "$.exp", Equals: new(any(5.0))}, "json $.exp equals 5", ""},
		"json, exact":          {&probes.JSON{Path: "$.big", Equals: new(any(9007199254740992))}, "json $.big equals 9007199254740992", "found: 9007199254740993"},
		"json, text is none":   {&probes.JSON{Path: "$.code", Equals: new(any(44109))}, "json $.code equals 44109", `found: "44109"`},
		"json, huge":           {&probes.JSON{Path: "$.huge", Min: new(1.0)}, "json $.huge is at least 1", "found: 1e999"},
		"json, array":          {&probes.JSON{Path: "$.list", Equals: new(any([]any{1, 2.0, int64(3)}))}, "json $.list equals an array", ""},
		"json, object":         {&probes.JSON{Path: "$.object", Equals: new(any(map[string]any{"a": 2}))}, "json $.object equals an object", "found: an object"},
		"json, in":             {&probes.JSON{Path: "$.list[*]", In: []any{1, 2, 3}}, "json $.list[*] is one of 1, 2, 3", ""},
		"json, not in":         {&probes.JSON{Path: "$.list[*]", In: []any{1, 2}}, "json $.list[*] is one of 1, 2", "found: 3"},
		"json, matches":        {&probes.JSON{Path: "$.code", Matches: `^\d{5}$`}, `json $.code matches "^\\d{5}$"`, ""},
		"json, matches number": {&probes.JSON{Path: "$.n", Matches: `5`}, `json $.n matches "5"`, "found: 5"},
		"json, between":        {&probes.JSON{Path: "$.n", Min: new(5.0), Max: new(5.0)}, "json $.n is at least 5 and is at most 5", ""},
		"json, too small":      {&probes.JSON{Path: "$.n", Min: new(5.5)}, "json $.n is at least 5.5", "expected: is at least 5.5; found: 5"},
		"json, too large":      {&probes.JSON{Path: "$.list[*]", Max: new(2.0)}, "json $.list[*] is at most 2", "found: 3"},
		"json, count":          {&probes.JSON{Path: "$.list[*]", CountMin: 3}, "json $.list[*] selects at least 3", ""},
		"json, too few":        {&probes.JSON{Path: "$.list[*]", CountMin: 4}, "json $.list[*] selects at least 4", "expected: at least 4 nodes; found: 3"},
		"json, empty":          {&probes.JSON{Path: "$.empty[*]"}, "json $.empty[*] is present", "found nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.assertion.(probes.Validator).Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			if got := test.assertion.String(); got != test.text {
				t.Errorf("reads %q, want %q", got, test.text)
			}
			o := observed
			switch err := test.assertion.Check(&o); {
			case (err != nil) != (test.fault != ""):
				t.Errorf("error %v, want %q", err, test.fault)
			case err != nil && !strings.Contains(err.Error(), test.fault):
				t.Errorf("error %q, want %q in it", err, test.fault)
			}
		})
	}
}

func TestBodiesThatAreNotJSON(t *testing.T) {
	for body, fault := range map[string]string{
		"": "it is empty", " ": "it is empty", "<html>": "not JSON", `{"a":1} {"b":2}`: "more text", `{"a":1`: "not JSON", "\xef\xbb\xbf{\"a\":1}": "",
	} {
		err := (&probes.JSON{Path: "$.a"}).Check(&probes.Observation{Body: []byte(body)})
		if (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: error %v, want %q", body, err, fault)
		}
	}
}

func TestCertificateOfTheVerifiedChain(t *testing.T) {
	at := func(days int) *x509.Certificate {
		return &x509.Certificate{NotAfter: observed.Time.Add(time.Duration(days) * 24 * time.Hour)}
	}
	o := probes.Observation{Time: observed.Time, TLS: &tls.ConnectionState{
		PeerCertificates: []*x509.Certificate{at(90), at(-3)}, // the second is needed by no chain
		VerifiedChains:   [][]*x509.Certificate{{at(90), at(10)}, {at(90), at(60), at(400)}},
	}}
	if err := (&probes.Certificate{ValidFor: 60 * 24 * time.Hour}).Check(&o); err != nil {
		t.Error(err)
	}
	if err := (&probes.Certificate{ValidFor: 61 * 24 * time.Hour}).Check(&o); err == nil {
		t.Error("valid for longer than its chain")
	}
}
