package probes

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The bounds of one body's schema.
const (
	maxSchemas  = 5000
	maxNesting  = 64      // of schemas for one and the same value
	maxPattern  = 1000    // bytes of a regular expression
	maxPatterns = 200_000 // bytes of all of them, repetitions written out
)

var jsonTypes = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

// converter makes a schema of JSON Schema 2020-12 from one of OpenAPI. It
// takes over what is asserted of a body, and nothing else. Each schema that a
// reference leads to is converted once.
type converter struct {
	defs    map[string]any
	names   map[*openapi3.Schema]string
	pending []*openapi3.Schema
	chains  map[string]chain
	current string
	count   int
	regexps int
	err     error
}

// chain says which schemas one applies to its own value, and how deep they are
// nested in it.
type chain struct {
	depth int
	refs  []string
}

// convertSchema returns the document of JSON Schema.
func convertSchema(ref *openapi3.SchemaRef) (map[string]any, error) {
	c := &converter{
		defs: make(map[string]any), names: make(map[*openapi3.Schema]string), chains: make(map[string]chain),
	}
	root := map[string]any{"$ref": c.name(ref), "$defs": c.defs}
	for len(c.pending) > 0 && c.err == nil {
		schema := c.pending[0]
		c.pending = c.pending[1:]
		c.current = c.names[schema]
		c.defs[c.current] = c.convert(schema, 1)
	}
	if c.err == nil {
		_, c.err = c.nesting("0", make(map[string]int))
	}
	return root, c.err
}

// name returns a reference to the schema, which is converted later.
func (c *converter) name(ref *openapi3.SchemaRef) string {
	if ref == nil || ref.Value == nil {
		c.fail("a reference in it leads nowhere")
		return ""
	}
	name, ok := c.names[ref.Value]
	if !ok {
		name = strconv.Itoa(len(c.names))
		c.names[ref.Value] = name
		c.pending = append(c.pending, ref.Value)
	}
	return "#/$defs/" + name
}

func (c *converter) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// nesting returns how deep schemas are nested for a value of the schema.
func (c *converter) nesting(name string, known map[string]int) (int, error) {
	if depth, ok := known[name]; ok {
		if depth == 0 {
			return 0, errors.New("it refers to itself for the same value")
		}
		return depth, nil
	}
	known[name] = 0
	deepest := 0
	for _, ref := range c.chains[name].refs {
		depth, err := c.nesting(ref, known)
		if err != nil {
			return 0, err
		}
		deepest = max(deepest, depth)
	}
	known[name] = deepest + c.chains[name].depth
	if known[name] > maxNesting {
		return 0, fmt.Errorf("its parts are nested deeper than %d for one value", maxNesting)
	}
	return known[name], nil
}

// same converts a schema for the same value, at a depth of such schemas.
func (c *converter) same(ref *openapi3.SchemaRef, depth int) any {
	if ref == nil || ref.Value == nil || ref.Ref != "" {
		name := c.name(ref)
		link := c.chains[c.current]
		link.refs, link.depth = append(link.refs, strings.TrimPrefix(name, "#/$defs/")), max(link.depth, depth)
		c.chains[c.current] = link
		return map[string]any{"$ref": name}
	}
	return c.convert(ref.Value, depth+1)
}

// other converts a schema for a part of the value, in place where that is the
// only one for the part: following a reference costs as much as a schema.
func (c *converter) other(ref *openapi3.SchemaRef) any {
	if ref != nil && ref.Ref == "" && ref.Value != nil && single(ref.Value) {
		return c.convert(ref.Value, 1)
	}
	return map[string]any{"$ref": c.name(ref)}
}

// single reports whether a schema applies no others to its own value.
func single(s *openapi3.Schema) bool {
	return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf)+len(s.DependentSchemas) == 0 && s.Not == nil && s.If == nil
}

func (c *converter) convert(s *openapi3.Schema, depth int) any {
	if c.count++; c.count > maxSchemas {
		c.fail("it has more than %d parts", maxSchemas)
	}
	link := c.chains[c.current]
	link.depth = max(link.depth, depth)
	c.chains[c.current] = link
	switch {
	case c.err != nil || depth > maxNesting:
		c.fail("its parts are nested deeper than %d for one value", maxNesting)
		return true
	case s.Always != nil:
		return *s.Always
	}
	out := make(map[string]any)
	c.common(s, out, depth)
	c.numbers(s, out)
	c.texts(s, out)
	c.arrays(s, out)
	c.objects(s, out, depth)
	if s.Nullable {
		return nullable(out)
	}
	return out
}
