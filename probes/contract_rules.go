package probes

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// The bounds of the work on one body: what is tried, and for how long.
const (
	workBase     = 200_000         // values tried against schemas, and two more for each byte of the body
	workTime     = 2 * time.Second // and no longer
	maxBodyDepth = 300             // of arrays and objects within each other
)

// rules are a schema that is ready to be held against bodies.
type rules struct {
	schema *jsonschema.Schema
	work   *work
}

// work is what holding one body against a schema has cost. It is counted at
// each schema, and stops the whole by a panic when it is too much: schemas can
// be made that would take years.
type work struct {
	left  int
	until time.Time
	tried int
}

var errWork = errors.New("the body takes too long to be held against its schema")

// cost is counted at the end of a schema: one for itself and for each schema
// and each element in it. It also asserts that the elements of an array are
// all different.
type cost struct {
	*work
	own    int
	unique bool
}

const uniqueKeyword = "x-unique"

// Validate implements [jsonschema.SchemaExt].
func (c *cost) Validate(ctx *jsonschema.ValidatorContext, value any) {
	c.left -= c.own
	switch v := value.(type) {
	case []any:
		c.left -= len(v)
		if i, j, ok := twice(v); c.unique && ok {
			ctx.AddError(&kind.UniqueItems{Duplicates: [2]int{i, j}})
		}
	case map[string]any:
		c.left -= len(v)
	}
	c.tried++
	if c.left < 0 || c.tried%8 == 0 && time.Now().After(c.until) {
		panic(errWork)
	}
}

// twice returns the first two elements that are written alike.
func twice(list []any) (int, int, bool) {
	seen := make(map[string]int, len(list))
	for j, element := range list {
		text, err := json.Marshal(element)
		if err != nil {
			return 0, 0, false
		}
		if i, ok := seen[string(text)]; ok {
			return i, j, true
		}
		seen[string(text)] = j
	}
	return 0, 0, false
}

// compileSchema makes the rules of a schema.
func compileSchema(ref *openapi3.SchemaRef) (r *rules, err error) {
	defer func() {
		if v := recover(); v != nil {
			r, err = nil, fmt.Errorf("the schema of the body cannot be used: %s", panicDetail(v))
		}
	}()
	document, err := convertSchema(ref)
	if err != nil {
		return nil, fmt.Errorf("the schema of the body is not valid: %w", err)
	}
	r = &rules{work: new(work)}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseLoader(noLoader{})
	compiler.AssertFormat()
	for _, format := range []*jsonschema.Format{
		{Name: "byte", Validate: ofText(isBase64)},
		{Name: "int32", Validate: between(math.MinInt32, math.MaxInt32)},
		{Name: "int64", Validate: between(math.MinInt64, math.MaxInt64)},
		{Name: "ipv4", Validate: ofText(func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() })},
		{Name: "ipv6", Validate: ofText(func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() })},
	} {
		compiler.RegisterFormat(format)
	}
	compiler.RegisterVocabulary(&jsonschema.Vocabulary{URL: "urn:cost", Compile: r.cost})
	compiler.AssertVocabs()
	const name = "urn:contract"
	if err = compiler.AddResource(name, document); err == nil {
		r.schema, err = compiler.Compile(name)
	}
	if err != nil {
		if invalid, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
			err = differences(invalid.Err, document)
		}
		return nil, fmt.Errorf("the schema of the body is not valid: %w", err)
	}
	return r, nil
}

// cost returns what a schema costs each time that it is tried.
func (r *rules) cost(_ *jsonschema.CompilerContext, schema map[string]any) (jsonschema.SchemaExt, error) {
	own := 1
	for _, name := range []string{"allOf", "anyOf", "oneOf", "enum", "required"} {
		list, _ := schema[name].([]any)
		own += len(list)
	}
	unique, _ := schema[uniqueKeyword].(bool)
	return &cost{work: r.work, own: own, unique: unique}, nil
}

// try holds a body of so many bytes against the schema. Only one at a time.
func (r *rules) try(value any, size int) (err error) {
	r.work.left, r.work.until = workBase+2*size, time.Now().Add(workTime)
	defer func() {
		switch v := recover(); {
		case v == nil:
		case v == any(errWork):
			err = undecided{errWork}
		default:
			err = undecided{fmt.Errorf("the body cannot be held against its schema: %s", panicDetail(v))}
		}
	}()
	if err = judgeable(value, 0); err != nil {
		return undecided{err}
	}
	return r.schema.Validate(value)
}

// judgeable returns an error for a body that cannot be judged at a bounded
// cost: numbers are compared exactly.
func judgeable(value any, depth int) (err error) {
	if depth > maxBodyDepth {
		return fmt.Errorf("the body is nested deeper than %d", maxBodyDepth)
	}
	switch v := value.(type) {
	case json.Number:
		if f, wrong := v.Float64(); wrong != nil || len(v) > 400 || f == 0 && strings.ContainsAny(string(v), "eE") {
			return fmt.Errorf("the body has a number that is too large or too small to be judged: %s", shorten(string(v), 40))
		}
	case []any:
		for i := 0; i < len(v) && err == nil; i++ {
			err = judgeable(v[i], depth+1)
		}
	case map[string]any:
		for _, member := range v {
			if err = judgeable(member, depth+1); err != nil {
				break
			}
		}
	}
	return err
}

var assertedFormats = []string{"byte", "date", "date-time", "uuid", "ipv4", "ipv6", "int32", "int64"}

func ofText(is func(string) bool) func(any) error {
	return func(value any) error {
		if text, ok := value.(string); ok && !is(text) {
			return errors.New("it is not")
		}
		return nil
	}
}

func isBase64(text string) bool {
	return strings.Trim(strings.TrimRight(text, "="), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") == ""
}

// between is a format of integers of a range.
func between(low, high float64) func(any) error {
	return func(value any) error {
		number, ok := value.(json.Number)
		if !ok {
			return nil
		}
		if f, err := strconv.ParseFloat(string(number), 64); err != nil || f < low || f > high {
			return errors.New("it is out of range")
		}
		return nil
	}
}

// expanded returns about how large a regular expression is when its
// repetitions are written out.
func expanded(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return len(pattern)
	}
	return expandedSize(parsed)
}

func expandedSize(r *syntax.Regexp) int {
	size := 1 + len(r.Rune)
	for _, sub := range r.Sub {
		size += expandedSize(sub)
	}
	if r.Op == syntax.OpRepeat {
		size *= max(1, r.Min, r.Max)
	}
	return min(size, math.MaxInt32)
}
