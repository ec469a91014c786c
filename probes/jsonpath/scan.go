package jsonpath

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxInt is the largest integer an index or a slice may hold: the I-JSON range
// in which every JSON implementation is exact.
const maxInt = 1<<53 - 1

// scanner reads the lexical elements of a path. JSONPath has no uniform rule
// for white space between tokens, so there is no separate token stream: the
// parser asks for the element the grammar allows at the point it has reached.
type scanner struct {
	src string
	pos int
}

// peek returns the byte at the current position, or 0 at the end. A NUL in the
// source is no trouble: the grammar gives it no meaning outside strings.
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) atEnd() bool { return s.pos >= len(s.src) }

// accept consumes prefix if it comes next.
func (s *scanner) accept(prefix string) bool {
	if !strings.HasPrefix(s.src[s.pos:], prefix) {
		return false
	}
	s.pos += len(prefix)
	return true
}

// skipSpace consumes the grammar's S and tells whether there was any.
func (s *scanner) skipSpace() bool {
	start := s.pos
	for !s.atEnd() && strings.IndexByte(" \t\n\r", s.src[s.pos]) >= 0 {
		s.pos++
	}
	return s.pos > start
}

// expected returns the error for finding something else at the current
// position.
func (s *scanner) expected(what string) error {
	found := "the end of the path"
	if !s.atEnd() {
		r, _ := utf8.DecodeRuneInString(s.src[s.pos:])
		found = strconv.QuoteRune(r)
	}
	return s.errorAt(s.pos, "expected "+what+", found "+found)
}

func (s *scanner) errorAt(pos int, message string) error {
	return fmt.Errorf("jsonpath: column %d: %s", utf8.RuneCountInString(s.src[:pos])+1, message)
}

// memberName reads the shorthand after "." or "..".
func (s *scanner) memberName() (string, bool) {
	start := s.pos
	for !s.atEnd() {
		c := s.src[s.pos]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
		if !letter && (!isDigit(c) || s.pos == start) {
			break
		}
		s.pos++
	}
	return s.src[start:s.pos], s.pos > start
}

// identifier reads a function name, or the name of a literal such as true.
func (s *scanner) identifier() string {
	start := s.pos
	for !s.atEnd() {
		c := s.src[s.pos]
		lower := 'a' <= c && c <= 'z'
		if !lower && (s.pos == start || !isDigit(c) && c != '_') {
			break
		}
		s.pos++
	}
	return s.src[start:s.pos]
}

// integer reads an index or a part of a slice.
func (s *scanner) integer() (int64, error) {
	start := s.pos
	s.accept("-")
	if err := s.integerDigits(); err != nil {
		return 0, err
	}
	text := s.src[start:s.pos]
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > maxInt || n < -maxInt {
		return 0, s.errorAt(start, "expected an integer within ±(2^53-1)")
	}
	if text == "-0" {
		return 0, s.errorAt(start, "expected an integer, which -0 is not")
	}
	return n, nil
}

// integerDigits consumes digits without a leading zero.
func (s *scanner) integerDigits() error {
	if s.accept("0") {
		if isDigit(s.peek()) {
			return s.errorAt(s.pos-1, "expected a number without leading zeros")
		}
		return nil
	}
	return s.digits()
}

// digits consumes one digit or more.
func (s *scanner) digits() error {
	if !isDigit(s.peek()) {
		return s.expected("a digit")
	}
	for isDigit(s.peek()) {
		s.pos++
	}
	return nil
}

// number reads a number literal. Its text is kept, because a float64 would
// lose the digits of a large integer.
func (s *scanner) number() (json.Number, error) {
	start := s.pos
	s.accept("-")
	if err := s.integerDigits(); err != nil {
		return "", err
	}
	if s.accept(".") {
		if err := s.digits(); err != nil {
			return "", err
		}
	}
	if s.accept("e") || s.accept("E") {
		if !s.accept("-") {
			s.accept("+")
		}
		if err := s.digits(); err != nil {
			return "", err
		}
	}
	return json.Number(s.src[start:s.pos]), nil
}

// quoted reads a string literal in the quotes that come next.
func (s *scanner) quoted() (string, error) {
	quote := s.src[s.pos]
	s.pos++
	var b strings.Builder
	for !s.atEnd() {
		switch c := s.src[s.pos]; {
		case c == quote:
			s.pos++
			return b.String(), nil
		case c < ' ':
			return "", s.expected("an escape for a control character")
		case c == '\\':
			s.pos++
			r, err := s.escape(quote)
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		default:
			b.WriteByte(c)
			s.pos++
		}
	}
	return "", s.expected("a closing " + string(quote))
}

// escape reads what follows a backslash. Each kind of quotes can be escaped
// only within itself.
func (s *scanner) escape(quote byte) (rune, error) {
	c := s.peek()
	switch {
	case c == quote || c == '\\' || c == '/':
		s.pos++
		return rune(c), nil
	case c == 'u':
		return s.unicodeEscape()
	}
	const letters, controls = "bfnrt", "\b\f\n\r\t"
	i := strings.IndexByte(letters, c)
	if i < 0 {
		return 0, s.expected("an escape: one of b f n r t u / \\ " + string(quote))
	}
	s.pos++
	return rune(controls[i]), nil
}

// unicodeEscape reads uXXXX, or two of them that form a surrogate pair.
func (s *scanner) unicodeEscape() (rune, error) {
	start := s.pos
	s.pos++
	r, err := s.hex4()
	switch {
	case err != nil:
		return 0, err
	case r < 0xD800 || r > 0xDFFF:
		return r, nil
	case r >= 0xDC00:
		return 0, s.errorAt(start, "expected a high surrogate before a low one")
	}
	if !s.accept(`\u`) {
		return 0, s.expected("a low surrogate after a high one")
	}
	low, err := s.hex4()
	if err != nil {
		return 0, err
	}
	if low < 0xDC00 || low > 0xDFFF {
		return 0, s.errorAt(s.pos-6, "expected a low surrogate after a high one")
	}
	return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), nil
}

func (s *scanner) hex4() (rune, error) {
	var r rune
	for range 4 {
		// ParseUint takes a single hexadecimal digit; a slice of nothing is no
		// digit either.
		n, err := strconv.ParseUint(s.src[s.pos:min(s.pos+1, len(s.src))], 16, 8)
		if err != nil {
			return 0, s.expected("a hexadecimal digit")
		}
		r = r<<4 | rune(n)
		s.pos++
	}
	return r, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
