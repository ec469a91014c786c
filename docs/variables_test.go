package docs_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// What a package variable may be. Anything else can change, or looks as if it could:
//
//   - an error value, a regular expression, or what else a call in makers returns,
//     which nobody can change;
//   - an unexported table: a literal of a map, a slice or an array;
//   - a literal of one of the package's own struct types, as long as it is a value;
//   - a file that is embedded, as embed.FS or string;
//   - a check that a type implements an interface: var _ I = T{}.
//
// And nothing in the package, or in another one, assigns it or an element of it,
// takes its address, calls a method with a pointer receiver on it, or sorts it.

// makers are the calls whose result cannot be changed.
var makers = map[string][]string{
	"errors":    {"New"},
	"fmt":       {"Errorf"},
	"net/netip": {"MustParseAddr", "MustParsePrefix"},
	"reflect":   {"TypeFor"},
	"regexp":    {"MustCompile"},
	"strings":   {"NewReplacer"},
	"sync":      {"OnceFunc", "OnceValue", "OnceValues"},
	"time":      {"Date"},
	"github.com/DataDog/sketches-go/ddsketch/mapping": {"NewLogarithmicMapping"},
	module + "/slo": {"Days", "AtLeast", "AtMost", "Below"},
}

// changers are the functions that change what their first argument holds.
var changers = map[string][]string{
	"maps":   {"Copy", "DeleteFunc", "Insert"},
	"slices": {"Compact", "CompactFunc", "Delete", "DeleteFunc", "Insert", "Replace", "Reverse", "Sort", "SortFunc", "SortStableFunc"},
	"sort":   {"Ints", "Slice", "SliceStable", "Sort", "Stable", "Strings"},
}

// variables reports package variables that are not constants in all but name.
func variables(u *unit, report func(token.Pos, string, ...any)) {
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	// Without the packages that it imports much stays unknown, but not which names are its own.
	config := types.Config{Importer: absent{}, Error: func(error) {}, FakeImportC: true}
	own, _ := config.Check(u.path, u.fset, u.code, info)
	for _, f := range u.code {
		names := importNames(f)
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					spec := spec.(*ast.ValueSpec)
					for i, name := range spec.Names {
						if why := mutable(g, spec, i, names, info); why != "" {
							report(name.Pos(), "package variable %s: %s", name.Name, why)
						}
					}
				}
			}
		}
		c := changes{names: names, info: info, scope: own.Scope(), report: report}
		for n := range ast.Preorder(f) {
			c.node(n)
		}
	}
}

// mutable says what makes a package variable one that can change, or nothing.
func mutable(g *ast.GenDecl, spec *ast.ValueSpec, i int, names map[string]string, info *types.Info) string {
	name := spec.Names[i]
	if embedded(g.Doc) || embedded(spec.Doc) {
		of, typ, _ := imported(names, spec.Type)
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "string" || of == "embed" && typ == "FS" {
			return ""
		}
		return "embed it as embed.FS or string"
	}
	if len(spec.Values) == 0 {
		return "has no value, so something assigns it"
	}
	if name.Name == "_" && spec.Type != nil {
		return ""
	}
	switch value := spec.Values[min(i, len(spec.Values)-1)].(type) {
	case *ast.CallExpr:
		if of, fn, ok := imported(names, value.Fun); !ok || !slices.Contains(makers[of], fn) {
			return "what the call returns may be changed"
		}
		return ""
	case *ast.CompositeLit:
		return frozen(value, name.IsExported(), info)
	case *ast.BasicLit:
		return "a constant would do"
	}
	return "is not a table"
}

// frozen says why a literal is not a table, or nothing.
func frozen(value *ast.CompositeLit, exported bool, info *types.Info) string {
	typ := info.TypeOf(value)
	if typ == nil {
		return "its type is unknown"
	}
	_, literal := value.Type.(*ast.ArrayType)
	if _, ok := value.Type.(*ast.MapType); ok {
		literal = true
	}
	_, local := typ.(*types.Named)
	switch typ.Underlying().(type) {
	case *types.Struct:
		if local || !exported {
			return ""
		}
	case *types.Map, *types.Slice, *types.Array:
		if !exported {
			return ""
		}
		return "an exported table, which any package may change: return it from a function"
	default:
		if literal && !exported { // of a type of another package
			return ""
		}
	}
	return "is not a table"
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// changes finds what changes package variables in a file.
type changes struct {
	names  map[string]string
	info   *types.Info
	scope  *types.Scope // of the package
	report func(token.Pos, string, ...any)
}

func (c changes) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, e := range n.Lhs {
				c.changed(e, "assigned")
			}
		}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			c.changed(n.Key, "assigned")
			c.changed(n.Value, "assigned")
		}
	case *ast.IncDecStmt:
		c.changed(n.X, "assigned")
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.changed(n.X, "its address taken")
		}
	case *ast.CallExpr:
		c.call(n)
	case *ast.SelectorExpr:
		// x.m with a pointer receiver takes the address of x.
		if s, ok := c.info.Selections[n]; ok && s.Kind() == types.MethodVal {
			_, pointer := s.Obj().Type().(*types.Signature).Recv().Type().(*types.Pointer)
			if _, already := s.Recv().(*types.Pointer); pointer && !already {
				c.changed(n.X, "changed by a method")
			}
		}
	}
}

func (c changes) call(n *ast.CallExpr) {
	if len(n.Args) == 0 {
		return
	}
	of, name, _ := imported(c.names, n.Fun)
	if id, ok := n.Fun.(*ast.Ident); ok {
		_, builtin := c.info.Uses[id].(*types.Builtin)
		if builtin && (id.Name == "delete" || id.Name == "clear" || id.Name == "copy") {
			c.changed(n.Args[0], "changed")
		}
	} else if slices.Contains(changers[of], name) {
		c.changed(n.Args[0], "changed")
	}
}

// changed reports a change when what is changed is, or is part of, a package
// variable of this or another package.
func (c changes) changed(e ast.Expr, how string) {
	for e != nil {
		switch x := e.(type) {
		case *ast.Ident:
			if v, ok := c.info.Uses[x].(*types.Var); ok && v.Parent() == c.scope {
				c.report(x.Pos(), "package variable %s is %s", x.Name, how)
			}
			return
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				if p, ok := c.info.Uses[id].(*types.PkgName); ok {
					// The address of another package's literal is not told from that of its variable.
					if how != "its address taken" {
						c.report(x.Pos(), "%s.%s, a variable of %s, is %s", id.Name, x.Sel.Name, p.Imported().Path(), how)
					}
					return
				}
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return
		}
	}
}
