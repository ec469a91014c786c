package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of what is decoded.
const (
	maxNodes    = 500_000 // values in all, those that aliases repeat included
	maxRepeated = 100_000 // values that aliases repeat
	maxDepth    = 100
)

// validator is implemented by settings that know more about what is right than
// their types say. Each error that is joined in the result is a fault of its
// own; one that begins with a key and a colon is a fault of that key.
type validator interface {
	Validate() error
}

// defaulter is implemented by settings of which some are not zero when they are not given.
type defaulter interface {
	setDefaults()
}

// setDefaults gives settings their defaults, whoever they belong to.
func setDefaults(settings any) {
	switch s := settings.(type) {
	case defaulter:
		s.setDefaults()
	case interface{ SetDefaults() }: // of another package
		s.SetDefaults()
	}
}

// decoder makes Go values of YAML nodes. It goes on after a fault, so that all
// are found at once.
type decoder struct {
	file     string
	families map[reflect.Type]family
	faults   Faults
	shapes   map[reflect.Type]shape
	places   map[any]place       // of each struct that was read, by its pointer
	named    map[any]string      // the kind of each setting that was read, by its pointer
	open     map[*yaml.Node]bool // anchors whose aliases are being followed
	faulty   map[*yaml.Node]bool // values that a fault was found in
	depth    int
	nodes    int
	repeated int
	spent    bool
}

// place is where a struct was read.
type place struct {
	node *yaml.Node // its mapping
	path string
}

func newDecoder(file string, families map[reflect.Type]family) *decoder {
	return &decoder{
		file: file, families: families,
		shapes: map[reflect.Type]shape{}, places: map[any]place{}, named: map[any]string{},
		open: map[*yaml.Node]bool{}, faulty: map[*yaml.Node]bool{},
	}
}

func (d *decoder) fault(n *yaml.Node, path string, err error) {
	d.faulty[n] = true
	d.faults.add(Fault{File: d.file, Line: max(1, n.Line), Path: path, Err: err})
}

func (d *decoder) faultf(n *yaml.Node, path, format string, args ...any) {
	d.fault(n, path, fmt.Errorf(format, args...))
}

// value reads n into v, which can be addressed. An empty value leaves v as it
// is, but where null is a value of its own.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	if !d.enter(n, path) {
		return
	}
	defer d.leave()
	if n.Kind == yaml.AliasNode {
		d.follow(n, path, func(n *yaml.Node) { d.value(n, v, path) })
		return
	}
	if v.Type() == reflect.TypeFor[*any]() {
		v.Set(reflect.ValueOf(new(d.anything(n, path))))
		return
	}
	if isNull(n) && v.Kind() != reflect.Interface {
		return
	}
	if v.Kind() == reflect.Pointer {
		into := reflect.New(v.Type().Elem())
		d.value(n, into.Elem(), path)
		v.Set(into)
		return
	}
	before := d.faults.count()
	d.decode(n, v, path)
	if d.faults.count() > before {
		d.faulty[n] = true
		return
	}
	d.validate(n, v, path)
}

func (d *decoder) decode(n *yaml.Node, v reflect.Value, path string) {
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, v.Type(), text, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Slice:
		d.slice(n, v, path)
	case reflect.Map:
		d.table(n, v, path)
	case reflect.Interface:
		if made := d.anything(n, path); made != nil {
			v.Set(reflect.ValueOf(made))
		}
	default:
		d.scalar(n, v, path)
	}
}

// validate asks the settings themselves.
func (d *decoder) validate(n *yaml.Node, v reflect.Value, path string) {
	settings, ok := v.Addr().Interface().(validator)
	if !ok {
		return
	}
	for _, err := range leaves(settings.Validate()) {
		at := n
		if key := keyOf(n, err); key != nil {
			at = key
		}
		if rest, ok := strings.CutPrefix(err.Error(), last(path)+": "); ok && at == n {
			err = errors.New(rest) // a kind without keys names itself
		}
		d.fault(at, path, err)
	}
}

// slice reads a list.
func (d *decoder) slice(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.faultf(n, path, "want a list, got %s", kindOf(n))
		return
	}
	if d.nodes += len(n.Content); !d.afford(n, path) { // before room is made for them
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		if isNull(resolve(item)) && v.Type().Elem() != reflect.TypeFor[any]() {
			d.faultf(item, path+label(item, i), "an entry must not be empty")
			continue
		}
		d.value(item, items.Index(i), path+label(item, i))
	}
	v.Set(items)
}

// table reads a mapping whose keys are names that the configuration chooses.
func (d *decoder) table(n *yaml.Node, v reflect.Value, path string) {
	if v.Type().Key().Kind() != reflect.String {
		d.faultf(n, path, "settings of type %s cannot be read", v.Type())
		return
	}
	entries := reflect.MakeMap(v.Type())
	for key, item := range d.pairs(n, path) {
		value := reflect.New(v.Type().Elem()).Elem()
		d.value(item, value, path+" "+quote(key.Value))
		entries.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), value)
	}
	v.Set(entries)
}

// anything reads a value whose type the configuration chooses: nil, bool, int64,
// float64, string, []any or map[string]any. A date is the text that it is in JSON.
func (d *decoder) anything(n *yaml.Node, path string) any {
	if !d.enter(n, path) {
		return nil
	}
	defer d.leave()
	switch n.Kind {
	case yaml.AliasNode:
		var made any
		d.follow(n, path, func(n *yaml.Node) { made = d.anything(n, path) })
		return made
	case yaml.SequenceNode:
		items := []any{}
		for i, item := range n.Content {
			items = append(items, d.anything(item, path+label(item, i)))
		}
		return items
	case yaml.MappingNode:
		entries := map[string]any{}
		for key, item := range d.pairs(n, path) {
			entries[key.Value] = d.anything(item, path+" "+quote(key.Value))
		}
		return entries
	}
	return d.plain(n, path)
}

// pairs yields the keys and values of a mapping. Keys that are no texts or are
// given twice are faults, and left out.
func (d *decoder) pairs(n *yaml.Node, path string) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			d.faultf(n, path, "want a mapping, got %s", kindOf(n))
			return
		}
		first := make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			line, twice := first[key.Value]
			switch {
			case key.ShortTag() == "!!merge":
				d.faultf(key, path, "merge keys (<<) are not supported: write the keys, or an alias (*name) for a whole value")
			case key.Kind != yaml.ScalarNode || isNull(key):
				d.faultf(key, path, "a key must be a text")
			case twice:
				d.faultf(key, path, "duplicate key %s, first on line %d", quote(key.Value), line)
			default:
				first[key.Value] = key.Line
				if !yield(key, n.Content[i+1]) {
					return
				}
			}
		}
	}
}

// follow reads what an alias stands for.
func (d *decoder) follow(n *yaml.Node, path string, read func(*yaml.Node)) {
	target := n.Alias
	if target == nil || d.open[target] {
		d.faultf(n, path, "alias *%s stands for a value that contains it", cut(n.Value, maxLabel))
		return
	}
	d.open[target] = true
	defer delete(d.open, target)
	read(target)
}

// enter counts a value and reports whether it may be read; leave ends it.
func (d *decoder) enter(n *yaml.Node, path string) bool {
	d.nodes++
	if !d.afford(n, path) {
		return false
	}
	if d.depth == maxDepth {
		d.faultf(n, path, "nested more than %d deep", maxDepth)
		return false
	}
	d.depth++
	return true
}

func (d *decoder) leave() { d.depth-- }

// afford reports whether there is budget left. That it is spent is said once.
func (d *decoder) afford(n *yaml.Node, path string) bool {
	if len(d.open) > 0 {
		d.repeated++
	}
	switch {
	case d.spent:
	case d.repeated > maxRepeated:
		d.spent = true
		d.faultf(n, path, "aliases repeat more than %d values", maxRepeated)
	case d.nodes > maxNodes:
		d.spent = true
		d.faultf(n, path, "more than %d values", maxNodes)
	}
	return !d.spent
}

// leaves returns the errors that were joined in one.
func leaves(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, leaves(e)...)
	}
	if len(all) == 0 {
		return []error{errors.New("invalid")}
	}
	return all
}
