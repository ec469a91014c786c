// Package secret holds settings that are never shown. A [Value] prints as ***
// however it is printed; only [Value.Reveal] gives the text.
package secret

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const hidden = "***"

// maxFile bounds what is read of a file that holds a secret.
const maxFile = 64 << 10

// Value is a text that is never shown.
type Value struct{ text string }

// New returns a Value of the text.
func New(text string) Value { return Value{text} }

// Reveal returns the text.
func (v Value) Reveal() string { return v.text }

// IsZero reports whether the text is empty.
func (v Value) IsZero() bool { return v.text == "" }

// String returns ***.
func (Value) String() string { return hidden }

// Format prints *** for every verb.
func (Value) Format(f fmt.State, _ rune) { io.WriteString(f, hidden) }

// MarshalText returns ***.
func (Value) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// UnmarshalText reads a secret: the text itself, ${env:NAME} for a variable of
// the environment, or ${file:PATH} for a file's content without its last line
// break. A variable or file that is missing or empty is an error; the error
// never holds the secret.
func (v *Value) UnmarshalText(text []byte) error {
	s := string(text)
	reference, ok := strings.CutPrefix(s, "${")
	if !ok {
		v.text = s
		return nil
	}
	reference, closed := strings.CutSuffix(reference, "}")
	kind, name, _ := strings.Cut(reference, ":")
	switch {
	case !closed || name == "":
		return errors.New("want ${env:NAME} or ${file:PATH}")
	case kind == "env":
		v.text = os.Getenv(name)
	case kind == "file":
		content, err := read(name)
		if err != nil {
			return err
		}
		v.text = strings.TrimRight(content, "\r\n")
	default:
		return errors.New("want ${env:NAME} or ${file:PATH}")
	}
	if v.text == "" {
		return fmt.Errorf("%s %s is missing or empty", kind, name)
	}
	return nil
}

func read(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("%s: larger than %d bytes", name, maxFile)
	}
	return string(content), err
}
