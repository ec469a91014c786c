package docs_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// drawing is the layers block of docs/ARCHITECTURE.md and the table below it.
type drawing struct {
	line map[string]int // of each package, from the top
	row  map[string]bool
}

func draw(document string) (drawing, []string) {
	d := drawing{line: map[string]int{}, row: map[string]bool{}}
	var faults []string
	found := blocks(document, "layers")
	if len(found) != 1 {
		faults = append(faults, fmt.Sprintf("%d layers blocks: want one", len(found)))
	}
	for _, b := range found {
		for i, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
			for path := range strings.FieldsSeq(line) {
				if _, twice := d.line[path]; twice {
					faults = append(faults, path+" is drawn twice")
				}
				d.line[path] = i
			}
		}
	}
	for _, cells := range table(document, "package", "what it is for") {
		for name := range strings.SplitSeq(cells[0], ",") {
			d.row[strings.Trim(strings.TrimSpace(name), "`")] = true
		}
	}
	return d, faults
}

// readers are the packages that may import config.
var readers = []string{"cmd/observatoire", "docs"}

// faults returns how packages differ from what is drawn of them. The tests inside
// a package may also import what is beside it, and kits for tests. Those outside
// it (package x_test) are a package of their own, which nothing imports: they may
// import everything but config, such as the engine that x is tried on.
func (d drawing) faults(all []listed) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	exists, tried := map[string]bool{}, map[string]bool{}
	for _, p := range all {
		path := p.ImportPath
		exists[path] = true
		at, drawn := d.line[path]
		if !drawn {
			fault("%s is not drawn", path)
			continue
		}
		if !d.row[path] {
			fault("%s has no row in the table of packages", path)
		}
		code, tests, outside := own(p.Imports...), own(p.TestImports...), own(p.XTestImports...)
		for _, i := range slices.Concat(code, tests, outside) {
			if i == "config" && path != "config" && !slices.Contains(readers, path) {
				fault("%s imports config: only %s may", path, strings.Join(readers, " and "))
			}
		}
		for _, i := range code {
			if l, ok := d.line[i]; ok && l >= at {
				fault("%s imports %s, which is not above it", path, i)
			}
			if kit(i) && !kit(path) {
				fault("%s imports %s, which is for tests", path, i)
			}
		}
		for _, i := range slices.Concat(tests, outside) {
			tried[i] = tried[i] || i != path
		}
		for _, i := range tests {
			if l, ok := d.line[i]; ok && l > at && !kit(i) {
				fault("the tests of %s import %s, which is below it", path, i)
			}
		}
	}
	for path := range d.line {
		if !exists[path] {
			fault("%s is drawn and does not exist", path)
		} else if kit(path) && !tried[path] {
			fault("no test uses %s", path)
		}
	}
	for path := range d.row {
		if _, drawn := d.line[path]; !drawn {
			fault("%s has a row in the table of packages and is not drawn", path)
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

func TestLayers(t *testing.T) {
	d, faults := draw(read(t, "docs/ARCHITECTURE.md"))
	for _, fault := range append(faults, d.faults(list(t))...) {
		t.Error(fault)
	}
}

// The checker finds what it is there to find, and nothing else.
func TestLayersChecker(t *testing.T) {
	const document = "```layers\nleaf other\nmid mid/midtest\nconfig\ncmd/observatoire docs\n```\n" +
		"| package | what it is for |\n|---|---|\n| leaf, other | a |\n| mid, `mid/midtest` | b |\n| config | c |\n| cmd/observatoire, docs | d |\n"
	graph := func(change func(map[string]*listed)) []listed {
		packages := map[string]*listed{
			"leaf":             {},
			"other":            {TestImports: []string{"fmt", module + "/leaf"}},
			"mid":              {Imports: []string{"fmt", module + "/leaf"}, XTestImports: []string{module + "/mid", module + "/mid/midtest"}},
			"mid/midtest":      {Imports: []string{module + "/leaf"}},
			"config":           {Imports: []string{module + "/mid"}},
			"cmd/observatoire": {Imports: []string{module + "/config"}},
			"docs":             {XTestImports: []string{module + "/config"}},
		}
		change(packages)
		var all []listed
		for path, p := range packages {
			p.ImportPath = path
			all = append(all, *p)
		}
		return all
	}
	tests := map[string]struct {
		change func(map[string]*listed)
		was    string // in the document
		is     string
		want   []string
	}{
		"as drawn": {},
		"one beside": {
			change: func(p map[string]*listed) { p["leaf"].Imports = []string{module + "/other"} },
			want:   []string{"leaf imports other, which is not above it"},
		},
		"one below": {
			change: func(p map[string]*listed) { p["leaf"].Imports = []string{module + "/mid"} },
			want:   []string{"leaf imports mid, which is not above it"},
		},
		"one below, in a test outside": {
			change: func(p map[string]*listed) { p["leaf"].XTestImports = []string{module + "/mid"} },
		},
		"config, in a test outside": {
			change: func(p map[string]*listed) { p["leaf"].XTestImports = []string{module + "/config"} },
			want:   []string{"leaf imports config: only cmd/observatoire and docs may"},
		},
		"one below, in a test": {
			change: func(p map[string]*listed) { p["leaf"].TestImports = []string{module + "/mid"} },
			want:   []string{"the tests of leaf import mid, which is below it"},
		},
		"config": {
			change: func(p map[string]*listed) {
				p["late"] = &listed{Imports: []string{module + "/config"}, TestImports: []string{module + "/config"}}
			},
			was: "config\ncmd", is: "config\nlate\ncmd",
			want: []string{"late has no row in the table of packages", "late imports config: only cmd/observatoire and docs may"},
		},
		"a kit in code": {
			change: func(p map[string]*listed) { p["config"].Imports = []string{module + "/mid/midtest"} },
			want:   []string{"config imports mid/midtest, which is for tests"},
		},
		"a kit that nothing uses": {
			change: func(p map[string]*listed) { p["mid"].XTestImports = nil },
			want:   []string{"no test uses mid/midtest"},
		},
		"not drawn": {
			change: func(p map[string]*listed) { p["utils"] = &listed{} },
			want:   []string{"utils is not drawn"},
		},
		"not there": {
			change: func(p map[string]*listed) { delete(p, "other") },
			want:   []string{"other is drawn and does not exist"},
		},
		"no row":          {was: "| config | c |\n", want: []string{"config has no row in the table of packages"}},
		"a row too many":  {was: "| config | c |", is: "| config, gone | c |", want: []string{"gone has a row in the table of packages and is not drawn"}},
		"drawn twice":     {was: "other\n", is: "other other\n", want: []string{"other is drawn twice"}},
		"without a block": {was: "```layers", is: "```text", want: []string{"0 layers blocks: want one"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.change == nil {
				test.change = func(map[string]*listed) {}
			}
			text := document
			if test.was != "" {
				text = strings.Replace(document, test.was, test.is, 1)
			}
			d, got := draw(text)
			if len(d.line) > 0 { // without a drawing every package is undrawn
				got = append(got, d.faults(graph(test.change))...)
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The places that the table of kinds names exist, and each has a kind in it.
func TestPlacesOfKinds(t *testing.T) {
	rows := table(read(t, "docs/ARCHITECTURE.md"), "new…", "own file", "the line")
	if len(rows) == 0 {
		t.Fatal("docs/ARCHITECTURE.md: no table of where a new kind plugs in")
	}
	exists := func(pattern string) {
		matches, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(matches) == 0 {
			t.Errorf("docs/ARCHITECTURE.md: %s: there is no such file (%v)", pattern, err)
		}
	}
	for _, row := range rows {
		for file := range strings.SplitSeq(row[1], "+") {
			file = strings.ReplaceAll(strings.TrimSpace(file), "NNNN", "[0-9][0-9][0-9][0-9]")
			exists(placeholder.ReplaceAllString(file, "${1}*${2}"))
		}
		if row[2] != "none" {
			exists(row[2])
		}
	}
}

// placeholder is the x of a new kind in the name of a file.
var placeholder = regexp.MustCompile(`([/_])x([./]|$)`)
