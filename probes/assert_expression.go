package probes

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Expression asserts that an expression over the whole observation is true. It
// is written as a plain text, in the language of github.com/expr-lang/expr:
//
//	expression: status == 200 && size < 1MB && len(json.results) > 0
//
// The names are status, header(name), body, json, size (bytes of body), time
// (total, redirect, dns, connect, tls, wait, transfer and server, in seconds),
// proto, remote, redirects, url, facts and at (when the exchange began). A
// number may have a unit of size (1MB is 1000000) or of time (500ms is 0.5).
// What would make the work or the memory unbounded, or the result depend on
// anything else, is refused: let, ranges, reduce, joining texts, the clock.
type Expression struct {
	text string

	once     sync.Once
	compiled *expression
	err      error
}

// maxExpression is the most bytes of an expression.
const maxExpression = 4000

// UnmarshalText sets the expression. That it can be understood is checked by
// Validate.
func (e *Expression) UnmarshalText(text []byte) error {
	e.text = strings.TrimSpace(string(text))
	return nil
}

// Validate compiles the expression. An error says at which column.
func (e *Expression) Validate() error {
	e.once.Do(func() {
		switch {
		case e.text == "":
			e.err = errors.New("required: want a condition such as status == 200 && size < 1MB")
		case len(e.text) > maxExpression:
			e.err = fmt.Errorf("longer than %d bytes", maxExpression)
		default:
			e.compiled, e.err = newExpression(e.text)
		}
	})
	return e.err
}

// Check implements [Assertion].
func (e *Expression) Check(o *Observation) error {
	if err := e.Validate(); err != nil {
		return undecided{err}
	}
	view, notJSON, err := e.compiled.view(o)
	if err != nil {
		return err
	}
	machine := vm.VM{MemoryBudget: maxExpressionMemory}
	result, err := machine.Run(e.compiled.program, view)
	if err == nil && result == true {
		return nil
	}
	if err != nil {
		err = e.fault(err)
		if _, ok := errors.AsType[undecided](err); ok {
			return err
		}
	}
	switch {
	case notJSON != nil: // which is why, most of the time
		return fmt.Errorf("%w: expression %s", notJSON, e.text)
	case err != nil:
		return err
	}
	return fmt.Errorf("expression is false%s: %s", e.compiled.found(view), e.text)
}

// fault says why an expression could not be evaluated on an answer: it reached
// our bounds, or the answer is not of the form that it takes for granted. The
// expression comes last, since a long text is cut at its end.
func (e *Expression) fault(err error) error {
	if errors.Is(err, errExpressionWork) || strings.Contains(err.Error(), "memory budget exceeded") {
		return undecided{fmt.Errorf("expression %w: %s", errExpressionWork, e.text)}
	}
	if f, ok := errors.AsType[*file.Error](err); ok {
		err = e.compiled.located(f)
	}
	return fmt.Errorf("expression cannot be evaluated on this answer: %w: %s", err, e.text)
}

// String implements [Assertion].
func (e *Expression) String() string { return "expression " + e.text }
