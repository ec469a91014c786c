package jsonpath

import (
	"fmt"
	"maps"
	"slices"
)

const (
	maxSteps = 1_000_000
	maxDepth = 1_000
	// bytesPerStep is how much plain text is compared or counted in one step.
	bytesPerStep = 256
)

// query is a sequence of segments applied to the root or the current node.
type query struct {
	relative bool // to the current node
	singular bool // selects at most one node, by its form
	segments []segment
}

type segment struct {
	descendant bool
	selectors  []selector
}

// selector appends to out the nodes it selects among the children of node.
type selector interface {
	apply(e *evaluator, node any, out []any) []any
}

type (
	nameSelector     string
	indexSelector    int64
	wildcardSelector struct{}
	sliceSelector    struct {
		start, end *int64 // nil for the default, which depends on the step
		step       int64
	}
	filterSelector struct{ expr logicalExpr }
)

// evaluator holds the state of one evaluation. Once a bound is exceeded err is
// set, every spend fails, and whatever is still computed will be thrown away.
type evaluator struct {
	root    any
	steps   int64 // left to perform
	err     error
	regexps map[regexpKey]compiled
}

// spend accounts for n steps and tells whether evaluation may go on.
func (e *evaluator) spend(n int64) bool {
	if e.err != nil {
		return false
	}
	if n > e.steps {
		e.fail(fmt.Sprintf("more than %d steps", maxSteps))
		return false
	}
	e.steps -= n
	return true
}

// spendText accounts for one step and for going over n bytes.
func (e *evaluator) spendText(n int) bool {
	return e.spend(1 + int64(n)/bytesPerStep)
}

func (e *evaluator) fail(reason string) {
	if e.err == nil {
		e.err = fmt.Errorf("%w: %s", ErrTooLarge, reason)
	}
}

// run returns the nodes that q selects, with current as the current node.
func (e *evaluator) run(q query, current any) []any {
	node := e.root
	if q.relative {
		node = current
	}
	nodes := []any{node}
	for _, seg := range q.segments {
		var next []any
		for _, node := range nodes {
			if !e.spend(1) {
				return nil
			}
			if seg.descendant {
				next = e.descend(node, seg.selectors, 0, next)
			} else {
				next = e.applyAll(seg.selectors, node, next)
			}
		}
		nodes = next
	}
	return nodes
}

func (e *evaluator) applyAll(selectors []selector, node any, out []any) []any {
	for _, sel := range selectors {
		if !e.spend(1) {
			break
		}
		out = sel.apply(e, node, out)
	}
	return out
}

// descend applies selectors to node and then to its descendants, each before
// its own children.
func (e *evaluator) descend(node any, selectors []selector, depth int, out []any) []any {
	if depth > maxDepth {
		e.fail(fmt.Sprintf("document deeper than %d levels", maxDepth))
		return out
	}
	out = e.applyAll(selectors, node, out)
	for _, child := range e.children(node) {
		switch child.(type) {
		case map[string]any, []any:
			out = e.descend(child, selectors, depth+1, out)
		}
		if e.err != nil {
			break
		}
	}
	return out
}

// children returns the children of node, none if it is neither an array nor an
// object. The result must not be modified: it may be the array itself.
func (e *evaluator) children(node any) []any {
	switch node := node.(type) {
	case []any:
		if e.spend(int64(len(node))) {
			return node
		}
	case map[string]any:
		names := e.sortedNames(node)
		values := make([]any, len(names))
		for i, name := range names {
			values[i] = node[name]
		}
		return values
	}
	return nil
}

func (e *evaluator) sortedNames(object map[string]any) []string {
	if !e.spend(int64(len(object))) {
		return nil
	}
	return slices.Sorted(maps.Keys(object))
}

func (s nameSelector) apply(_ *evaluator, node any, out []any) []any {
	if object, ok := node.(map[string]any); ok {
		if v, ok := object[string(s)]; ok {
			out = append(out, v)
		}
	}
	return out
}

func (s indexSelector) apply(_ *evaluator, node any, out []any) []any {
	array, _ := node.([]any)
	i, n := int64(s), int64(len(array))
	if i < 0 {
		i += n
	}
	if 0 <= i && i < n {
		out = append(out, array[i])
	}
	return out
}

func (wildcardSelector) apply(e *evaluator, node any, out []any) []any {
	return append(out, e.children(node)...)
}

func (s filterSelector) apply(e *evaluator, node any, out []any) []any {
	for _, child := range e.children(node) {
		if s.expr.test(e, child) {
			out = append(out, child)
		}
		if e.err != nil {
			break
		}
	}
	return out
}

func (s sliceSelector) apply(e *evaluator, node any, out []any) []any {
	array, ok := node.([]any)
	if !ok || s.step == 0 {
		return out
	}
	lower, upper := s.bounds(int64(len(array)))
	// Integers are at most 2^53 in size, so that adding a step cannot overflow.
	if s.step > 0 {
		for i := lower; i < upper && e.spend(1); i += s.step {
			out = append(out, array[i])
		}
		return out
	}
	for i := upper; i > lower && e.spend(1); i += s.step {
		out = append(out, array[i])
	}
	return out
}

// bounds is the function of the same name in RFC 9535, section 2.3.4.2.2: the
// slice goes from lower up to before upper, or if the step is negative from
// upper down to before lower.
func (s sliceSelector) bounds(n int64) (lower, upper int64) {
	normalize := func(i *int64, otherwise int64) int64 {
		switch {
		case i == nil:
			return otherwise
		case *i < 0:
			return *i + n
		}
		return *i
	}
	if s.step > 0 {
		start, end := normalize(s.start, 0), normalize(s.end, n)
		return min(max(start, 0), n), min(max(end, 0), n)
	}
	start, end := normalize(s.start, n-1), normalize(s.end, -1)
	return min(max(end, -1), n-1), min(max(start, -1), n-1)
}
