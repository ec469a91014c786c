package probes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var errSchemaWork = errors.New("the schema takes more work on this answer than we do")

// schemaWork counts what a validation does: it is part of each schema inside
// the schema, and called for each value that one of them is tried on. A value
// costs by its members, which are copied, and by its depth, since each fault
// holds the way to it. It panics at the end, since a validation can be stopped
// in no other way.
type schemaWork struct {
	mu   sync.Mutex // one validation at a time
	left int
}

// Validate implements [jsonschema.SchemaExt].
func (w *schemaWork) Validate(at *jsonschema.ValidatorContext, value any) {
	const membersPerStep, levelsPerStep = 4, 8
	cost := 1 + len(at.ValueLocation())/levelsPerStep
	switch v := value.(type) {
	case []any:
		cost += len(v) / membersPerStep
	case map[string]any:
		cost += len(v) / membersPerStep
	}
	if w.left -= cost; w.left < 0 {
		panic(errSchemaWork)
	}
}

// schemaFaults says where and why a document does not hold to a schema: the
// first faults in the order of their places, and how many more there are.
func schemaFaults(err *jsonschema.ValidationError) string {
	const shown = 3
	english := message.NewPrinter(language.English)
	var first []string // in order, so that no more than these are held
	count := 0
	collect(err, func(e *jsonschema.ValidationError) {
		place := "(root)"
		if len(e.InstanceLocation) > 0 {
			place = pointer(e.InstanceLocation)
		}
		count++
		place += ": "
		if len(first) == shown && place > first[shown-1] {
			return // without the cost of a text: there may be very many
		}
		fault := shorten(place+explain(e, english), maxShown)
		at, same := slices.BinarySearch(first, fault)
		if same {
			count--
			return
		}
		if at < shown {
			first = slices.Insert(first, at, fault)
			first = first[:min(shown, len(first))]
		}
	})
	text := strings.Join(first, "; ")
	if count > shown {
		text += fmt.Sprintf("; and %d more", count-shown)
	}
	return text
}

// collect yields the faults themselves: those that merely group others are
// passed through. Of alternatives that all failed, the one fault is that.
func collect(err *jsonschema.ValidationError, yield func(*jsonschema.ValidationError)) {
	switch err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range err.Causes {
			collect(cause, yield)
		}
	default:
		yield(err)
	}
}

// explain says what is wrong. The values that a kind would quote are as long
// as the answer wants, so they are left out or cut.
func explain(err *jsonschema.ValidationError, english *message.Printer) string {
	switch k := err.ErrorKind.(type) {
	case *kind.Enum:
		choices := make([]string, 0, len(k.Want))
		for _, value := range k.Want {
			choices = append(choices, show(value))
		}
		return "is " + show(k.Got) + ", want one of " + strings.Join(choices, ", ")
	case *kind.Const:
		return "is " + show(k.Got) + ", want " + show(k.Want)
	case *kind.Pattern:
		return show(k.Got) + " does not match " + show(k.Want)
	case *kind.Format:
		return fmt.Sprintf("%s is no %s", show(k.Got), k.Want)
	case *kind.AdditionalProperties:
		names := slices.Sorted(slices.Values(k.Properties))
		return "unexpected " + show(strings.Join(names[:min(5, len(names))], ", "))
	}
	return err.ErrorKind.LocalizedString(english)
}

// pointer returns a place in a document as RFC 6901 writes it.
func pointer(tokens []string) string {
	var b strings.Builder
	for _, token := range tokens {
		b.WriteByte('/')
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
		b.WriteString(shorten(strings.ToValidUTF8(token, "�"), maxShown))
	}
	return b.String()
}
