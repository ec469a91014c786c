package config

import (
	"encoding"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"observatoire/secret"
	"observatoire/storage"
)

// Kind is what can be written in one place of the configuration: a section of
// the file, or the settings of a kind.
type Kind struct {
	Family   string // "section", "probe", "assertion", "channel" or "engine"
	Name     string // the key that it stands under, such as "http"; "file" for the file itself
	Type     string // "mapping", or what is written instead of one, such as "list of whole numbers"
	Settings []Setting
}

// Setting is one key of a mapping.
type Setting struct {
	Name     string // dotted where it is inside another
	Type     string // in words, such as "duration"
	Default  string // as it is written; empty for none
	Required bool
	Doc      string
}

// Reference returns everything that can be written, as the decoder reads it:
// first the sections of the file, then the kinds of each family by name.
func Reference(engines map[string]func() storage.Opener) []Kind {
	r := reference{families: families(engines), seen: map[reflect.Type]bool{}}
	r.section("file", reflect.TypeFor[document]())
	for _, f := range slices.SortedFunc(maps.Values(r.families), byOrder) {
		for _, name := range f.kinds() {
			made, _ := f.make(name)
			settings := reflect.ValueOf(made).Elem()
			k := Kind{Family: f.name, Name: name, Type: words(settings.Type())}
			if settings.Kind() == reflect.Struct {
				k.Settings = flat("", settings)
			}
			r.kinds = append(r.kinds, k)
		}
	}
	return r.kinds
}

func byOrder(a, b family) int { return a.order - b.order }

type reference struct {
	families map[reflect.Type]family
	seen     map[reflect.Type]bool
	kinds    []Kind
}

// section adds a struct, and after it those that it holds.
func (r *reference) section(name string, t reflect.Type) {
	if r.seen[t] {
		return
	}
	r.seen[t] = true
	settings := reflect.New(t)
	setDefaults(settings.Interface())
	at := len(r.kinds)
	r.kinds = append(r.kinds, Kind{Family: "section", Name: name, Type: words(t)})
	var all []Setting
	for _, f := range orderedFields(t) {
		if f.key == "" {
			family := r.families[f.typ]
			all = append(all, Setting{
				Name: "<" + family.name + " kind>", Type: "mapping", Required: f.required,
				Doc: "one of " + list(family.kinds()),
			})
			continue
		}
		all = append(all, f.setting("", settings.Elem()))
		if inner := structOf(f.typ); inner != nil {
			r.section(f.key, inner)
		}
	}
	r.kinds[at].Settings = all
}

// flat returns the keys of a struct and, dotted, those of structs inside it.
// A list of structs and a struct that may be left out are named before their
// keys are; what holds a kind is a section of its own.
func flat(prefix string, v reflect.Value) []Setting {
	var all []Setting
	for _, f := range orderedFields(v.Type()) {
		inner := structOf(f.typ)
		if inner == nil || holdsKind(inner) {
			all = append(all, f.setting(prefix, v))
			continue
		}
		value := v.FieldByIndex(f.index)
		if value.Kind() != reflect.Struct {
			all = append(all, f.setting(prefix, v))
			value = reflect.New(inner).Elem()
		}
		all = append(all, flat(prefix+f.key+".", value)...)
	}
	return all
}

// holdsKind reports whether one of a struct's keys names a kind.
func holdsKind(t reflect.Type) bool {
	return slices.ContainsFunc(orderedFields(t), func(f field) bool { return f.key == "" })
}

func (f field) setting(prefix string, in reflect.Value) Setting {
	return Setting{
		Name: prefix + f.key, Type: words(f.typ), Default: written(in.FieldByIndex(f.index)),
		Required: f.required, Doc: f.doc,
	}
}

// structOf returns the struct that a type is made of, or nil where its values
// are written otherwise.
func structOf(t reflect.Type) reflect.Type {
	for !readsText(t) {
		switch t.Kind() {
		case reflect.Struct:
			return t
		case reflect.Pointer, reflect.Slice, reflect.Map:
			t = t.Elem()
		default:
			return nil
		}
	}
	return nil
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// words says in words how values of a type are written.
func words(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[time.Time]():
		return "date and time such as 2026-08-21T22:00:00+02:00"
	case reflect.TypeFor[netip.Prefix]():
		return "range of addresses such as 10.0.0.0/8"
	case reflect.TypeFor[netip.Addr]():
		return "address such as 192.0.2.1"
	case reflect.TypeFor[secret.Value]():
		return "secret"
	}
	if readsText(t) {
		return strings.ToLower(t.Name())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return words(t.Elem())
	case reflect.Slice:
		return "list of " + plural(words(t.Elem()))
	case reflect.Map:
		return "mapping of names to " + plural(words(t.Elem()))
	case reflect.Struct:
		return "mapping"
	case reflect.Interface:
		return "value"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "number"
	}
	return "whole number"
}

func plural(words string) string {
	if strings.Contains(words, " ") && words != "whole number" {
		return words
	}
	return words + "s"
}

// article returns words as messages say what they want.
func article(words string) string {
	if strings.HasPrefix(words, "true") {
		return words
	}
	return "a " + words
}

// written returns a default as it is written in the file.
func written(v reflect.Value) string {
	if v.IsZero() || v.Type() == reflect.TypeFor[secret.Value]() {
		return ""
	}
	switch value := v.Interface().(type) {
	case time.Duration:
		return formatDuration(value)
	case fmt.Stringer:
		return value.String()
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map, reflect.Pointer, reflect.Interface:
		return ""
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = written(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}
