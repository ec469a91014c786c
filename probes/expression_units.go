package probes

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// lexeme returns the end of what begins at i in an expression: a quoted text, a
// comment, a word or number, or a single character.
func lexeme(source string, i int) int {
	rest := source[i:]
	after := func(n int) int { // the end of what n bytes of rest are before
		if n < 0 {
			return len(source)
		}
		return i + n
	}
	switch c := rest[0]; {
	case c == '`':
		return closing(source, i, false)
	case c == '"' || c == '\'':
		return closing(source, i, true)
	case strings.HasPrefix(rest, "//"):
		return after(strings.IndexByte(rest, '\n'))
	case strings.HasPrefix(rest, "/*"):
		n := strings.Index(rest[2:], "*/")
		if n < 0 {
			return len(source)
		}
		return i + 2 + n + 2
	case wordByte(c):
		end := i
		for end < len(source) && (wordByte(source[end]) || source[end] == '.') {
			end++
		}
		return end
	}
	_, size := utf8.DecodeRuneInString(rest)
	return i + size
}

// closing returns the end of the quoted text that begins at i.
func closing(source string, i int, escapes bool) int {
	for end := i + 1; end < len(source); end++ {
		if escapes && source[end] == '\\' {
			end++
		} else if source[end] == source[i] {
			return end + 1
		}
	}
	return len(source)
}

func wordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c >= utf8.RuneSelf
}

// unitless returns a number that has a unit, in bytes or seconds, as a plain
// one.
func unitless(word string) (string, bool) {
	if word[0] < '0' || word[0] > '9' {
		return "", false
	}
	digits := strings.TrimRight(word, "BGKMikms")
	unit := word[len(digits):]
	if unit == "" || strings.ContainsFunc(digits, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }) {
		return "", false
	}
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return "", false
	}
	for _, known := range byteUnits {
		if unit == known.name {
			value *= float64(known.size)
			if value != float64(int64(value)) || value > maxExact {
				return "", false
			}
			return strconv.FormatInt(int64(value), 10), true
		}
	}
	switch unit {
	case "ms":
		value /= 1000
	case "s":
	default:
		return "", false
	}
	return strconv.FormatFloat(value, 'f', -1, 64), true
}
