package probes

import (
	"reflect"
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// expressionGuard refuses what has no bound, notes what an expression uses, and
// has each loop count its turns. It is called for each node, those inside
// before those around them.
type expressionGuard struct {
	fault   *file.Error // the first
	used    map[string]bool
	matches bool
}

func newExpressionGuard() *expressionGuard { return &expressionGuard{used: map[string]bool{}} }

// Visit implements [ast.Visitor].
func (g *expressionGuard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			g.refuse(n, "$env cannot be used")
		}
		g.used[n.Value] = true
	case *ast.MemberNode:
		owner, ok := n.Node.(*ast.IdentifierNode)
		name, named := n.Property.(*ast.StringNode)
		if ok && named && owner.Value == "time" {
			g.used["time."+name.Value] = true
		}
	case *ast.VariableDeclaratorNode:
		g.refuse(n, "let cannot be used")
	case *ast.SequenceNode:
		g.refuse(n, "only one condition can be written; join several with &&")
	case *ast.BinaryNode:
		g.binary(n)
	case *ast.BuiltinNode:
		if !slices.Contains(functions[:], n.Name) { // some are known to the parser, enabled or not
			g.refuse(n, "unknown name "+n.Name)
		}
	case *ast.PredicateNode:
		g.loop(n)
	}
}

func (g *expressionGuard) refuse(at ast.Node, message string) {
	if g.fault == nil {
		g.fault = &file.Error{Location: at.Location(), Message: message}
	}
}

func (g *expressionGuard) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		g.refuse(n, "ranges cannot be used")
	case "+":
		if !computes(n.Left) || !computes(n.Right) {
			g.refuse(n, "+ adds numbers: write float(…) around a value of json; texts cannot be joined")
		}
	case "matches":
		g.matches = true
		if _, ok := n.Right.(*ast.StringNode); !ok {
			g.refuse(n, "the regular expression after matches must be a text in quotes")
		}
	}
}

// computes reports whether a node is known to be a number, a date or a duration.
func computes(n ast.Node) bool {
	switch t := n.Type(); {
	case t == nil:
		return false
	case t == reflect.TypeFor[time.Time](), t == reflect.TypeFor[time.Duration]():
		return true
	default:
		return t.Kind() == reflect.Int || t.Kind() == reflect.Float64
	}
}

// loop has a predicate count: from "predicate" to "tick(uses) ? predicate : nil",
// where the tick is never false.
func (g *expressionGuard) loop(n *ast.PredicateNode) {
	const deepest = 2
	inside := &loopUses{}
	ast.Walk(&n.Node, inside)
	if inside.depth >= deepest {
		g.refuse(n, "loops can be nested no more than 2 deep")
		return
	}
	tick := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: "tick of a loop"},
		Arguments: []ast.Node{&ast.IntegerNode{Value: inside.uses}},
	}
	at := n.Node.Location()
	tick.SetLocation(at)
	ast.Patch(&n.Node, &ast.ConditionalNode{Cond: tick, Exp1: n.Node, Exp2: &ast.NilNode{}})
}

// loopUses counts, in a loop, the loops that are nested in it and the uses of
// what is not one of its elements.
type loopUses struct{ uses, depth int }

// Visit implements [ast.Visitor].
func (l *loopUses) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		switch n.Value {
		case "body", "json", "header", "facts", "url":
			l.uses++
		}
	case *ast.PredicateNode:
		inner := &loopUses{}
		ast.Walk(&n.Node, inner)
		l.depth = max(l.depth, 1+inner.depth)
	}
}
