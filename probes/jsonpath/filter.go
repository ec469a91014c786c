package jsonpath

import "unicode/utf8"

// logicalExpr is an expression of RFC 9535's LogicalType.
type logicalExpr interface {
	test(e *evaluator, current any) bool
}

// valueExpr is an expression of ValueType. The result is false in place of the
// special value Nothing.
type valueExpr interface {
	eval(e *evaluator, current any) (any, bool)
}

type (
	orExpr     []logicalExpr
	andExpr    []logicalExpr
	notExpr    struct{ expr logicalExpr }
	existence  struct{ query query }
	comparison struct {
		op          string
		left, right valueExpr
	}
	regexpCall struct {
		text, pattern valueExpr
		whole         bool // the text has to match as a whole
	}
)

type (
	literal       struct{ value any }
	singularQuery struct{ query query }
	lengthCall    struct{ arg valueExpr }
	countCall     struct{ arg query }
	valueCall     struct{ arg query }
)

func (x orExpr) test(e *evaluator, current any) bool {
	for _, term := range x {
		if e.spend(1) && term.test(e, current) {
			return true
		}
	}
	return false
}

func (x andExpr) test(e *evaluator, current any) bool {
	for _, term := range x {
		if !e.spend(1) || !term.test(e, current) {
			return false
		}
	}
	return true
}

func (x notExpr) test(e *evaluator, current any) bool {
	return e.spend(1) && !x.expr.test(e, current)
}

func (x existence) test(e *evaluator, current any) bool {
	return e.spend(1) && len(e.run(x.query, current)) > 0
}

func (x comparison) test(e *evaluator, current any) bool {
	if !e.spend(1) {
		return false
	}
	left, leftOK := x.left.eval(e, current)
	right, rightOK := x.right.eval(e, current)
	equal := func() bool {
		if !leftOK || !rightOK {
			return leftOK == rightOK // Nothing equals Nothing only
		}
		return e.equal(left, right, 0)
	}
	// Nothing is neither less nor greater: as nil it has no order.
	switch x.op {
	case "==":
		return equal()
	case "!=":
		return !equal()
	case "<":
		return e.less(left, right)
	case "<=":
		return e.less(left, right) || equal()
	case ">":
		return e.less(right, left)
	default: // ">="
		return e.less(right, left) || equal()
	}
}

func (x regexpCall) test(e *evaluator, current any) bool {
	if !e.spend(1) {
		return false
	}
	// Nothing evaluates to nil here, which is no string either.
	text, _ := x.text.eval(e, current)
	pattern, _ := x.pattern.eval(e, current)
	t, isText := text.(string)
	p, isPattern := pattern.(string)
	return isText && isPattern && e.matches(t, p, x.whole)
}

func (x literal) eval(*evaluator, any) (any, bool) { return x.value, true }

func (x singularQuery) eval(e *evaluator, current any) (any, bool) {
	return only(e.run(x.query, current))
}

func (x valueCall) eval(e *evaluator, current any) (any, bool) {
	return only(e.run(x.arg, current))
}

// only returns the value of the single node there is, or Nothing.
func only(nodes []any) (any, bool) {
	if len(nodes) != 1 {
		return nil, false
	}
	return nodes[0], true
}

func (x countCall) eval(e *evaluator, current any) (any, bool) {
	return float64(len(e.run(x.arg, current))), true
}

func (x lengthCall) eval(e *evaluator, current any) (any, bool) {
	v, _ := x.arg.eval(e, current)
	switch v := v.(type) {
	case string:
		if !e.spendText(len(v)) {
			return nil, false
		}
		return float64(utf8.RuneCountInString(v)), true
	case []any:
		return float64(len(v)), true
	case map[string]any:
		return float64(len(v)), true
	}
	return nil, false
}
