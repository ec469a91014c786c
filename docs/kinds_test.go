package docs_test

import (
	"encoding"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"observatoire/alerts"
	"observatoire/config"
	"observatoire/probes"
	"observatoire/storage"
	"observatoire/storage/sqlite"
)

// engines are the storage engines that a configuration may name.
func engines() map[string]func() storage.Opener {
	return map[string]func() storage.Opener{"sqlite": func() storage.Opener { return &sqlite.SQLite{Path: sqlite.DefaultPath} }}
}

// TestEngines holds the engines of these tests against those of the program.
func TestEngines(t *testing.T) {
	source := read(t, "cmd/observatoire/engines.go")
	f, err := parser.ParseFile(token.NewFileSet(), "engines.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for n := range ast.Preorder(f) {
		if entry, ok := n.(*ast.KeyValueExpr); ok {
			if kind, ok := text(entry.Key); ok {
				listed = append(listed, kind)
			}
		}
	}
	slices.Sort(listed)
	if want := slices.Sorted(maps.Keys(engines())); !slices.Equal(listed, want) {
		t.Errorf("cmd/observatoire/engines.go lists the engines %q, these tests know %q", listed, want)
	}
}

// families returns every family of kinds: a maker for each kind by its name.
func families() map[string]map[string]func() any {
	all := map[string]map[string]func() any{"probe": {}, "assertion": {}, "channel": {}, "engine": {}}
	for _, kind := range probes.ProberKinds() {
		all["probe"][kind] = func() any { return must(probes.NewProber(kind)) }
	}
	for _, kind := range probes.AssertionKinds() {
		all["assertion"][kind] = func() any { return must(probes.NewAssertion(kind)) }
	}
	for _, kind := range alerts.ChannelKinds() {
		all["channel"][kind] = func() any { return must(alerts.NewChannel(kind)) }
	}
	for kind, maker := range engines() {
		all["engine"][kind] = func() any { return maker() }
	}
	return all
}

// must returns a kind that is said to exist, or nil when it does not.
func must[T any](made T, ok bool) any {
	if !ok {
		return nil
	}
	return made
}

// Each kind says what its settings are, and the reference says the same.
func TestKinds(t *testing.T) {
	reference := map[string]config.Kind{}
	for _, kind := range config.Reference(engines()) {
		reference[kind.Family+" "+kind.Name] = kind
	}
	for family, kinds := range families() {
		if len(kinds) == 0 {
			t.Errorf("there is no kind of %s", family)
		}
		for name, maker := range kinds {
			t.Run(family+" "+name, func(t *testing.T) {
				made := reflect.ValueOf(maker())
				if !made.IsValid() || made.Kind() != reflect.Pointer || made.IsNil() {
					t.Fatalf("its maker gives %v: want a pointer to its settings", made)
				}
				if made.Elem().Type().Size() > 0 && made.Pointer() == reflect.ValueOf(maker()).Pointer() {
					t.Error("its maker gives the same settings twice: want new ones")
				}
				kind, ok := reference[family+" "+name]
				if !ok {
					t.Fatal("the reference does not list it")
				}
				var want []string
				if made.Elem().Kind() == reflect.Struct && !readsText(made.Elem().Type()) {
					want = settings(t, "", made.Elem().Type())
				}
				var got []string
				for _, s := range kind.Settings {
					got = append(got, s.Name)
				}
				if !slices.Equal(got, want) {
					t.Errorf("the reference lists the settings %q: want %q", got, want)
				}
			})
		}
	}
	for name, kind := range reference {
		if _, ok := families()[kind.Family][kind.Name]; !ok && kind.Family != "section" {
			t.Errorf("the reference lists %s, which no table has", name)
		}
	}
}

// settings returns the keys of a kind's settings, and reports exported fields
// that are none or that are not documented.
func settings(t *testing.T, prefix string, of reflect.Type) []string {
	t.Helper()
	var keys []string
	for f := range of.Fields() {
		key, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || key == "-":
			continue
		case option == "inline":
			keys = append(keys, settings(t, prefix, f.Type)...)
			continue
		case key == "":
			t.Errorf("%s.%s has no yaml tag", of, f.Name)
		}
		if f.Tag.Get("doc") == "" {
			t.Errorf("%s.%s has no doc tag", of, f.Name)
		}
		inner := f.Type
		for !readsText(inner) && slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, inner.Kind()) {
			inner = inner.Elem()
		}
		if f.Type.Kind() != reflect.Struct || readsText(f.Type) {
			keys = append(keys, prefix+key)
		}
		if inner.Kind() == reflect.Struct && !readsText(inner) && !holdsKind(inner) {
			keys = append(keys, settings(t, prefix+key+".", inner)...)
		}
	}
	return keys
}

// holdsKind reports whether one of a struct's keys names a kind: it is a
// section of its own.
func holdsKind(of reflect.Type) bool {
	for f := range of.Fields() {
		if strings.HasSuffix(f.Tag.Get("yaml"), ",kind") {
			return true
		}
	}
	return false
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// Everything that can be written is described.
func TestReferenceIsComplete(t *testing.T) {
	reference := config.Reference(engines())
	for _, kind := range reference {
		if kind.Type == "" {
			t.Errorf("%s %s: the reference does not say what is written", kind.Family, kind.Name)
		}
		for _, s := range kind.Settings {
			if s.Name == "" || s.Type == "" || s.Doc == "" {
				t.Errorf("%s %s: setting %q: the reference has type %q and description %q", kind.Family, kind.Name, s.Name, s.Type, s.Doc)
			}
		}
	}
}
