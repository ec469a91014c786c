package docs_test

import (
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Each rule finds what is against it, and lets pass what is not.
func TestRules(t *testing.T) {
	const header = "// Package p is one.\npackage p\n"
	many := strings.Repeat("\n", maxLines)
	tests := map[string]struct {
		rule  string
		code  string // of p.go; without a package clause it gets one
		tests string // of p_test.go
		path  string // of the package; p without one
		want  []string
	}{
		"init":          {"init", "func init() {}", "func init() {}", "", []string{"p.go:3: func init", "p_test.go:3: func init"}},
		"method init":   {"init", "type t struct{}\nfunc (t) init() {}", "", "", nil},
		"log":           {"globals", "import \"log\"\nfunc f() { log.Print(1) }\nvar l = log.New(nil, \"\", 0)", "import \"log\"\nfunc ExampleF() { log.Fatal(1) }", "", []string{"log.Print is shared"}},
		"zerolog/log":   {"imports", `import "github.com/rs/zerolog/log"`, "", "", []string{"imports github.com/rs/zerolog/log"}},
		"promauto":      {"imports", "", `import "github.com/prometheus/client_golang/prometheus/promauto"`, "", []string{"p_test.go:3: imports"}},
		"blank":         {"imports", `import _ "net/http/pprof"`, "", "", []string{"blank import of net/http/pprof"}},
		"dot":           {"imports", `import . "fmt"`, "", "", []string{"dot import of fmt"}},
		"driver":        {"imports", "import (\n_ \"github.com/mattn/go-sqlite3\"\n_ \"embed\"\n_ \"time/tzdata\"\n\"log/slog\"\n)", "", "", nil},
		"registry":      {"globals", "import prom \"github.com/prometheus/client_golang/prometheus\"\nvar r = prom.DefaultRegisterer", "", "", []string{"DefaultRegisterer is shared"}},
		"own registry":  {"globals", "import \"github.com/prometheus/client_golang/prometheus\"\nvar r = prometheus.NewRegistry()", "", "", nil},
		"global mux":    {"globals", "import \"net/http\"\nfunc f() { http.HandleFunc(\"/\", nil) }", "", "", []string{"http.HandleFunc is shared"}},
		"global logger": {"globals", "import \"log/slog\"\nfunc f() { slog.Info(\"x\") }", "", "", []string{"slog.Info is shared"}},

		"no comment":       {"package", "package p", "", "", []string{"0 package comments"}},
		"two comments":     {"package", "// Package p is one.\npackage p", "", "two", []string{"2 package comments"}},
		"other comment":    {"package", "// Here is p.\npackage p", "", "", []string{`does not begin with "Package p"`}},
		"command":          {"package", "// Observatoire watches.\npackage main", "", "", nil},
		"command, no text": {"package", "// observatoire\npackage main", "", "", []string{"not a sentence"}},

		"no example":       {"example", "", "func TestX() {}", "", []string{"p: no Example"}},
		"an example":       {"example", "", "func ExampleX() {}", "", nil},
		"command, none":    {"example", "package main", "", "", nil},
		"kit, none":        {"example", "", "", "ptest", nil},
		"only tests, none": {"example", "-", "func TestX() {}", "", nil},

		"long":                          {"length", many, "", "", []string{"p.go:2: the file has 401 lines"}},
		"long test":                     {"length", "", many, "", nil},
		"as long":                       {"length", many[:maxLines-2], "", "", nil},
		"sleep":                         {"sleep", "", "import zzz \"time\"\nfunc TestX() { zzz.Sleep(1) }", "", []string{"p_test.go:4: time.Sleep"}},
		"sleep, no test":                {"sleep", "import \"time\"\nfunc f() { time.Sleep(1) }", "", "", nil},
		"sleep, bubble":                 {"sleep", "", "import (\n\"time\"\n\"testing/synctest\"\n)\nfunc TestX() { synctest.Test(t, func() { time.Sleep(1) }) }", "", nil},
		"sleep, called in a bubble":     {"sleep", "", "import (\n\"time\"\n\"testing/synctest\"\n)\nfunc TestX() { synctest.Test(t, func() { f() }) }\nfunc f() { g() }\nfunc g() { time.Sleep(1) }", "", nil},
		"sleep, variable in a bubble":   {"sleep", "", "import (\n\"time\"\n\"testing/synctest\"\n)\nfunc TestX() { f := func() { time.Sleep(1) }; synctest.Test(t, func() { f() }) }", "", nil},
		"sleep, variable":               {"sleep", "", "import (\n\"time\"\n\"testing/synctest\"\n)\nfunc TestX() { f := func() { time.Sleep(1) }; f(); synctest.Test(t, func() { f() }) }", "", []string{"p_test.go:7: time.Sleep"}},
		"sleep, called outside as well": {"sleep", "", "import (\n\"time\"\n\"testing/synctest\"\n)\nfunc TestX() { synctest.Test(t, func() { f() }) }\nfunc TestY() { f() }\nfunc f() { g() }\nfunc g() { time.Sleep(1) }", "", []string{"p_test.go:10: time.Sleep"}},
		"skip":                          {"skip", "", "func TestX() { t.Skip() }", "", []string{"Skip without a reason"}},
		"skip empty":                    {"skip", "", "func TestX() { t.Skipf(\" \") }", "", []string{"Skipf without a reason"}},
		"skip now":                      {"skip", "", "func TestX() { t.SkipNow() }", "", []string{"SkipNow without a reason"}},
		"skip, why":                     {"skip", "", "func TestX() { t.Skip(\"no browser\"); t.Skip(why) }", "", nil},
		"leftover":                      {"comments", "func f() {\n// TO" + "DO: more\n}", "/* FIX" + "ME */", "", []string{"p.go:4: TO" + "DO", "p_test.go:3: FIX" + "ME"}},
		"no leftover":                   {"comments", "// TODOS is a word.", "", "", nil},

		"wide":          {"interface", "type I interface { A(); B(); C(); D() }", "", "", []string{"an interface of 4 methods"}},
		"wide, unnamed": {"interface", "func f(x interface { A(); B(); C(); error }) {}", "", "", []string{"an interface of 4 methods"}},
		"three":         {"interface", "type I interface { A(); B(); C() }\ntype J interface { I; error }\ntype C interface { ~int | ~string }", "", "", nil},
		"the store":     {"interface", "// Package storage is one.\npackage storage\ntype Store interface { A(); B(); C(); D() }", "", "", nil},

		"undocumented": {"doc", "func F() {}\ntype T struct{}\nfunc (*T) M() {}\nconst C = 1\nvar ( V, w = 1, 2 )", "", "", []string{
			"p.go:3: F has", "p.go:4: T has", "p.go:5: M has", "p.go:6: C has", "p.go:7: V has",
		}},
		"documented": {"doc", "// F is.\nfunc F() {}\ntype t[K any] struct{}\nfunc (t[K]) M() {}\n// All.\nconst (\nC = 1\nD = 2\n)\nvar (\nV = 1 // is\n)", "func TestX() {}", "", nil},

		"variables": {"variables", `import ("errors"; "fmt"; "net/http"; "sync"; "time")
			var a int
			var b = 1
			var c = time.Now()
			var d = func() {}
			var E = []int{1}
			var f = http.Client{}
			var G = http.Client{}
			var h = &s{}
			var i sync.Mutex
			type s struct{}`, "", "", []string{
			"variable a: has no value", "variable b: a constant", "variable c: what the call", "variable d: is not",
			"variable E: an exported table", "variable f: is not", "variable G: is not", "variable h: is not", "variable i: has no value",
		}},
		"tables": {"variables", `import ("embed"; "errors"; "fmt"; "regexp"; "sync"; "net/netip")
			// Err is.
			var Err = errors.New("x")
			var (
				errs = fmt.Errorf("%d", 1)
				form = regexp.MustCompile("x")
				list = []netip.Prefix{}
				names = [...]string{"x"}
				byName = map[string]func(){"x": nil}
				once = sync.OnceValues(func() (int, error) { return 1, nil })
				Zero = s{}
				_ fmt.Stringer = s{}
				nothing = struct{}{}
			)
			//go:embed x
			var files embed.FS
			//go:embed x
			var text string
			type s struct{}
			func f() { list := list; list = nil; names := 1; names++; x := s{}; x.m() }
			func (*s) m() {}`, "var mocked = 1", "", nil},
		"embedded bytes": {"variables", "//go:embed x\nvar b []byte", "", "", []string{"embed it as"}},
		"changes": {"variables", `import ("flag"; "slices")
			var m = map[string]int{}
			var l = []int{}
			var z = s{}
			type s struct{ n int }
			func (x *s) inc() { x.n++ }
			func f() {
				m["x"] = 1
				l[0]++
				l = append(l, 1)
				delete(m, "x")
				slices.Sort(l)
				p := &z
				z.n = 1
				z.inc()
				flag.Usage = nil
				for l[0] = range 3 { }
			}`, "", "", []string{
			"variable m is assigned", "variable l is assigned", "variable l is assigned", "variable m is changed", "variable l is changed",
			"variable z is its address taken", "variable z is assigned", "variable z is changed by a method", "flag.Usage, a variable of flag, is assigned",
			"variable l is assigned",
		}},
	}
	tried := map[string]bool{}
	for name, test := range tests {
		tried[test.rule] = true
		t.Run(name, func(t *testing.T) {
			if rules[test.rule] == nil {
				t.Fatalf("there is no rule %q", test.rule)
			}
			u := &unit{path: "p", fset: token.NewFileSet()}
			add := func(file, text string) {
				if !strings.Contains(text, "package ") {
					text = header + text
				}
				f, err := parser.ParseFile(u.fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				u.add(f, file)
			}
			if test.path != "" {
				u.path = test.path
			}
			if test.code != "-" {
				add("p.go", test.code)
			}
			if test.path == "two" {
				add("q.go", test.code)
			}
			if test.tests != "" {
				add("p_test.go", test.tests)
			}
			got := u.breaches(test.rule)
			for _, want := range test.want {
				i := slices.IndexFunc(got, func(breach string) bool { return strings.Contains(breach, want) })
				if i < 0 {
					t.Errorf("got no breach like %q", want)
					continue
				}
				got = slices.Delete(got, i, i+1)
			}
			if len(got) > 0 {
				t.Errorf("got also %q", got)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if !tried[name] {
			t.Errorf("no test shows that rule %q finds anything", name)
		}
	}
	u := &unit{path: "p", fset: token.NewFileSet()}
	f, err := parser.ParseFile(u.fset, "p.go", "// Code generated by x. DO NOT EDIT.\n\npackage p\nfunc init() {}\n", parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if u.add(f, "p.go"); len(u.breaches()) > 0 {
		t.Errorf("a generated file: got %q", u.breaches())
	}
}
