package jsonpath

import "strings"

// categories holds the general categories of Unicode that I-Regexp knows, by
// their first letters. It leaves out surrogates, which no string contains.
var categories = map[byte]string{
	'L': "lmotu", 'M': "cen", 'N': "dlo", 'P': "cdefios",
	'Z': "lps", 'S': "ckmo", 'C': "cfno",
}

// escape translates what follows a backslash outside a class.
func (t *translator) escape() error {
	if t.accept("p{") {
		return t.category(`\p{`)
	}
	if t.accept("P{") {
		return t.category(`\P{`)
	}
	return t.singleEscape()
}

// singleEscape translates an escape that stands for one character.
func (t *translator) singleEscape() error {
	r := t.next()
	if !strings.ContainsRune(`()*+-.?[\]^nrt{|}`, r) {
		return errPattern
	}
	// All of these mean the same in Go.
	t.out.WriteByte('\\')
	t.out.WriteRune(r)
	return nil
}

// category translates the name of a category and the closing brace.
func (t *translator) category(open string) error {
	name, _, ok := strings.Cut(t.src[t.pos:], "}")
	if !ok || name == "" || len(name) > 2 {
		return errPattern
	}
	seconds, ok := categories[name[0]]
	if !ok || !strings.Contains(seconds, name[1:]) {
		return errPattern
	}
	t.pos += len(name) + 1
	t.categories++
	t.out.WriteString(open + name + "}")
	return nil
}

// class translates a character class whose "[" has been consumed. A "-" that is
// no range can only come first or last.
func (t *translator) class() error {
	t.out.WriteByte('[')
	if t.accept("^") {
		t.out.WriteByte('^')
	}
	for first := true; first || !t.accept("]"); first = false {
		if t.accept("-") {
			if !first && !strings.HasPrefix(t.src[t.pos:], "]") {
				return errPattern
			}
			t.out.WriteString(`\-`)
			continue
		}
		if err := t.classItem(); err != nil {
			return err
		}
	}
	t.out.WriteByte(']')
	return nil
}

// classItem translates a category, a character or a range of characters.
func (t *translator) classItem() error {
	rest := t.src[t.pos:]
	if strings.HasPrefix(rest, `\p`) || strings.HasPrefix(rest, `\P`) {
		t.pos++
		return t.escape()
	}
	low, err := t.classChar()
	if err != nil {
		return err
	}
	rest = t.src[t.pos:]
	if !strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "-]") {
		return nil
	}
	t.pos++
	t.out.WriteByte('-')
	high, err := t.classChar()
	if err == nil && high < low {
		err = errPattern
	}
	return err
}

// classChar translates one character of a class and returns it.
func (t *translator) classChar() (rune, error) {
	if t.atEnd() {
		return 0, errPattern
	}
	switch r := t.next(); r {
	case '\\':
		start := t.pos
		if err := t.singleEscape(); err != nil {
			return 0, err
		}
		c := t.src[start]
		if i := strings.IndexByte("nrt", c); i >= 0 {
			c = "\n\r\t"[i]
		}
		return rune(c), nil
	case '-', '[', ']':
		return 0, errPattern
	case '^':
		t.out.WriteString(`\^`)
		return r, nil
	default:
		t.out.WriteRune(r)
		return r, nil
	}
}
