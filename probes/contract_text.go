package probes

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// differences says in words where a body is not as its schema has it: the
// first differences, and how many there are.
func differences(err error, body any) error {
	failed, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return err
	}
	const shown = 3
	all := leaves(failed, nil)
	slices.SortStableFunc(all, func(a, b *jsonschema.ValidationError) int {
		return cmp.Or(slices.CompareFunc(a.InstanceLocation, b.InstanceLocation, byToken), strings.Compare(a.SchemaURL, b.SchemaURL))
	})
	var texts []string
	for _, one := range all[:min(shown, len(all))] {
		if text := difference(one, body); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if more := len(all) - shown; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return errors.New(strings.Join(texts, "; "))
}

// leaves collects the errors that say something: of alternatives none of which
// matches, those of the one that was meant, if one can be told.
func leaves(e *jsonschema.ValidationError, into []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		if meant := alternative(e); meant != nil {
			return leaves(meant, into)
		}
		return append(into, e)
	case *kind.Contains, *kind.MinContains:
		return append(into, e)
	}
	if len(e.Causes) == 0 {
		return append(into, e)
	}
	for _, cause := range e.Causes {
		into = leaves(cause, into)
	}
	return into
}

// alternative returns the only one of those that failed which the value is not
// plainly something else than: of another type, or with another constant.
func alternative(e *jsonschema.ValidationError) (meant *jsonschema.ValidationError) {
	for _, cause := range e.Causes {
		if otherwise(cause, len(e.InstanceLocation)) {
			continue
		}
		if meant != nil {
			return nil
		}
		meant = cause
	}
	return meant
}

// otherwise reports whether the error says that the value at a depth of the
// body is of another type or constant, or a member of it of another constant.
// It looks no deeper than that.
func otherwise(e *jsonschema.ValidationError, depth int) bool {
	below := len(e.InstanceLocation) - depth
	if below > 1 {
		return false
	}
	is := func(cause *jsonschema.ValidationError) bool { return otherwise(cause, depth) }
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return below == 0
	case *kind.Const:
		return true
	case *kind.Enum:
		return below == 0 || len(k.Want) == 1
	case *kind.AnyOf, *kind.OneOf:
		return len(e.Causes) > 0 && !slices.ContainsFunc(e.Causes, func(cause *jsonschema.ValidationError) bool { return !is(cause) })
	}
	return slices.ContainsFunc(e.Causes, is)
}

// byToken orders the indexes of arrays as numbers.
func byToken(a, b string) int {
	i, wrongA := strconv.Atoi(a)
	j, wrongB := strconv.Atoi(b)
	if wrongA == nil && wrongB == nil {
		return cmp.Compare(i, j)
	}
	return strings.Compare(a, b)
}

// difference says what one error is about: where, what was expected and what
// was found.
func difference(e *jsonschema.ValidationError, body any) string {
	where := "the body"
	if len(e.InstanceLocation) > 0 {
		where = shorten(pointer(e.InstanceLocation), 100)
	}
	found := shorten(show(located(body, e.InstanceLocation)), 80)
	expected := ""
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		expected = strings.Join(k.Want, " or ")
	case *kind.Required:
		expected, found = plural(len(k.Missing), "member")+" "+names(k.Missing), "missing"
		if len(k.Missing) == 1 {
			expected = "member " + names(k.Missing)
		}
	case *kind.DependentRequired:
		expected, found = "with "+names([]string{k.Prop})+" also "+names(k.Missing), "missing"
	case *kind.AdditionalProperties:
		slices.Sort(k.Properties)
		expected, found = "no other members", names(k.Properties)
	case *kind.FalseSchema:
		expected = "nothing"
	case *kind.Const:
		expected = show(k.Want)
	case *kind.Enum:
		expected = choices(k.Want)
	case *kind.Format:
		expected = "format " + k.Want
	case *kind.Pattern:
		expected = "matches " + strconv.Quote(k.Want)
	case *kind.UniqueItems:
		expected, found = "elements that differ", fmt.Sprintf("the same at %d and %d", k.Duplicates[0], k.Duplicates[1])
	case *kind.AnyOf:
		expected = "one of " + plural(len(e.Causes), "alternative")
	case *kind.OneOf:
		expected = "one of " + plural(len(e.Causes), "alternative")
		if len(k.Subschemas) > 0 {
			expected, found = "exactly one of the alternatives", "several that match"
		}
	default:
		expected = bound(e.ErrorKind)
	}
	return fmt.Sprintf("at %s: expected: %s; found: %s", where, shorten(expected, 120), found)
}

// bound says what a limit asks for.
func bound(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Minimum:
		return "at least " + k.Want.RatString()
	case *kind.Maximum:
		return "at most " + k.Want.RatString()
	case *kind.ExclusiveMinimum:
		return "more than " + k.Want.RatString()
	case *kind.ExclusiveMaximum:
		return "less than " + k.Want.RatString()
	case *kind.MultipleOf:
		return "a multiple of " + k.Want.RatString()
	case *kind.MinLength:
		return "at least " + plural(k.Want, "character")
	case *kind.MaxLength:
		return "at most " + plural(k.Want, "character")
	case *kind.MinItems:
		return fmt.Sprintf("at least %s, not %d", plural(k.Want, "element"), k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("at most %s, not %d", plural(k.Want, "element"), k.Got)
	case *kind.MinProperties:
		return fmt.Sprintf("at least %s, not %d", plural(k.Want, "member"), k.Got)
	case *kind.MaxProperties:
		return fmt.Sprintf("at most %s, not %d", plural(k.Want, "member"), k.Got)
	}
	return k.LocalizedString(message.NewPrinter(language.English))
}

// names lists the names of members, the first few.
func names(list []string) string {
	const shown = 3
	var quoted []string
	for _, name := range list[:min(shown, len(list))] {
		quoted = append(quoted, strconv.Quote(shorten(strings.ToValidUTF8(name, "\uFFFD"), 40)))
	}
	if len(list) > shown {
		quoted = append(quoted, "…")
	}
	return strings.Join(quoted, ", ")
}

func choices(values []any) string {
	const shown = 6
	var texts []string
	for _, value := range values[:min(shown, len(values))] {
		texts = append(texts, shorten(show(value), 40))
	}
	if len(values) > shown {
		texts = append(texts, "…")
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "one of " + strings.Join(texts, ", ")
}

// located returns a value within the body.
func located(value any, path []string) any {
	for _, token := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		}
	}
	return value
}
