package jsonpath_test

import (
	"errors"
	"reflect"
	"testing"

	"observatoire/probes/jsonpath"
)

var seeds = map[string]string{
	"$":         `1`,
	"$.a..b[*]": `{"a": {"c": {"b": [1, null]}}}`,
	"$['a', \"\\u00e9\\uD83D\\uDE00\", 0, -1, 1:3, ::-1, *]": `{"a": [1, 2, 3]}`,
	"$[?@.a == 1.5e3 && !($.b || @ < 'x')]":                  `[{"a": 1500}, 2]`,
	"$[?length(@) >= count(@..*)]":                           `["abc", [], {}]`,
	"$[?match(@, '[^a-c]{1,3}|\\\\p{Lu}.*')]":                `["xyz", "Ab"]`,
	"$..[?search(@.t, $.re)]":                                `{"re": "^a(b|c)+$", "x": {"t": "abc"}}`,
	"$[?value(@.*) != null]":                                 `[[1], [null], []]`,
}

func FuzzParse(f *testing.F) {
	for path := range seeds {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, s string) {
		path, err := jsonpath.Parse(s)
		if err != nil {
			return
		}
		again, err := jsonpath.Parse(path.String())
		if err != nil {
			t.Fatalf("Parse of String() of %q: %v", s, err)
		}
		if again.String() != path.String() {
			t.Errorf("String() of %q is %q, then %q", s, path, again)
		}
	})
}

func FuzzSelect(f *testing.F) {
	for path, document := range seeds {
		f.Add(path, document)
	}
	f.Fuzz(func(t *testing.T, s, document string) {
		path, err := jsonpath.Parse(s)
		if err != nil {
			return
		}
		for _, useNumber := range []bool{false, true} {
			doc, err := tryDecode([]byte(document), useNumber)
			if err != nil {
				return
			}
			nodes, err := path.Select(doc)
			if err != nil && !errors.Is(err, jsonpath.ErrTooLarge) {
				t.Fatalf("Select(%s) of %q: %v", document, s, err)
			}
			again, errAgain := path.Select(doc)
			if !reflect.DeepEqual(nodes, again) || !reflect.DeepEqual(err, errAgain) {
				t.Errorf("Select(%s) of %q: %v, %v; then %v, %v", document, s, nodes, err, again, errAgain)
			}
		}
	})
}
