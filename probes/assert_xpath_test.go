package probes_test

import (
	"strings"
	"testing"
	"time"

	"observatoire/probes"
)

const atom = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a feed --><?xml-stylesheet href="x.xsl"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:gml="http://www.opengis.net/gml" xml:lang="fr">
  <title> Jeux de données </title>
  <entry id="1"><title>A &amp; B</title><gml:pos srs="x">1 2</gml:pos><n>10</n></entry>
  <entry id="2"><title><![CDATA[<C>]]></title><g:pos xmlns:g="http://www.opengis.net/gml">3 4</g:pos><n>2</n></entry>
</feed>`

func TestXPath(t *testing.T) {
	gml := map[string]string{"gml": "http://www.opengis.net/gml", "a": "http://www.w3.org/2005/Atom"}
	for name, test := range map[string]struct {
		assertion *probes.XPath
		text      string
		fault     string
	}{
		"present":           {&probes.XPath{Path: "/feed/entry"}, "xpath /feed/entry is present", ""},
		"missing":           {&probes.XPath{Path: "//author"}, "xpath //author is present", "expected something, found nothing"},
		"equals":            {&probes.XPath{Path: "/feed/title", Equals: new("Jeux de données")}, `xpath /feed/title equals "Jeux de données"`, ""},
		"not equals":        {&probes.XPath{Path: "//entry/title", Equals: new("A & B")}, `xpath //entry/title equals "A & B"`, `expected: equals "A & B"; found: "<C>"`},
		"CDATA":             {&probes.XPath{Path: "//entry[2]/title/text()", Equals: new("<C>")}, `xpath //entry[2]/title/text() equals "<C>"`, ""},
		"attribute":         {&probes.XPath{Path: "//entry/@id", Matches: `^\d$`}, `xpath //entry/@id matches "^\\d$"`, ""},
		"not matches":       {&probes.XPath{Path: "//entry/@id", Matches: `^1$`}, `xpath //entry/@id matches "^1$"`, `found: "2"`},
		"predicate":         {&probes.XPath{Path: "//entry[@id='2']/n", Equals: new("2")}, `xpath //entry[@id='2']/n equals "2"`, ""},
		"last":              {&probes.XPath{Path: "/feed/entry[last()]/@id", Equals: new("2")}, `xpath /feed/entry[last()]/@id equals "2"`, ""},
		"parent":            {&probes.XPath{Path: "//n[.='2']/../@id", Equals: new("2")}, `xpath //n[.='2']/../@id equals "2"`, ""},
		"siblings":          {&probes.XPath{Path: "//entry[1]/following-sibling::entry/preceding-sibling::entry/@id", Equals: new("1")}, `xpath //entry[1]/following-sibling::entry/preceding-sibling::entry/@id equals "1"`, ""},
		"union":             {&probes.XPath{Path: "//n | //title", CountMin: 5}, "xpath //n | //title selects at least 5", ""},
		"count":             {&probes.XPath{Path: "//entry", CountMin: 2}, "xpath //entry selects at least 2", ""},
		"too few":           {&probes.XPath{Path: "//entry", CountMin: 3}, "xpath //entry selects at least 3", "expected: at least 3 nodes; found: 2"},
		"any namespace":     {&probes.XPath{Path: "//pos", CountMin: 2}, "xpath //pos selects at least 2", ""},
		"namespace":         {&probes.XPath{Path: "//gml:pos", Namespaces: gml, CountMin: 2}, "xpath //gml:pos selects at least 2", ""},
		"default namespace": {&probes.XPath{Path: "/a:feed/a:entry", Namespaces: gml, CountMin: 2}, "xpath /a:feed/a:entry selects at least 2", ""},
		"other namespace":   {&probes.XPath{Path: "//a:pos", Namespaces: gml}, "xpath //a:pos is present", "found nothing"},
		"no xmlns":          {&probes.XPath{Path: "count(/feed/@*)", Equals: new("1")}, `xpath count(/feed/@*) equals "1"`, ""},
		"comment":           {&probes.XPath{Path: "/comment()", Equals: new("a feed")}, `xpath /comment() equals "a feed"`, ""},
		"true":              {&probes.XPath{Path: "count(//entry) > 1"}, "xpath count(//entry) > 1 is present", ""},
		"false":             {&probes.XPath{Path: "count(//entry) > 2"}, "xpath count(//entry) > 2 is present", "expected: true; found: false"},
		"number":            {&probes.XPath{Path: "sum(//n)", Equals: new("12")}, `xpath sum(//n) equals "12"`, ""},
		"zero":              {&probes.XPath{Path: "count(//x)"}, "xpath count(//x) is present", "expected: true; found: 0"},
		"string":            {&probes.XPath{Path: "string(/feed/entry/@id)", Equals: new("1")}, `xpath string(/feed/entry/@id) equals "1"`, ""},
		"contains":          {&probes.XPath{Path: "//title[contains(., 'Jeux')]"}, "xpath //title[contains(., 'Jeux')] is present", ""},
		"root":              {&probes.XPath{Path: "/"}, "xpath / is present", ""},
	} {
		t.Run(name, func(t *testing.T) {
			x := test.assertion
			if err := x.Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			if got := x.String(); got != test.text {
				t.Errorf("reads %q, want %q", got, test.text)
			}
			for range 2 { // the second time as the first
				switch err := x.Check(&probes.Observation{Body: []byte(atom)}); {
				case (err != nil) != (test.fault != ""):
					t.Errorf("error %v, want %q", err, test.fault)
				case err != nil && !strings.Contains(err.Error(), test.fault):
					t.Errorf("error %q, want %q in it", err, test.fault)
				}
			}
		})
	}
}

func TestBodiesThatAreNotXML(t *testing.T) {
	for body, fault := range map[string]string{
		"":                  "the body is not XML: it has no element",
		" <!-- nothing -->": "it has no element",
		`{"a": 1}`:          "the body is not XML: ",
		"<a>":               "the body is not XML: ",
		"<a></b>":           "the body is not XML: ",
		"<a/><a/>":          "more than one root",
		"<a/>x":             "text outside",
		"<a>&nbsp;</a>":     "the body is not XML: ",
		"<html><br></html>": "the body is not XML: ",
		"<a>\xff</a>":       "the body is not XML: ",
		"\xef\xbb\xbf<?xml version='1.0'?>\n<a/>\n":                               "",
		"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd' [<!ELEMENT a EMPTY>]><a/>": "",
		"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>":                  "",
	} {
		err := (&probes.XPath{Path: "/a", Matches: "^é?$"}).Check(&probes.Observation{Body: []byte(body)})
		if (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: error %v, want %q", body, err, fault)
		}
	}
}

func TestXPathSettingsThatMakeNoSense(t *testing.T) {
	for name, test := range map[string]struct {
		x    *probes.XPath
		want []string
	}{
		"nothing":  {&probes.XPath{}, []string{"path: required"}},
		"unclosed": {&probes.XPath{Path: "//a["}, []string{"path: not an XPath"}},
		"prefix":   {&probes.XPath{Path: "//atom:entry"}, []string{"path: not an XPath: prefix atom not defined."}},
		"function": {&probes.XPath{Path: "no(//a)"}, []string{"path: not an XPath"}},
		"too long": {&probes.XPath{Path: strings.Repeat("/a", 2000)}, []string{"path: longer than 2000 bytes"}},
		"deep":     {&probes.XPath{Path: strings.Repeat("(", 1000)}, []string{"path: not an XPath"}},
		"several":  {&probes.XPath{Path: "//a", Matches: "(", CountMin: -1, Namespaces: map[string]string{"a": ""}}, []string{"namespaces: a: ", "matches: ", "count_min: "}},
	} {
		err := test.x.Validate()
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != len(test.want) {
			t.Errorf("%s: %q, want %d faults", name, err, len(test.want))
			continue
		}
		for i, want := range test.want {
			if !strings.HasPrefix(lines[i], want) {
				t.Errorf("%s: %q, want %q", name, lines[i], want)
			}
		}
	}
}

// What takes more than our bounds, or what we do not read, concludes nothing.
func TestXPathBeyondItsBounds(t *testing.T) {
	const bomb = `<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>`
	wide := "<a>" + strings.Repeat("<b/>", 50_000) + "</a>"
	nested := strings.Repeat("<b>", 250) + strings.Repeat("<c>x</c>", 20_000) + strings.Repeat("</b>", 250)
	for name, test := range map[string]struct{ path, body string }{
		"entities":        {"/a", bomb},
		"external entity": {"/a", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`},
		"HTML entity":     {"/a", `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1:1/x.dtd"><a>&nbsp;</a>`},
		"UTF-16":          {"/a", "\xff\xfe<\x00a\x00/\x00>\x00"},
		"encoding":        {"/a", "<?xml version='1.0' encoding='x-none'?><a/>"},
		"deep":            {"/a", strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300)},
		"many nodes":      {"/a", "<a>" + strings.Repeat("<b/>", 400_000) + "</a>"},
		"many attributes": {"/a", "<a " + strings.Repeat("b='' ", 400_000) + "/>"},
		"squared":         {"//b[preceding-sibling::b/x]", wide},
		"union":           {"//b | //b", wide},
		"texts":           {"//*[contains(., 'y')]", nested},
		"axes":            {"//*//*//*//*", nested},
	} {
		t.Run(name, func(t *testing.T) {
			inconclusive(t, &probes.XPath{Path: test.path}, test.body)
		})
	}
}

func FuzzXPath(f *testing.F) {
	for _, path := range []string{"/feed/entry", "//entry[@id='2']/n", "count(//entry) > 1", "//n | //title", "//gml:pos", "string(//n)", "//*[contains(., 'J')]/.."} {
		f.Add(path, atom)
	}
	f.Add("//a/text()", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;<![CDATA[x]]></a>")
	f.Add("//b/@*", "<?xml version='1.0' encoding='latin1'?><a><b c='1'/></a>")
	f.Fuzz(func(t *testing.T, path, body string) {
		x := &probes.XPath{Path: path, Namespaces: map[string]string{"gml": "http://www.opengis.net/gml"}, Matches: "."}
		if x.Validate() != nil {
			return
		}
		began := time.Now()
		x.Check(&probes.Observation{Body: []byte(body)})
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q on %d bytes took %s", path, len(body), took)
		}
	})
}

func BenchmarkXPath(b *testing.B) {
	x, o := &probes.XPath{Path: "//entry[@id='2']/n", Equals: new("2")}, &probes.Observation{Body: []byte(atom)}
	b.ReportAllocs()
	for b.Loop() {
		if err := x.Check(o); err != nil {
			b.Fatal(err)
		}
	}
}
