package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"observatoire/alerts"
	"observatoire/probes"
	"observatoire/storage"
)

// family is a table of kinds: what a key may name where one of them is wanted.
type family struct {
	order int // in the reference
	name  string
	kinds func() []string
	make  func(kind string) (any, bool) // a pointer to the settings, with their defaults
}

// families are the tables of kinds by the interface that they implement.
func families(engines map[string]func() storage.Opener) map[reflect.Type]family {
	return map[reflect.Type]family{
		reflect.TypeFor[probes.Prober]():    {0, "probe", probes.ProberKinds, made(probes.NewProber)},
		reflect.TypeFor[probes.Assertion](): {1, "assertion", probes.AssertionKinds, made(probes.NewAssertion)},
		reflect.TypeFor[alerts.Notifier]():  {2, "channel", alerts.ChannelKinds, made(alerts.NewChannel)},
		reflect.TypeFor[storage.Opener](): {
			3, "engine",
			func() []string { return slices.Sorted(maps.Keys(engines)) },
			func(kind string) (any, bool) {
				maker, ok := engines[kind]
				if !ok {
					return nil, false
				}
				return maker(), true
			},
		},
	}
}

func made[T any](maker func(string) (T, bool)) func(string) (any, bool) {
	return func(kind string) (any, bool) {
		settings, ok := maker(kind)
		return settings, ok
	}
}

func (f family) has(kind string) bool { return f.kinds != nil && slices.Contains(f.kinds(), kind) }

// pair is a key of a mapping and its value.
type pair struct{ key, value *yaml.Node }

// kind reads the one key of a mapping that names a kind.
func (d *decoder) kind(n *yaml.Node, v reflect.Value, f field, found []pair, path string) {
	family := d.families[f.typ]
	switch {
	case len(found) == 0 && !f.required:
		return
	case len(found) == 0:
		d.faultf(n, path, "no %s kind; known kinds are %s", family.name, list(family.kinds()))
		return
	case len(found) > 1:
		d.faultf(found[1].key, path, "both %q and %q: want one %s kind", found[0].key.Value, found[1].key.Value, family.name)
		return
	}
	name, node := found[0].key.Value, found[0].value
	settings, _ := family.make(name)
	into := reflect.ValueOf(settings)
	if into.Kind() != reflect.Pointer || into.IsNil() {
		d.fault(found[0].key, path, fmt.Errorf("%s %s cannot be configured", family.name, name))
		return
	}
	if isNull(resolve(node)) { // its defaults, as far as they go
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: found[0].key.Line}
	}
	d.named[settings] = name
	d.value(node, into.Elem(), join(path, name))
	v.Set(into)
}
