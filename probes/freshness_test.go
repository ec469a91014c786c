package probes_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

const (
	atomFeed = `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><updated>2030-01-01T00:00:00Z</updated>
		<entry><title>a</title><published>2026-08-01T00:00:00Z</published><updated>2026-08-20T10:00:00+02:00</updated>
			<source><updated>2031-01-01T00:00:00Z</updated></source></entry>
		<entry><published>2026-08-21T10:00:00Z</published></entry></feed>`
	rssFeed = `<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><title>Actualit` + "\xe9" + `s&nbsp;</title>
		<pubDate>Wed, 01 Jan 2031 00:00:00 GMT</pubDate>
		<item><pubDate>Thu, 20 Aug 2026 10:00:00 +0200</pubDate></item>
		<item><pubDate>Fri, 21 Aug 26 08:00 EST</pubDate></item><item><title>undated</title></item></channel></rss>`
	rdfFeed = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
		<channel><dc:date>2031-01-01</dc:date></channel><item><dc:date>2026-08-21T10:00:00+02:00</dc:date></item></rdf:RDF>`
	xmlBody = `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>
		<gmd:m xmlns:gmd="urn:g"><gmd:date at="2026-08-19"> 2026-08-20 </gmd:date><gmd:date>2026-08-21Z</gmd:date><n>2</n></gmd:m>`
	table = "\xef\xbb\xbfid;Date de mise \xc3\xa0 jour;x\n1;20/08/2026;a\n2;;b\n3;\"21/08/2026 10:20\";\"c;\nd\"\n4\n"
)

func TestFreshness(t *testing.T) {
	bodies := map[string]string{
		"json": `{"data": [{"at": "2026-08-20"}, {"at": null}, {"at": "2026-08-22T00:00:00Z"}, {"at": "2026-08-21"}], "none": "x", "n": 1787307630250}`,
		"atom": atomFeed, "rss": rssFeed, "rdf": rdfFeed, "xml": xmlBody, "csv": table,
		"latin": "id,Mise \xe0 jour\n1,2026-08-21\n", "header": "a|b\n", "empty": "", "html": "<html><body>x</body></html>",
		"no items": "<rss><channel/></rss>", "no dates": "<feed><entry/></feed>", "cut": "<rss><item><pubDate>2026", "entity": `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`,
	}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", "Fri, 21 Aug 2026 10:20:30 GMT")
		io.WriteString(w, bodies[r.URL.Query().Get("body")])
	})
	for name, test := range map[string]struct {
		body      string
		freshness *probes.Freshness
		want      string // the date; empty for none
		detail    string
	}{
		"header":             {"json", &probes.Freshness{Header: "last-modified"}, "2026-08-21T10:20:30Z", ""},
		"newest":             {"json", &probes.Freshness{JSON: "$.data[*].at"}, "2026-08-22T00:00:00Z", ""},
		"newest, said":       {"json", &probes.Freshness{JSON: "$.data[*].at", Pick: "newest"}, "2026-08-22T00:00:00Z", ""},
		"first":              {"json", &probes.Freshness{JSON: "$.data[*].at", Pick: "first"}, "2026-08-19T22:00:00Z", ""},
		"first is none":      {"json", &probes.Freshness{JSON: "$.data[1:].at", Pick: "first"}, "", "null is not a date"},
		"number":             {"json", &probes.Freshness{JSON: "$.n"}, "2026-08-21T10:20:30Z", ""},
		"no header":          {"json", &probes.Freshness{Header: "X-Date"}, "", "no header X-Date"},
		"no date":            {"json", &probes.Freshness{JSON: "$.none"}, "", `"x" is not a date`},
		"selects nought":     {"json", &probes.Freshness{JSON: "$.other"}, "", "selects nothing"},
		"no JSON":            {"xml", &probes.Freshness{JSON: "$.other"}, "", "not JSON"},
		"xml":                {"xml", &probes.Freshness{XML: "//date"}, "2026-08-21T00:00:00Z", ""},
		"xml, first":         {"xml", &probes.Freshness{XML: "//date", Pick: "first"}, "2026-08-19T22:00:00Z", ""},
		"xml attribute":      {"xml", &probes.Freshness{XML: "//*[local-name()='date']/@at"}, "2026-08-18T22:00:00Z", ""},
		"xml text":           {"xml", &probes.Freshness{XML: "concat('2026-08-0', string(//n))"}, "2026-08-01T22:00:00Z", ""},
		"xml number":         {"xml", &probes.Freshness{XML: "count(//n)"}, "", "neither seconds nor"},
		"xml truth":          {"xml", &probes.Freshness{XML: "count(//n) > 0"}, "", "want nodes"},
		"xml nought":         {"xml", &probes.Freshness{XML: "//none"}, "", "selects nothing"},
		"xml, no date":       {"xml", &probes.Freshness{XML: "//n"}, "", "neither seconds nor"},
		"xml of JSON":        {"json", &probes.Freshness{XML: "//n"}, "", "not XML"},
		"xml, empty":         {"empty", &probes.Freshness{XML: "//n"}, "", "not XML"},
		"xml entity":         {"entity", &probes.Freshness{XML: "//a"}, "", "entities we do not expand"},
		"csv":                {"csv", &probes.Freshness{CSV: &probes.CSVColumn{Column: "Date de mise à jour"}}, "2026-08-21T08:20:00Z", ""},
		"csv, separator":     {"csv", &probes.Freshness{CSV: &probes.CSVColumn{Column: "Date de mise à jour", Separator: ";"}}, "2026-08-21T08:20:00Z", ""},
		"csv, first":         {"csv", &probes.Freshness{CSV: &probes.CSVColumn{Column: "Date de mise à jour"}, Pick: "first"}, "2026-08-19T22:00:00Z", ""},
		"csv, other":         {"csv", &probes.Freshness{CSV: &probes.CSVColumn{Column: "Date de mise à jour", Separator: ","}}, "", "no column"},
		"csv, no such":       {"csv", &probes.Freshness{CSV: &probes.CSVColumn{Column: "date"}}, "", `no column "date" among id, Date de mise à jour, x`},
		"csv in ISO 8859-1":  {"latin", &probes.Freshness{CSV: &probes.CSVColumn{Column: "Mise à jour"}}, "2026-08-20T22:00:00Z", ""},
		"csv, no row":        {"header", &probes.Freshness{CSV: &probes.CSVColumn{Column: "b"}}, "", "selects nothing"},
		"csv, empty":         {"empty", &probes.Freshness{CSV: &probes.CSVColumn{Column: "b"}}, "", "empty"},
		"atom":               {"atom", &probes.Freshness{Feed: true}, "2026-08-21T10:00:00Z", ""},
		"rss":                {"rss", &probes.Freshness{Feed: true}, "2026-08-21T13:00:00Z", ""},
		"rdf":                {"rdf", &probes.Freshness{Feed: true}, "2026-08-21T08:00:00Z", ""},
		"feed of HTML":       {"html", &probes.Freshness{Feed: true}, "", "its root is html"},
		"feed of JSON":       {"json", &probes.Freshness{Feed: true}, "", "no element"},
		"feed, empty":        {"empty", &probes.Freshness{Feed: true}, "", "no element"},
		"feed without items": {"no items", &probes.Freshness{Feed: true}, "", "no item"},
		"feed without dates": {"no dates", &probes.Freshness{Feed: true}, "", "no item of the feed has a date"},
		"feed, cut":          {"cut", &probes.Freshness{Feed: true}, "", "not a feed: XML syntax"},
		"first sight":        {"json", &probes.Freshness{Changed: true}, "", "not known yet"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := test.freshness.Validate(); err != nil {
				t.Fatal(err)
			}
			r := probes.Probe{Prober: get(t, url+"?body="+strings.ReplaceAll(test.body, " ", "+")), Freshness: test.freshness}.Run(t.Context(), loopback())
			expect(t, r, probes.Up, probes.ClassNone)
			got := ""
			if !r.DataTime.IsZero() {
				got = r.DataTime.UTC().Format(time.RFC3339)
			}
			if got != test.want {
				t.Errorf("date %q, want %q", got, test.want)
			}
			c := r.Checks[len(r.Checks)-1]
			if c.Critical || c.Passed != (test.detail == "") || !strings.HasPrefix(c.Assertion, "freshness: ") || !strings.Contains(c.Detail, test.detail) {
				t.Errorf("check %+v, want %q", c, test.detail)
			}
		})
	}
	t.Run("down", func(t *testing.T) {
		r := probes.Probe{Prober: get(t, url), Freshness: &probes.Freshness{Header: "Last-Modified"},
			Expectations: critical(probes.Status{500})}.Run(t.Context(), loopback())
		if !r.DataTime.IsZero() {
			t.Error("an answer that is wrong has a date")
		}
	})
}

func TestFreshnessIsNamed(t *testing.T) {
	for want, f := range map[string]*probes.Freshness{
		"freshness: date at $.a":                           {JSON: "$.a"},
		"freshness: first date at $.a":                     {JSON: "$.a", Pick: "first"},
		"freshness: date in header Date":                   {Header: "Date"},
		"freshness: date at //a":                           {XML: "//a"},
		"freshness: date in column maj":                    {CSV: &probes.CSVColumn{Column: "maj"}},
		"freshness: date of the newest item of the feed":   {Feed: true},
		"freshness: last change of the body":               {Changed: true},
		"freshness: last change of what is in header ETag": {Changed: true, Header: "ETag"},
	} {
		if got := f.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFreshnessSettings(t *testing.T) {
	for name, test := range map[string]struct {
		freshness *probes.Freshness
		want      []string // the beginnings of the faults, in order
	}{
		"nothing":        {&probes.Freshness{}, []string{"json: required"}},
		"two":            {&probes.Freshness{JSON: "$", Feed: true}, []string{"feed: not together with json"}},
		"four":           {&probes.Freshness{JSON: "$", Header: "A", XML: "a", CSV: &probes.CSVColumn{Column: "a"}}, []string{"header: ", "xml: ", "csv: "}},
		"path":           {&probes.Freshness{JSON: "$["}, []string{"json: "}},
		"xpath":          {&probes.Freshness{XML: "//a["}, []string{"xml: "}},
		"xpath prefix":   {&probes.Freshness{XML: "//a:b"}, []string{"xml: "}},
		"xpath function": {&probes.Freshness{XML: "nothing()"}, []string{"xml: "}},
		"column":         {&probes.Freshness{CSV: &probes.CSVColumn{Separator: ";;"}}, []string{"csv: column: required"}},
		"separator":      {&probes.Freshness{CSV: &probes.CSVColumn{Column: "a", Separator: "\""}}, []string{"csv: separator: "}},
		"changed feed":   {&probes.Freshness{Changed: true, Feed: true}, []string{"feed: not together with changed"}},
		"changed first":  {&probes.Freshness{Changed: true, JSON: "$", Pick: "first"}, []string{"pick: not together with changed"}},
		"pick":           {&probes.Freshness{JSON: "$", Pick: "last"}, []string{"pick: "}},
		"pick a header":  {&probes.Freshness{Header: "Date", Pick: "first"}, []string{"pick: only with"}},
		"max_age":        {&probes.Freshness{JSON: "$", MaxAge: -1}, []string{"max_age: "}},
		"frequency":      {&probes.Freshness{JSON: "$", Frequency: "Daily"}, []string{`frequency: unknown word "Daily"; known words are annual, `}},
		"two limits":     {&probes.Freshness{JSON: "$", Frequency: "daily", MaxAge: 1}, []string{"frequency: not together with max_age"}},
		"three limits":   {&probes.Freshness{JSON: "$", Frequency: "daily", MaxAge: 1, WorkingDays: 1}, []string{"frequency: ", "working_days: not together"}},
		"working_days":   {&probes.Freshness{JSON: "$", WorkingDays: -1}, []string{"working_days: want"}},
		"too many":       {&probes.Freshness{JSON: "$", WorkingDays: 1001}, []string{"working_days: want"}},
		"alsace":         {&probes.Freshness{JSON: "$", AlsaceMoselle: true}, []string{"alsace_moselle: only with"}},
		"all right":      {&probes.Freshness{CSV: &probes.CSVColumn{Column: "a", Separator: "\t"}, Pick: "first", WorkingDays: 1, AlsaceMoselle: true}, nil},
		"word, no check": {&probes.Freshness{Header: "Date", Frequency: "punctual"}, nil},
		"changed, part":  {&probes.Freshness{Changed: true, XML: "//a", MaxAge: 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.freshness.Validate()
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if len(got) < len(test.want) || (len(test.want) == 0) != (len(got) == 0) {
				t.Fatalf("%q, want %q", got, test.want)
			}
			for i, want := range test.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("%q, want %q", got[i], want)
				}
			}
		})
	}
}
