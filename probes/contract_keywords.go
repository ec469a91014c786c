package probes

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// common converts what holds for values of any type.
func (c *converter) common(s *openapi3.Schema, out map[string]any, depth int) {
	if s.Type != nil && len(*s.Type) > 0 {
		types := make([]any, 0, len(*s.Type))
		for _, t := range *s.Type {
			if !slices.Contains(jsonTypes, t) {
				c.fail("it has the type %q, which there is not", shorten(t, 40))
			}
			types = append(types, t)
		}
		out["type"] = types
	}
	var all []any
	switch {
	case len(s.Enum) > 50: // on its own, so that its cost is counted also where it fails
		all = append(all, map[string]any{"enum": s.Enum})
	case len(s.Enum) > 0:
		out["enum"] = s.Enum
	}
	if s.Const != nil {
		out["const"] = s.Const
	}
	alternatives := "oneOf"
	if s.Discriminator != nil {
		alternatives = "anyOf" // it chooses one where several would match
	}
	for _, group := range []struct {
		name string
		refs openapi3.SchemaRefs
	}{{"allOf", s.AllOf}, {"anyOf", s.AnyOf}, {alternatives, s.OneOf}} {
		if len(group.refs) == 0 {
			continue
		}
		list := make([]any, len(group.refs))
		for i, ref := range group.refs {
			list[i] = c.same(ref, depth)
		}
		if _, taken := out[group.name]; taken {
			all = append(all, map[string]any{group.name: list})
		} else {
			out[group.name] = list
		}
	}
	if len(all) > 0 {
		before, _ := out["allOf"].([]any)
		out["allOf"] = append(before, all...)
	}
	parts := map[string]*openapi3.SchemaRef{"not": s.Not, "if": s.If}
	if s.If != nil {
		parts["then"], parts["else"] = s.Then, s.Else
	}
	for name, ref := range parts {
		if ref != nil {
			out[name] = c.same(ref, depth)
		}
	}
}

func (c *converter) numbers(s *openapi3.Schema, out map[string]any) {
	set(out, "multipleOf", s.MultipleOf)
	set(out, "minimum", s.Min)
	set(out, "maximum", s.Max)
	set(out, "exclusiveMinimum", s.ExclusiveMin.Value)
	set(out, "exclusiveMaximum", s.ExclusiveMax.Value)
	if s.ExclusiveMin.IsTrue() && s.Min != nil {
		delete(out, "minimum")
		out["exclusiveMinimum"] = *s.Min
	}
	if s.ExclusiveMax.IsTrue() && s.Max != nil {
		delete(out, "maximum")
		out["exclusiveMaximum"] = *s.Max
	}
	if s.MultipleOf != nil && *s.MultipleOf <= 0 {
		delete(out, "multipleOf")
	}
}

func (c *converter) texts(s *openapi3.Schema, out map[string]any) {
	if s.MinLength > 0 {
		out["minLength"] = s.MinLength
	}
	set(out, "maxLength", s.MaxLength)
	if c.usable(s.Pattern) {
		out["pattern"] = s.Pattern
	}
	if slices.Contains(assertedFormats, s.Format) {
		out["format"] = s.Format
	}
}

// usable reports whether a regular expression can be asserted at a bounded
// cost. JSON Schema has those of ECMAScript, and not all of them are RE2.
func (c *converter) usable(pattern string) bool {
	if pattern == "" || len(pattern) > maxPattern {
		return false
	}
	cost := expanded(pattern)
	if cost > maxPatterns-c.regexps {
		return false
	}
	c.regexps += cost
	_, err := regexp.Compile(pattern)
	return err == nil
}

func (c *converter) arrays(s *openapi3.Schema, out map[string]any) {
	if s.UniqueItems {
		out[uniqueKeyword] = true
	}
	if s.MinItems > 0 {
		out["minItems"] = s.MinItems
	}
	set(out, "maxItems", s.MaxItems)
	set(out, "minContains", s.MinContains)
	set(out, "maxContains", s.MaxContains)
	if s.Items != nil {
		out["items"] = c.other(s.Items)
	}
	if s.Contains != nil {
		out["contains"] = c.other(s.Contains)
	}
	if len(s.PrefixItems) > 0 {
		list := make([]any, len(s.PrefixItems))
		for i, ref := range s.PrefixItems {
			list[i] = c.other(ref)
		}
		out["prefixItems"] = list
	}
	c.either(out, "unevaluatedItems", s.UnevaluatedItems)
}

func (c *converter) objects(s *openapi3.Schema, out map[string]any, depth int) {
	// A member that is only ever written is not in an answer.
	required := make([]any, 0, len(s.Required))
	for _, name := range s.Required {
		if p := s.Properties[name]; p == nil || p.Value == nil || !p.Value.WriteOnly {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		out["required"] = slices.CompactFunc(slices.SortedFunc(slices.Values(required), byText), func(a, b any) bool { return a == b })
	}
	if s.MinProps > 0 {
		out["minProperties"] = s.MinProps
	}
	set(out, "maxProperties", s.MaxProps)
	if len(s.Properties) > 0 {
		out["properties"] = c.members(s.Properties, c.other)
	}
	if len(s.PatternProperties) > 0 {
		for pattern := range s.PatternProperties {
			if !c.usable(pattern) {
				c.fail("it has the pattern %q of properties, which cannot be used", shorten(pattern, 80))
			}
		}
		out["patternProperties"] = c.members(s.PatternProperties, c.other)
	}
	if len(s.DependentSchemas) > 0 {
		out["dependentSchemas"] = c.members(s.DependentSchemas, func(ref *openapi3.SchemaRef) any { return c.same(ref, depth) })
	}
	if s.PropertyNames != nil {
		out["propertyNames"] = c.other(s.PropertyNames)
	}
	if len(s.DependentRequired) > 0 {
		needs := make(map[string]any)
		for name, list := range s.DependentRequired {
			texts := make([]any, len(list))
			for i, text := range list {
				texts[i] = text
			}
			needs[name] = texts
		}
		out["dependentRequired"] = needs
	}
	c.either(out, "additionalProperties", s.AdditionalProperties)
	c.either(out, "unevaluatedProperties", s.UnevaluatedProperties)
}

func (c *converter) members(schemas openapi3.Schemas, convert func(*openapi3.SchemaRef) any) map[string]any {
	members := make(map[string]any, len(schemas))
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		members[name] = convert(schemas[name])
	}
	return members
}

func (c *converter) either(out map[string]any, name string, s openapi3.BoolSchema) {
	switch {
	case s.Schema != nil:
		out[name] = c.other(s.Schema)
	case s.Has != nil:
		out[name] = *s.Has
	}
}

func byText(a, b any) int { return strings.Compare(a.(string), b.(string)) }

func set[T any](out map[string]any, name string, value *T) {
	if value != nil {
		out[name] = *value
	}
}

// nullable adds null to what a schema allows.
func nullable(out map[string]any) any {
	types, ok := out["type"].([]any)
	for name := range out {
		switch name {
		case "enum", "const", "not", "allOf", "anyOf", "oneOf", "if":
			ok = false // these hold for null too
		}
	}
	if !ok {
		if len(out) == 0 {
			return out
		}
		return map[string]any{"anyOf": []any{map[string]any{"type": "null"}, out}}
	}
	if !slices.Contains(types, "null") {
		out["type"] = append(types, "null")
	}
	return out
}
