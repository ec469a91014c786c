package jsonpath

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxPattern     = 4096   // bytes
	maxPatternSize = 10_000 // characters and operators, repetitions written out
	maxCached      = 100    // compiled expressions kept in one evaluation

	// workPerStep is how many times one position of a text and one element of
	// an expression meet in a step: package regexp's worst case is all of them.
	workPerStep = 128

	// The steps that compiling is worth, in addition to one for each byte: for
	// the expression, for each of its elements, and for each Unicode category
	// it names, of which package regexp copies hundreds of ranges.
	compileCost  = 16
	elementCost  = 4
	categoryCost = 64
)

var (
	errPattern      = errors.New("not an I-Regexp")
	errPatternLarge = errors.New("regular expression too large")
)

type regexpKey struct {
	pattern string
	whole   bool
}

// compiled is a regular expression ready for use, or why it is not.
type compiled struct {
	re   *regexp.Regexp
	size int64
	cost int64 // steps that compiling it is worth
	err  error
}

// matches tells whether text matches pattern as a whole, or else somewhere. A
// pattern that is not an I-Regexp matches nothing.
func (e *evaluator) matches(text, pattern string, whole bool) bool {
	c, ok := e.regexps[regexpKey{pattern, whole}]
	if !ok {
		c = compileRegexp(pattern, whole)
		// Compiling is dear, and a document can have a pattern in every node.
		if !e.spend(c.cost) {
			return false
		}
		if e.regexps == nil {
			e.regexps = make(map[regexpKey]compiled)
		}
		if len(e.regexps) < maxCached {
			e.regexps[regexpKey{pattern, whole}] = c
		}
	}
	if errors.Is(c.err, errPatternLarge) {
		e.fail(c.err.Error())
	}
	if c.err != nil || !e.spend(1+int64(len(text))*c.size/workPerStep) {
		return false
	}
	return c.re.MatchString(text)
}

func compileRegexp(pattern string, whole bool) compiled {
	if len(pattern) > maxPattern {
		return compiled{err: fmt.Errorf("%w: %d bytes", errPatternLarge, len(pattern))}
	}
	cost := compileCost + int64(len(pattern))
	if !utf8.ValidString(pattern) {
		return compiled{cost: cost, err: errPattern}
	}
	t := translator{src: pattern}
	size, err := t.alternatives(0)
	if err == nil && !t.atEnd() {
		err = errPattern
	}
	if err != nil {
		return compiled{cost: cost, err: err}
	}
	cost += elementCost*size + categoryCost*int64(t.categories)
	expr := t.out.String()
	if whole {
		expr = `\A(?:` + expr + `)\z`
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		// The translation is well-formed, so only a limit can be at fault.
		return compiled{err: fmt.Errorf("%w: %w", errPatternLarge, err)}
	}
	return compiled{re: re, size: size, cost: cost}
}

// translator rewrites an I-Regexp (RFC 9485) as an expression of package
// regexp, checking it against the grammar, which is much smaller than Go's. Its
// methods return the size of what they translated.
//
// "^" and "$" are ordinary characters in that grammar, but it is the suite's
// reading, and that of the RFC's own mappings to other dialects, that they go
// through unescaped and are anchors.
type translator struct {
	src        string
	pos        int
	out        strings.Builder
	categories int // written so far
}

func (t *translator) atEnd() bool { return t.pos >= len(t.src) }

// next consumes a character; at the end it returns utf8.RuneError, which as it
// happens no rule asks for.
func (t *translator) next() rune {
	r, size := utf8.DecodeRuneInString(t.src[t.pos:])
	t.pos += size
	return r
}

func (t *translator) accept(prefix string) bool {
	if !strings.HasPrefix(t.src[t.pos:], prefix) {
		return false
	}
	t.pos += len(prefix)
	return true
}

// alternatives translates branches up to the end or an unmatched ")".
func (t *translator) alternatives(nesting int) (int64, error) {
	if nesting > maxNesting {
		return 0, fmt.Errorf("%w: more than %d levels of nesting", errPatternLarge, maxNesting)
	}
	size := int64(1)
	for !t.atEnd() && t.src[t.pos] != ')' {
		if t.accept("|") {
			t.out.WriteByte('|')
			size++
			continue
		}
		n, err := t.atom(nesting)
		if err != nil {
			return 0, err
		}
		if n, err = t.quantifier(n); err != nil {
			return 0, err
		}
		if size += n; size > maxPatternSize {
			return 0, fmt.Errorf("%w: more than %d elements", errPatternLarge, maxPatternSize)
		}
	}
	return size, nil
}

func (t *translator) atom(nesting int) (int64, error) {
	switch r := t.next(); r {
	case '(':
		t.out.WriteString("(?:")
		size, err := t.alternatives(nesting + 1)
		if err != nil {
			return 0, err
		}
		if !t.accept(")") {
			return 0, errPattern
		}
		t.out.WriteByte(')')
		return size, nil
	case '.':
		t.out.WriteString(`[^\n\r]`)
	case '\\':
		return 1, t.escape()
	case '[':
		return 1, t.class()
	case '^', '$':
		t.out.WriteRune(r)
	case ')', '*', '+', '?', ']', '{', '|', '}':
		return 0, errPattern
	default:
		t.out.WriteString(regexp.QuoteMeta(string(r)))
	}
	return 1, nil
}

// quantifier translates the quantifier that may follow an atom of size n and
// returns the size of both.
func (t *translator) quantifier(n int64) (int64, error) {
	for _, q := range []string{"*", "+", "?"} {
		if t.accept(q) {
			t.out.WriteString(q)
			return n + 1, nil
		}
	}
	if !t.accept("{") {
		return n, nil
	}
	low, err := t.quantity()
	if err != nil {
		return 0, err
	}
	high, bounds := low, strconv.Itoa(low)
	if t.accept(",") {
		bounds += ","
		high = low + 1
		if !strings.HasPrefix(t.src[t.pos:], "}") {
			if high, err = t.quantity(); err != nil {
				return 0, err
			}
			bounds += strconv.Itoa(high)
		}
	}
	if !t.accept("}") || high < low {
		return 0, errPattern
	}
	// Written anew, because Go takes braces with leading zeros literally.
	t.out.WriteString("{" + bounds + "}")
	return (n + 1) * int64(max(high, 1)), nil
}

func (t *translator) quantity() (int, error) {
	start := t.pos
	for !t.atEnd() && isDigit(t.src[t.pos]) {
		t.pos++
	}
	if t.pos == start {
		return 0, errPattern
	}
	n, err := strconv.ParseInt(t.src[start:t.pos], 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errPatternLarge, err)
	}
	return int(n), nil
}
