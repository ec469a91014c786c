package jsonpath

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// equal compares two JSON values as RFC 9535 does for "==".
func (e *evaluator) equal(a, b any, depth int) bool {
	if depth > maxDepth {
		e.fail(fmt.Sprintf("comparison deeper than %d levels", maxDepth))
		return false
	}
	if !e.spend(1) {
		return false
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case string:
		b, ok := b.(string)
		return ok && len(a) == len(b) && e.spendText(len(a)) && a == b
	case []any:
		b, ok := b.([]any)
		return ok && e.equalArrays(a, b, depth)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && e.equalObjects(a, b, depth)
	}
	order, ok := e.compareNumbers(a, b)
	return ok && order == 0
}

func (e *evaluator) equalArrays(a, b []any, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !e.equal(a[i], b[i], depth+1) {
			return false
		}
	}
	return true
}

func (e *evaluator) equalObjects(a, b map[string]any, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	// In random order the steps needed to find a difference would vary, and
	// with them whether a bound is exceeded.
	for _, name := range e.sortedNames(a) {
		v, ok := b[name]
		if !ok || !e.equal(a[name], v, depth+1) {
			return false
		}
	}
	return e.err == nil
}

// less tells whether a < b. Only numbers and strings have an order.
func (e *evaluator) less(a, b any) bool {
	if a, ok := a.(string); ok {
		b, ok := b.(string)
		// Bytes of UTF-8 have the order of the code points they encode.
		return ok && e.spendText(min(len(a), len(b))) && a < b
	}
	order, ok := e.compareNumbers(a, b)
	return ok && order < 0
}

// compareNumbers returns the order of two numbers; false if they are not.
//
// With a float64 on either side both are compared as such, because 0.1 in the
// path has to equal a float64 decoded from 0.1. Otherwise both are exact.
func (e *evaluator) compareNumbers(a, b any) (order int, ok bool) {
	x, isNumber := a.(json.Number)
	y, isNumberToo := b.(json.Number)
	if !e.spendText(len(x) + len(y)) {
		return 0, false
	}
	if isNumber && isNumberToo {
		p, okP := parseDecimal(string(x))
		q, okQ := parseDecimal(string(y))
		return p.compare(q), okP && okQ
	}
	f, okF := toFloat(a)
	g, okG := toFloat(b)
	return cmp.Compare(f, g), okF && okG
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, !math.IsNaN(v)
	case json.Number:
		if _, ok := parseDecimal(string(v)); !ok {
			return 0, false
		}
		// Out of range, the result is an infinity: still in the right order.
		f, _ := strconv.ParseFloat(string(v), 64)
		return f, true
	}
	return 0, false
}

// decimal is the number sign × 0.digits × 10^exponent. The digits neither begin
// nor end with a zero; zero has none, and sign 0. A big.Rat would be simpler,
// but a short "1e999999999" makes it fill the memory.
type decimal struct {
	sign     int
	digits   string
	exponent int64
}

// parseDecimal parses a JSON number; false if text is not one, as may be when a
// json.Number did not come from a decoder.
func parseDecimal(text string) (decimal, bool) {
	s := scanner{src: text}
	if _, err := s.number(); err != nil || !s.atEnd() {
		return decimal{}, false
	}
	d := decimal{sign: 1}
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		d.sign, text = -1, rest
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		// ParseInt returns the nearest value when out of range. The limit
		// leaves room to add the number of digits.
		exponent, _ := strconv.ParseInt(text[i+1:], 10, 64)
		const limit = 1 << 60
		d.exponent = min(max(exponent, -limit), limit)
		text = text[:i]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	digits := whole + fraction
	significant := strings.TrimLeft(digits, "0")
	d.exponent += int64(len(whole) - (len(digits) - len(significant)))
	d.digits = strings.TrimRight(significant, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func (d decimal) compare(other decimal) int {
	if d.sign != other.sign || d.sign == 0 {
		return cmp.Compare(d.sign, other.sign)
	}
	magnitude := cmp.Compare(d.exponent, other.exponent)
	if magnitude == 0 {
		// Without trailing zeros, a fraction's digits have its order.
		magnitude = strings.Compare(d.digits, other.digits)
	}
	return d.sign * magnitude
}
