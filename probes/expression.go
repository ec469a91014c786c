package probes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// The bounds of an expression.
const (
	maxExpressionNodes       = 500
	maxExpressionMemory uint = 1_000_000 // elements of lists that it makes
	maxExpressionWork        = 3_000_000 // see view: under a second or two
)

var errExpressionWork = errors.New("takes more work on this answer than we do")

// expression is a compiled one.
type expression struct {
	source  string
	edits   []edit // where the program's text differs from the source
	program *vm.Program
	used    map[string]bool // names that it uses; those of time as "time.total"
	matches bool            // it uses regular expressions
}

// view is what an expression sees of an observation.
type view struct {
	Status    int                 `expr:"status"`
	Header    func(string) string `expr:"header"` // the first value; empty where there is none
	Body      string              `expr:"body"`
	JSON      any                 `expr:"json"`
	Size      int                 `expr:"size"`
	Time      viewTime            `expr:"time"`
	Proto     string              `expr:"proto"`
	Remote    string              `expr:"remote"`
	Redirects int                 `expr:"redirects"`
	URL       string              `expr:"url"`
	Facts     map[string]any      `expr:"facts"`
	At        time.Time           `expr:"at"`

	Tick func(uses int) bool `expr:"tick of a loop"` // no name that can be written
}

// viewTime holds the phases in seconds.
type viewTime struct {
	Total    float64 `expr:"total"`
	Redirect float64 `expr:"redirect"`
	DNS      float64 `expr:"dns"`
	Connect  float64 `expr:"connect"`
	TLS      float64 `expr:"tls"`
	Wait     float64 `expr:"wait"`
	Transfer float64 `expr:"transfer"`
	Server   float64 `expr:"server"`
}

// functions are those that neither grow what they are given nor depend on
// anything else.
var functions = [...]string{
	"all", "none", "any", "one", "filter", "map", "count", "find", "findIndex", "sum", "sortBy",
	"len", "type", "int", "float", "string", "abs", "ceil", "floor", "round", "min", "max", "mean", "median",
	"trim", "trimPrefix", "trimSuffix", "upper", "lower", "indexOf", "lastIndexOf", "hasPrefix", "hasSuffix",
	"first", "last", "get", "date", "duration", // keys and values have no order
}

func newExpression(source string) (*expression, error) {
	e := &expression{source: source}
	var text string
	text, e.edits = withoutUnits(source)
	guard := newExpressionGuard()
	options := []expr.Option{
		expr.Env(view{}), expr.AsBool(), expr.MaxNodes(maxExpressionNodes), expr.DisableAllBuiltins(), expr.Patch(guard),
	}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(text, options...)
	if guard.fault != nil {
		return nil, e.located(guard.fault)
	}
	if err != nil {
		if f, ok := errors.AsType[*file.Error](err); ok {
			err = e.located(f)
		}
		return nil, err
	}
	e.program, e.used, e.matches = program, guard.used, guard.matches
	return e, nil
}

// located says where in the source a fault is.
func (e *expression) located(fault *file.Error) error {
	at := fault.From
	for _, edit := range e.edits {
		if edit.end <= at {
			at += edit.shift
		}
	}
	line, column := 1, 1
	for _, r := range e.source {
		if at--; at < 0 {
			break
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	message, _, _ := strings.Cut(fault.Message, "\n")
	message = shorten(strings.ToValidUTF8(message, "�"), maxShown)
	if line > 1 {
		return fmt.Errorf("line %d, column %d: %s", line, column, message)
	}
	return fmt.Errorf("column %d: %s", column, message)
}

// view makes what the expression sees. That the body is not JSON counts only
// where the expression gets to it. A loop pays for each turn, and for each use
// of something outside the loop by its size.
func (e *expression) view(o *Observation) (v *view, notJSON, err error) {
	const valuesPerStep, bytesPerStep, matchedPerStep = 32, 1024, 64
	v = &view{
		Status: o.Status, Header: o.Header.Get, Size: len(o.Body), Proto: o.Proto, Remote: o.Remote,
		Redirects: o.Redirects, URL: o.URL, Facts: o.Facts, At: o.Time, Time: inSeconds(o.Phases),
	}
	perUse := 1
	if e.used["body"] {
		v.Body = string(o.Body)
		perUse += len(v.Body) / bytesPerStep
		if e.matches {
			perUse += len(v.Body) / matchedPerStep
		}
	}
	if e.used["json"] {
		body, decodeErr := o.json()
		if notJSON = decodeErr; notJSON == nil {
			document, err := native(body)
			if err != nil {
				return nil, nil, err
			}
			v.JSON = document.value
			perUse += document.nodes / valuesPerStep
		}
	}
	left := maxExpressionWork
	v.Tick = func(uses int) bool {
		if left -= 1 + uses*perUse; left < 0 {
			panic(errExpressionWork)
		}
		return true
	}
	return v, notJSON, nil
}

func inSeconds(p Phases) viewTime {
	return viewTime{
		Total: p.Total().Seconds(), Redirect: p.Redirect.Seconds(), DNS: p.DNS.Seconds(), Connect: p.Connect.Seconds(),
		TLS: p.TLS.Seconds(), Wait: p.Wait.Seconds(), Transfer: p.Transfer.Seconds(), Server: p.ServerTime().Seconds(),
	}
}

// found says what the plain values that the expression uses are.
func (e *expression) found(v *view) string {
	values := map[string]any{
		"status": v.Status, "size": v.Size, "proto": v.Proto, "remote": v.Remote, "redirects": v.Redirects, "url": v.URL,
		"time.total": v.Time.Total, "time.redirect": v.Time.Redirect, "time.dns": v.Time.DNS, "time.connect": v.Time.Connect,
		"time.tls": v.Time.TLS, "time.wait": v.Time.Wait, "time.transfer": v.Time.Transfer, "time.server": v.Time.Server,
	}
	var parts []string
	for name := range values {
		if e.used[name] {
			parts = append(parts, name+" "+show(values[name]))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	return ", with " + strings.Join(parts, ", ")
}

// edit is a place where a text was made longer or shorter.
type edit struct {
	end   int // the first character after it, in the changed text
	shift int // so many characters more are before it in the original
}

// withoutUnits writes numbers that have a unit as plain ones, but in quoted
// texts and comments.
func withoutUnits(source string) (string, []edit) {
	var b strings.Builder
	var edits []edit
	for i, length := 0, 0; i < len(source); {
		end := lexeme(source, i)
		word := source[i:end]
		if number, ok := unitless(word); ok {
			shift := utf8.RuneCountInString(word) - len(number)
			word = number
			edits = append(edits, edit{length + len(number), shift})
		}
		b.WriteString(word)
		length += utf8.RuneCountInString(word)
		i = end
	}
	return b.String(), edits
}
