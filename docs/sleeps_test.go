package docs_test

import (
	"go/ast"
	"go/token"
	"slices"
)

// mention is one place in the tests of a package that names a function or calls
// time.Sleep.
type mention struct {
	at     token.Pos
	in     string // function that it is in; empty outside functions
	bubble bool   // whether it is written inside a call of synctest.Test
}

// sleeps refuses a sleep in a test, but for one on the clock of a synctest
// bubble, which takes no time: one written inside the bubble, or in a function
// that is named nowhere but in bubbles.
func sleeps(u *unit, report func(token.Pos, string, ...any)) {
	mentions := map[string][]mention{} // by what is named
	var slept []mention
	for _, f := range u.tests {
		names := importNames(f)
		functions, bubbles := functionsOf(f), bubblesOf(f, names)
		for n := range ast.Preorder(f) {
			m := mention{at: n.Pos()}
			for _, fn := range functions { // an inner one comes after those around it
				if fn.body.Pos() <= m.at && m.at < fn.body.End() {
					m.in = fn.name.Name
				}
			}
			for _, b := range bubbles {
				m.bubble = m.bubble || b.Pos() <= m.at && m.at < b.End()
			}
			switch n := n.(type) {
			case *ast.Ident:
				if !slices.ContainsFunc(functions, func(fn function) bool { return fn.name == n }) {
					mentions[n.Name] = append(mentions[n.Name], m)
				}
			case *ast.SelectorExpr:
				if of, name, _ := imported(names, n); of == "time" && name == "Sleep" {
					slept = append(slept, m)
				}
			}
		}
	}
	for _, m := range slept {
		if !m.bubbled(mentions, map[string]bool{}) {
			report(m.at, "time.Sleep in a test: wait for what is to happen, or use testing/synctest")
		}
	}
}

// bubbled reports whether what is mentioned runs in bubbles only.
func (m mention) bubbled(mentions map[string][]mention, seen map[string]bool) bool {
	if m.bubble || seen[m.in] {
		return true
	}
	if len(mentions[m.in]) == 0 { // the testing package calls it
		return false
	}
	seen[m.in] = true
	for _, caller := range mentions[m.in] {
		if !caller.bubbled(mentions, seen) {
			return false
		}
	}
	return true
}

// function is a function that has a name: a declared one, or a literal in a variable.
type function struct {
	name *ast.Ident
	body ast.Node
}

func functionsOf(f *ast.File) []function {
	var all []function
	for n := range ast.Preorder(f) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				all = append(all, function{n.Name, n.Body})
			}
		case *ast.AssignStmt:
			for i, e := range n.Rhs {
				literal, ok := e.(*ast.FuncLit)
				if !ok || len(n.Lhs) != len(n.Rhs) {
					continue
				}
				if name, ok := n.Lhs[i].(*ast.Ident); ok {
					all = append(all, function{name, literal})
				}
			}
		}
	}
	return all
}

// bubblesOf returns the calls of synctest.Test in a file.
func bubblesOf(f *ast.File, names map[string]string) []ast.Node {
	var calls []ast.Node
	for n := range ast.Preorder(f) {
		if call, ok := n.(*ast.CallExpr); ok {
			if of, name, _ := imported(names, call.Fun); of == "testing/synctest" && name == "Test" {
				calls = append(calls, call)
			}
		}
	}
	return calls
}
