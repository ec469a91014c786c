package jsonpath

import (
	"strconv"
	"unicode/utf8"
)

// maxNesting bounds the filters, parentheses and function calls that enclose
// one another in a path, and with them the parser's and evaluator's recursion.
const maxNesting = 100

// parser is a recursive descent parser: its methods follow the rules of the
// grammar in RFC 9535.
type parser struct {
	scanner
	nesting int
}

// enter notes that one more level of nesting begins at the current position.
// Every successful enter is paired with leave.
func (p *parser) enter() error {
	if p.nesting == maxNesting {
		return p.errorAt(p.pos, "expected at most "+strconv.Itoa(maxNesting)+" levels of nesting")
	}
	p.nesting++
	return nil
}

func (p *parser) leave() { p.nesting-- }

func (p *parser) parsePath() (query, error) {
	if !utf8.ValidString(p.src) {
		for i, r := range p.src {
			// A real U+FFFD is three bytes long, so look at the source again.
			if _, size := utf8.DecodeRuneInString(p.src[i:]); r == utf8.RuneError && size == 1 {
				return query{}, p.errorAt(i, "expected UTF-8")
			}
		}
	}
	if p.peek() != '$' {
		return query{}, p.expected("'$'")
	}
	q, err := p.parseQuery()
	if err != nil {
		return query{}, err
	}
	if !p.atEnd() {
		return query{}, p.expected("a segment or the end of the path")
	}
	return q, nil
}

// parseQuery reads a query whose "$" or "@" comes next. White space after the
// last segment is left for the caller, who alone knows whether it may be there.
func (p *parser) parseQuery() (query, error) {
	q := query{relative: p.peek() == '@', singular: true}
	p.pos++
	for {
		end := p.pos
		p.skipSpace()
		if c := p.peek(); c != '.' && c != '[' {
			p.pos = end
			return q, nil
		}
		seg, singular, err := p.parseSegment()
		if err != nil {
			return query{}, err
		}
		q.segments = append(q.segments, seg)
		q.singular = q.singular && singular
	}
}

// parseSegment reads a segment whose first character, "." or "[", comes next.
// It tells whether the grammar allows the segment in a singular query.
func (p *parser) parseSegment() (seg segment, singular bool, err error) {
	if p.peek() == '[' {
		seg.selectors, singular, err = p.parseBrackets()
		return seg, singular, err
	}
	seg.descendant = p.accept("..")
	what := "a member name, '*' or '[' after '..'"
	if !seg.descendant {
		p.pos++
		what = "a member name or '*' after '.'"
	}
	if p.accept("*") {
		seg.selectors = []selector{wildcardSelector{}}
		return seg, false, nil
	}
	if seg.descendant && p.peek() == '[' {
		seg.selectors, _, err = p.parseBrackets()
		return seg, false, err
	}
	name, ok := p.memberName()
	if !ok {
		return seg, false, p.expected(what)
	}
	seg.selectors = []selector{nameSelector(name)}
	return seg, !seg.descendant, nil
}

// parseBrackets reads a bracketed selection. It tells whether this is a segment
// of a singular query: one name or index, and by the letter of the grammar no
// white space around it.
func (p *parser) parseBrackets() (selectors []selector, singular bool, err error) {
	p.pos++
	singular = true
	for {
		if p.skipSpace() {
			singular = false
		}
		sel, err := p.parseSelector()
		if err != nil {
			return nil, false, err
		}
		selectors = append(selectors, sel)
		if p.skipSpace() {
			singular = false
		}
		if p.accept("]") {
			break
		}
		if !p.accept(",") {
			return nil, false, p.expected("',' or ']'")
		}
	}
	switch selectors[0].(type) {
	case nameSelector, indexSelector:
		return selectors, singular && len(selectors) == 1, nil
	}
	return selectors, false, nil
}

func (p *parser) parseSelector() (selector, error) {
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		name, err := p.quoted()
		return nameSelector(name), err
	case c == '*':
		p.pos++
		return wildcardSelector{}, nil
	case c == '?':
		return p.parseFilter()
	case c == ':' || c == '-' || isDigit(c):
		return p.parseIndexOrSlice()
	}
	return nil, p.expected("a selector: a quoted name, '*', an index, a slice or '?'")
}

func (p *parser) parseIndexOrSlice() (selector, error) {
	start, err := p.optionalInteger()
	if err != nil {
		return nil, err
	}
	// White space after an index belongs to the enclosing brackets, which want
	// to know about it; that after the start of a slice belongs to the slice.
	end := p.pos
	p.skipSpace()
	if !p.accept(":") {
		p.pos = end
		return indexSelector(*start), nil
	}
	s := sliceSelector{start: start, step: 1}
	p.skipSpace()
	if s.end, err = p.optionalInteger(); err != nil {
		return nil, err
	}
	end = p.pos
	p.skipSpace()
	if !p.accept(":") {
		p.pos = end
		return s, nil
	}
	end = p.pos
	p.skipSpace()
	step, err := p.optionalInteger()
	switch {
	case err != nil:
		return nil, err
	case step == nil:
		p.pos = end
	default:
		s.step = *step
	}
	return s, nil
}

// optionalInteger reads an integer if one comes next, and returns nil if not.
func (p *parser) optionalInteger() (*int64, error) {
	if c := p.peek(); c != '-' && !isDigit(c) {
		return nil, nil
	}
	n, err := p.integer()
	if err != nil {
		return nil, err
	}
	return &n, nil
}
