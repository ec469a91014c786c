package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// maxLines is how long a file that is not a test may be. Up to 300 is the rule;
// what is longer wants a reason, and beyond this there is none.
const maxLines = 400

// unit is a package as the house rules see it.
type unit struct {
	path  string // below the module's, such as "storage/sqlite"
	fset  *token.FileSet
	code  []*ast.File // generated files left out
	tests []*ast.File
}

// rule reports what is against it in a package: where, and what.
type rule func(u *unit, report func(at token.Pos, format string, args ...any))

// rules are the house rules that can be read off the code.
var rules = map[string]rule{
	"comments":  comments,
	"doc":       documented,
	"example":   example,
	"globals":   globals,
	"imports":   imports,
	"init":      noInit,
	"interface": smallInterfaces,
	"length":    length,
	"package":   packageComment,
	"skip":      skips,
	"sleep":     sleeps,
	"variables": variables,
}

// breaches returns what is against the rules in a package.
func (u *unit) breaches(named ...string) []string {
	var found []string
	for name, check := range rules {
		if len(named) > 0 && !slices.Contains(named, name) {
			continue
		}
		check(u, func(at token.Pos, format string, args ...any) {
			where := u.path
			if at.IsValid() {
				p := u.fset.Position(at)
				where = fmt.Sprintf("%s:%d", p.Filename, p.Line)
			}
			found = append(found, where+": "+fmt.Sprintf(format, args...))
		})
	}
	slices.Sort(found)
	return found
}

// load parses a package of the module.
func load(p listed) (*unit, error) {
	u := &unit{path: p.ImportPath, fset: token.NewFileSet()}
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
		text, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(u.fset, path.Join(p.ImportPath, name), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		u.add(f, name)
	}
	return u, nil
}

func (u *unit) add(f *ast.File, name string) {
	switch {
	case ast.IsGenerated(f):
	case strings.HasSuffix(name, "_test.go"):
		u.tests = append(u.tests, f)
	default:
		u.code = append(u.code, f)
	}
}

func (u *unit) all() []*ast.File { return slices.Concat(u.code, u.tests) }

func TestHouseRules(t *testing.T) {
	for _, p := range list(t) {
		u, err := load(p)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, breach := range u.breaches() {
			t.Error(breach)
		}
	}
}

func noInit(u *unit, report func(token.Pos, string, ...any)) {
	for _, f := range u.all() {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				report(fn.Pos(), "func init: whoever needs it calls it")
			}
		}
	}
}

// Packages that no file imports, with what to take in their place.
var refused = map[string]string{
	"github.com/rs/zerolog/log":                               "log by a zerolog.Logger that is passed",
	"github.com/golang/mock":                                  "test against the real thing",
	"github.com/stretchr/testify/mock":                        "test against the real thing",
	"github.com/prometheus/client_golang/prometheus/promauto": "register in a registry that is passed",
}

// Packages that are imported for what they do when they are loaded.
var blank = []string{"embed", "time/tzdata", "github.com/mattn/go-sqlite3"}

func imports(u *unit, report func(token.Pos, string, ...any)) {
	for _, f := range u.all() {
		for _, i := range f.Imports {
			of := importPath(i)
			if instead, ok := refused[of]; ok {
				report(i.Pos(), "imports %s: %s", of, instead)
			}
			if i.Name != nil && i.Name.Name == "_" && !slices.Contains(blank, of) {
				report(i.Pos(), "blank import of %s", of)
			}
			if i.Name != nil && i.Name.Name == "." {
				report(i.Pos(), "dot import of %s", of)
			}
		}
	}
}

// Names of other packages that stand for something global. The log package itself
// may be imported: net/http's servers want a logger of its type. The program may
// say where that log goes: net/http's client writes to it what a server sends.
var shared = map[string][]string{
	"github.com/prometheus/client_golang/prometheus": {
		"DefaultRegisterer", "DefaultGatherer", "MustRegister", "Register", "Unregister",
	},
	"github.com/prometheus/client_golang/prometheus/promhttp": {"Handler", "InstrumentMetricHandler"},
	"log": {
		"Default", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln", "Print", "Printf", "Println",
		"SetFlags", "SetOutput", "SetPrefix", "Writer",
	},
	"github.com/rs/zerolog": {"SetGlobalLevel", "DefaultContextLogger"},
	"log/slog":              {"Default", "SetDefault", "Debug", "Info", "Warn", "Error"},
	"net/http":              {"Handle", "HandleFunc", "DefaultServeMux", "ListenAndServe"},
}

func globals(u *unit, report func(token.Pos, string, ...any)) {
	for i, f := range u.all() {
		names := importNames(f)
		if i >= len(u.code) {
			maps.DeleteFunc(names, func(_, of string) bool { return of == "log" }) // examples end by log.Fatal
		}
		for n := range ast.Preorder(f) {
			if s, ok := n.(*ast.SelectorExpr); ok {
				of, name, ok := imported(names, s)
				if of == "log" && name == "SetOutput" && f.Name.Name == "main" {
					continue
				}
				if ok && slices.Contains(shared[of], name) {
					report(s.Pos(), "%s.%s is shared by the whole process", path.Base(of), name)
				}
			}
		}
	}
}

func packageComment(u *unit, report func(token.Pos, string, ...any)) {
	var texts []string
	for _, f := range u.code {
		if f.Doc != nil {
			texts = append(texts, f.Doc.Text())
		}
	}
	if len(u.code) == 0 {
		return
	}
	name := u.code[0].Name.Name
	switch {
	case len(texts) != 1:
		report(token.NoPos, "%d package comments: want one", len(texts))
	case name == "main" && !sentence.MatchString(texts[0]):
		report(token.NoPos, "the comment of the command is not a sentence: %q", texts[0])
	case name != "main" && !strings.HasPrefix(texts[0], "Package "+name+" "):
		report(token.NoPos, "the package comment does not begin with %q", "Package "+name)
	}
}

var sentence = regexp.MustCompile(`^\p{Lu}(?s:.*)\.\s*$`)

// example wants an Example of each package that can be imported. A kit for tests
// has its uses in tests for it, which the test of the layers asks for.
func example(u *unit, report func(token.Pos, string, ...any)) {
	if len(u.code) == 0 || u.code[0].Name.Name == "main" || kit(u.path) {
		return
	}
	for _, f := range u.tests {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Example") {
				return
			}
		}
	}
	report(token.NoPos, "no Example in its tests")
}

func length(u *unit, report func(token.Pos, string, ...any)) {
	for _, f := range u.code {
		if n := u.fset.File(f.Pos()).LineCount(); n > maxLines+1 { // the empty one after the last line break counts
			report(f.Package, "the file has %d lines: want %d at most", n-1, maxLines)
		}
	}
}

func skips(u *unit, report func(token.Pos, string, ...any)) {
	for _, f := range u.tests {
		for n := range ast.Preorder(f) {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				continue
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || s.Sel.Name != "Skip" && s.Sel.Name != "Skipf" && s.Sel.Name != "SkipNow" {
				continue
			}
			reason := ""
			if len(call.Args) > 0 {
				reason = "given"
				if lit, ok := call.Args[0].(*ast.BasicLit); ok {
					reason, _ = strconv.Unquote(lit.Value)
				}
			}
			if strings.TrimSpace(reason) == "" {
				report(call.Pos(), "%s without a reason", s.Sel.Name)
			}
		}
	}
}

var leftover = regexp.MustCompile(`\b(` + "TO" + "DO|FIX" + "ME|XX" + `X)\b`)

func comments(u *unit, report func(token.Pos, string, ...any)) {
	for _, f := range u.all() {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if what := leftover.FindString(c.Text); what != "" {
					report(c.Pos(), "%s in a comment", what)
				}
			}
		}
	}
}

// wide are the interfaces that have more than three methods, with a reason.
var wide = []string{"storage.Store"} // all that an engine must do

// smallInterfaces counts the names that an interface lists: an embedded interface
// is one, a type of a constraint is none.
func smallInterfaces(u *unit, report func(token.Pos, string, ...any)) {
	for _, f := range u.code {
		names := map[ast.Expr]string{}
		for n := range ast.Preorder(f) {
			if spec, ok := n.(*ast.TypeSpec); ok {
				names[spec.Type] = f.Name.Name + "." + spec.Name.Name
			}
			i, ok := n.(*ast.InterfaceType)
			if !ok || slices.Contains(wide, names[i]) {
				continue
			}
			count := 0
			for _, m := range i.Methods.List {
				switch m.Type.(type) {
				case *ast.BinaryExpr, *ast.UnaryExpr: // A | B, ~A
				default:
					count += max(1, len(m.Names))
				}
			}
			if count > 3 {
				report(i.Pos(), "an interface of %d methods: want three at most", count)
			}
		}
	}
}

// documented wants a comment on each exported name; a group of constants,
// variables or types may have one for all of them.
func documented(u *unit, report func(token.Pos, string, ...any)) {
	for _, f := range u.code {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
					report(d.Pos(), "%s has no comment", d.Name.Name)
				}
			case *ast.GenDecl:
				if d.Doc != nil {
					continue
				}
				for _, spec := range d.Specs {
					for _, name := range uncommented(spec) {
						report(name.Pos(), "%s has no comment", name.Name)
					}
				}
			}
		}
	}
}

// uncommented returns the exported names of a declaration without a comment.
func uncommented(spec ast.Spec) []*ast.Ident {
	var names []*ast.Ident
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Doc == nil && spec.Comment == nil {
			names = []*ast.Ident{spec.Name}
		}
	case *ast.ValueSpec:
		if spec.Doc == nil && spec.Comment == nil {
			names = spec.Names
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(n *ast.Ident) bool { return !n.IsExported() })
}

// receiver returns the name of the type that a method is of.
func receiver(fn *ast.FuncDecl) string {
	for n := range ast.Preorder(fn.Recv.List[0].Type) {
		if name, ok := n.(*ast.Ident); ok {
			return name.Name
		}
	}
	return ""
}

func importPath(i *ast.ImportSpec) string {
	of, _ := strconv.Unquote(i.Path.Value) // the parser has checked it
	return of
}

// importNames returns the packages that a file imports by the names it calls them.
func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, i := range f.Imports {
		of := importPath(i)
		name := path.Base(of)
		if major.MatchString(name) {
			name = path.Base(path.Dir(of))
		}
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = of
	}
	return names
}

var major = regexp.MustCompile(`^v[0-9]+$`)

// imported returns the package and the name of a selector such as time.Sleep, and
// whether it is one of a package.
func imported(names map[string]string, e ast.Expr) (of, name string, ok bool) {
	if i, generic := e.(*ast.IndexExpr); generic {
		e = i.X
	}
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return "", "", false
	}
	of, ok = names[x.Name]
	return of, s.Sel.Name, ok
}

// absent is an importer that has no package: types are only asked for names that
// the package itself declares.
type absent struct{}

func (absent) Import(of string) (*types.Package, error) { return nil, fmt.Errorf("%s: not loaded", of) }
