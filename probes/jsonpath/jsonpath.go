// Package jsonpath evaluates RFC 9535 JSONPath expressions over decoded JSON
// documents, so that a probe can assert on a part of a response body.
//
// It exists because no library available passes the JSONPath compliance suite:
// an expression that means one thing here and another in the next tool would
// make an assertion lie. This package passes the whole suite, with regular
// expressions as in RFC 9485 (I-Regexp).
//
// Both the expression and the document may come from someone hostile, so
// everything is bounded. An expression nests filters, parentheses and function
// calls at most 100 deep. One call to [Path.Select] performs at most 1,000,000
// steps: one for each node visited and each filter term evaluated, and more for
// work on long strings and for regular expressions. It descends at most 1,000
// levels below the node where a descendant segment or a comparison starts, and
// a regular expression is at most 4,096 bytes long, repeats nothing more than
// 1,000 times, and stands for at most 10,000 characters and operators once its
// repetitions are written out. Select reports [ErrTooLarge] beyond a bound;
// it never returns a partial result.
package jsonpath

import "errors"

// ErrTooLarge reports that evaluating a path would exceed one of the bounds in
// the package comment. Test for it with errors.Is.
var ErrTooLarge = errors.New("jsonpath: evaluation exceeds a bound")

// Path is a parsed JSONPath expression. It is immutable and may be used by
// several goroutines at once. The zero Path is "$", the whole document.
type Path struct {
	source string
	query  query
}

// Parse parses a JSONPath expression. It is as strict as RFC 9535: white space
// is accepted only where the grammar has it, and functions must be used
// according to their types. The error gives the column, counted in characters
// from 1, and what was expected there.
func Parse(s string) (Path, error) {
	p := parser{scanner: scanner{src: s}}
	q, err := p.parsePath()
	if err != nil {
		return Path{}, err
	}
	return Path{source: s, query: q}, nil
}

// String returns the expression as it was given to [Parse].
func (p Path) String() string {
	if p.source == "" {
		return "$"
	}
	return p.source
}

// Select returns the values of the nodes that the path selects in doc, in the
// order RFC 9535 gives them; members of an object are visited in the order of
// their sorted names, which makes the result deterministic.
//
// The document is as encoding/json decodes it into an any, with or without
// UseNumber. A json.Number compares exactly with another and with a number in
// the path; a float64 compares as a float64. Values of any other Go type have
// no children and are equal to nothing.
//
// The only error is [ErrTooLarge].
func (p Path) Select(doc any) ([]any, error) {
	e := evaluator{root: doc, steps: maxSteps}
	nodes := e.run(p.query, doc)
	if e.err != nil {
		return nil, e.err
	}
	return nodes, nil
}
