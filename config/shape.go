package config

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"observatoire/catalogue"
)

// shape is what can be written for a struct.
type shape struct {
	fields map[string]field
	kind   *field // the field whose key names a kind; nil when there is none
}

// field is one key.
type field struct {
	key      string
	each     string // what one entry of the list is called in messages
	index    []int
	required bool
	doc      string
	typ      reflect.Type
}

// shorthands are the structs that a plain text may stand for, and the key that
// the text is then the value of.
var shorthands = map[reflect.Type]string{reflect.TypeFor[catalogue.Dependency](): "api"}

func (d *decoder) shape(t reflect.Type) shape {
	s, ok := d.shapes[t]
	if !ok {
		s = shapeOf(t)
		d.shapes[t] = s
	}
	return s
}

// shapeOf reads the tags of a struct: yaml names the key (",inline" takes in the
// keys of an embedded struct, ",kind" makes the key name a kind), required:"true"
// and doc say the rest.
func shapeOf(t reflect.Type) shape {
	s := shape{fields: map[string]field{}}
	for _, f := range orderedFields(t) {
		if f.key == "" {
			s.kind = &f
			continue
		}
		s.fields[f.key] = f
	}
	return s
}

// orderedFields returns the keys of a struct in the order of its fields; the one
// that names a kind has an empty key.
func orderedFields(t reflect.Type) []field {
	var all []field
	for f := range t.Fields() {
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			for _, inner := range orderedFields(f.Type) {
				inner.index = append([]int{f.Index[0]}, inner.index...)
				all = append(all, inner)
			}
		case option == "kind" || key != "" && key != "-" && f.IsExported():
			each := f.Tag.Get("each")
			if each == "" {
				each = key
			}
			all = append(all, field{
				key: key, each: each, index: f.Index, typ: f.Type,
				required: f.Tag.Get("required") == "true", doc: f.Tag.Get("doc"),
			})
		}
	}
	return all
}

func (s shape) keys() []string {
	keys := make([]string, 0, len(s.fields))
	for key := range s.fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// structure reads a mapping whose keys are those of a struct.
func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	setDefaults(v.Addr().Interface())
	s := d.shape(v.Type())
	if key, ok := shorthands[v.Type()]; ok && n.Kind == yaml.ScalarNode {
		d.places[v.Addr().Interface()] = place{n, path}
		d.value(n, v.FieldByIndex(s.fields[key].index), path)
		return
	}
	d.places[v.Addr().Interface()] = place{n, path}
	var kinds []pair
	mistyped := false
	for key, value := range d.pairs(n, path) {
		f, known := s.fields[key.Value]
		switch {
		case known:
			d.value(value, v.FieldByIndex(f.index), join(path, segment(f, value)))
		case s.kind != nil && d.families[s.kind.typ].has(key.Value):
			kinds = append(kinds, pair{key, value})
		default:
			d.unknown(key, s, path)
			mistyped = true
		}
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, key := range s.keys() {
		if f := s.fields[key]; f.required && !given(n, key) {
			d.faultf(n, join(path, key), "required")
		}
	}
	if s.kind != nil && (len(kinds) > 0 || !mistyped) {
		d.kind(n, v.FieldByIndex(s.kind.index), *s.kind, kinds, path)
	}
}

// unknown says that a key is not known, and which one may have been meant.
func (d *decoder) unknown(key *yaml.Node, s shape, path string) {
	if s.kind == nil {
		known := s.keys()
		d.faultf(key, path, "unknown key %s%s; known keys are %s", quote(key.Value), suggest(key.Value, known), list(known))
		return
	}
	f := d.families[s.kind.typ]
	d.faultf(key, path, "unknown key %s%s; known kinds are %s",
		quote(key.Value), suggest(key.Value, append(s.keys(), f.kinds()...)), list(f.kinds()))
}

// segment is a key's part of a path.
func segment(f field, value *yaml.Node) string {
	if resolve(value).Kind == yaml.SequenceNode {
		return f.each
	}
	return f.key
}

// given reports whether a mapping has a value for a key, even a faulty one.
func given(n *yaml.Node, key string) bool {
	_, value := lookup(n, key)
	switch {
	case value == nil || isNull(value):
		return false
	case value.Kind == yaml.ScalarNode:
		return value.Value != ""
	}
	return value.Kind != yaml.SequenceNode || len(value.Content) > 0
}

// join adds a part to a path.
func join(path, part string) string {
	if path == "" {
		return part
	}
	return path + ": " + part
}

// last returns the last part of a path.
func last(path string) string { return path[strings.LastIndexByte(path, ' ')+1:] }
