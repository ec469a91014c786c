package probes_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

// What a body of 4 MB costs at most, whatever is in it.
func TestHostileFreshness(t *testing.T) {
	const size = 4 << 20
	fill := func(before, part, after string) []byte {
		return []byte(before + strings.Repeat(part, size/len(part)) + after)
	}
	column := func(name string) *probes.Freshness {
		return &probes.Freshness{CSV: &probes.CSVColumn{Column: name}}
	}
	for name, test := range map[string]struct {
		freshness *probes.Freshness
		body      []byte
		want      string // in the error; empty for a date
	}{
		"xml: depth":              {&probes.Freshness{XML: "//a"}, fill("", "<a>", ""), "levels"},
		"xml: nodes":              {&probes.Freshness{XML: "//b"}, fill("<a>", "<b/>", "</a>"), "nodes"},
		"xml: work":               {&probes.Freshness{XML: "//b[count(//b) > 0]"}, fill("<a>", "<b>"+strings.Repeat("x", 100)+"</b>", "</a>"), "more work"},
		"xml: attributes":         {&probes.Freshness{XML: "//b"}, fill("<a ", `b="" `, "/>"), "nodes"},
		"xml: one text":           {&probes.Freshness{XML: "//*"}, fill("<a><b>", "x", "</b></a>"), "not a date"},
		"xml: entities":           {&probes.Freshness{XML: "//a"}, fill(`<!DOCTYPE a [<!ENTITY b "`, "xx", `">]><a>&b;</a>`), "entities we do not expand"},
		"xml: not closed":         {&probes.Freshness{XML: "//a"}, fill("<a>", "x", ""), "not XML"},
		"xml: invalid UTF-8":      {&probes.Freshness{XML: "//a"}, fill("<a>", "\xff", "</a>"), "not XML"},
		"xml: unknown encoding":   {&probes.Freshness{XML: "//a"}, []byte(`<?xml version="1.0" encoding="x-none"?><a/>`), "an encoding that we do not read"},
		"csv: no dates":           {column("a"), fill("a,b\n", "x,y\n", ""), "not a date"},
		"csv: numbers":            {column("a"), numbers(size), "more than 10000 values"},
		"csv: blank":              {column("a"), fill("a,b\n", ",\n", ""), "not a date"},
		"csv: dates":              {column("a"), fill("a,b\n", "2026-08-20,1\n2026-08-21,2\n", ""), ""},
		"csv: short rows":         {column("b"), fill("a,b\n", "x\n", ""), "selects nothing"},
		"csv: quote never closed": {column("a"), fill("a,b\n\"", "x,y\n", ""), "not a date"},
		"csv: one row":            {column("a"), fill("", "b;c,d|", ""), "no column"},
		"csv: quotes":             {column("a"), fill("a\n", `"""`, ""), "not a date"},
		"csv: zero bytes":         {column("a"), make([]byte, size), "no column"},
		"feed: items":             {&probes.Freshness{Feed: true}, fill("<rss>", "<item><pubDate>x</pubDate></item>", "</rss>"), "not a date"},
		"feed: many words":        {&probes.Freshness{Feed: true}, words(size), "more than 10000 values"},
		"feed: depth":             {&probes.Freshness{Feed: true}, fill("<rss>", "<item>", ""), "not a feed"},
		"feed: one date":          {&probes.Freshness{Feed: true}, fill("<rss><item><pubDate>", "2026 ", "</pubDate></item></rss>"), "not a date"},
		"feed: dates":             {&probes.Freshness{Feed: true}, fill("<feed>", "<entry><updated>2026-08-21T00:00:00Z</updated></entry>", "</feed>"), ""},
		"json: dates":             {&probes.Freshness{JSON: "$[*]"}, fill("[", `"`+strings.Repeat("x", 20)+`",`, `"2026-08-21"]`), ""},
		"json: others":            {&probes.Freshness{JSON: "$[*]"}, fill("[", `"`+strings.Repeat("x", 20)+`","y",`, `"2026-08-21"]`), "more than 10000 values"},
		"json: depth":             {&probes.Freshness{JSON: "$..*"}, fill("", "[", ""), "not JSON"},
		"json: one text":          {&probes.Freshness{JSON: "$"}, fill(`"`, "9", `"`), "not a date"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			date, err := test.freshness.Date(&probes.Observation{Body: test.body})
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s and error %.300v, want %q", date, err, test.want)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; took > 30*time.Second || allocated > 600<<20 {
				t.Errorf("took %s and %d MB", took, allocated>>20)
			}
		})
	}
}

func numbers(size int) []byte {
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%d,x\n", i)
	}
	return []byte(b.String())
}

func words(size int) []byte {
	var b strings.Builder
	b.WriteString("<rss>")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "<item><pubDate>%d août mars mai</pubDate></item>", i%28+1)
	}
	b.WriteString("</rss>")
	return []byte(b.String())
}

// Whatever the body, there is a date or an error, never both nor a panic.
func FuzzFreshness(f *testing.F) {
	for _, body := range []string{atomFeed, rssFeed, rdfFeed, xmlBody, table, `{"a": "2026-08-21"}`, "<a><!--x--><b c='d'/></a>", "<?x y=z?><a/><b/>", "a|\"b\n\"|2026-08-21"} {
		f.Add([]byte(body), "//*", "a", "$..*")
	}
	f.Fuzz(func(t *testing.T, body []byte, xpath, column, path string) {
		for _, freshness := range []*probes.Freshness{
			{Feed: true}, {XML: "//*"}, {XML: "//@*"}, {XML: xpath}, {CSV: &probes.CSVColumn{Column: column}}, {JSON: path},
			{XML: xpath, Changed: true}, {Changed: true},
		} {
			if freshness.Validate() != nil {
				continue
			}
			date, err := freshness.Date(&probes.Observation{Time: sightAt, Body: body})
			if (err == nil) == date.IsZero() {
				t.Fatalf("%s: date %s and error %v", freshness, date, err)
			}
		}
	})
}
