package jsonpath_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"observatoire/probes/jsonpath"
)

func mustParse(t testing.TB, path string) jsonpath.Path {
	t.Helper()
	p, err := jsonpath.Parse(path)
	if err != nil {
		t.Fatalf("Parse(%q): %v", path, err)
	}
	return p
}

func TestSelect(t *testing.T) {
	tests := map[string]struct {
		path, document, want string
	}{
		"members in sorted order":         {"$.*", `{"b": 1, "a": 2, "c": 3}`, `[2, 1, 3]`},
		"descendants in sorted order":     {"$..n", `{"b": {"n": 1}, "a": {"z": {"n": 2}, "n": 3}}`, `[3, 2, 1]`},
		"filter in sorted order":          {"$[?@ > 1]", `{"b": 2, "a": 3, "c": 1}`, `[3, 2]`},
		"space within a segment":          {"$ [ 'a' ]\n.b", `{"a": {"b": 1}}`, `[1]`},
		"space in an existence test":      {"$[?@[ 'a' ]]", `[{"a": 1}]`, `[{"a": 1}]`},
		"nothing equals nothing":          {"$[?@.x == @.y]", `[1]`, `[1]`},
		"null is not nothing":             {"$[?@.x == null]", `[{"x": null}, {}]`, `[{"x": null}]`},
		"objects regardless of order":     {"$[?@.a == @.b]", `[{"a": {"x": 1, "y": [2]}, "b": {"y": [2], "x": 1}}]`, `[{"a": {"x": 1, "y": [2]}, "b": {"y": [2], "x": 1}}]`},
		"objects of other members":        {"$[?@.a == @.b]", `[{"a": {"x": null}, "b": {"y": null}}]`, `[]`},
		"strings by code point":           {`$[?@ > "\uffff"]`, `["😀", "z"]`, `["😀"]`},
		"code points, not bytes":          {"$[?length(@) == 2]", `["é😀", "ab", "abc"]`, `["é😀", "ab"]`},
		"function of a function":          {"$[?length(value($..a)) == 2]", `[{"a": "xy"}]`, `[{"a": "xy"}]`},
		"unselective step":                {"$[::0]", `[1, 2]`, `[]`},
		"slice far out of range":          {"$[-9007199254740991:9007199254740991:9007199254740991]", `[1, 2]`, `[1]`},
		"backwards far out of range":      {"$[9007199254740991:-9007199254740991:-9007199254740991]", `[1, 2]`, `[2]`},
		"large exponents":                 {"$[?@ > 1e400]", `[1, 2]`, `[]`},
		"negative zero":                   {"$[?@ == 0]", `[-0, 0.0, 0e5, -0.0e-3, 1]`, `[-0, 0.0, 0e5, -0.0e-3]`},
		"equal notations":                 {"$[?@ == 1200]", `[1200, 1.2e3, 1200.0, 120e1, 0.12E+4, 12000e-1, 120]`, `[1200, 1.2e3, 1200.0, 120e1, 0.12E+4, 12000e-1]`},
		"order of fractions":              {"$[?@ < 0.25]", `[0.2, 0.249, 0.25, 0.3, -1, -0.3, 1e-9]`, `[0.2, 0.249, -1, -0.3, 1e-9]`},
		"order of negative numbers":       {"$[?@ < -1.5]", `[-1, -1.5, -1.51, -2, -10]`, `[-1.51, -2, -10]`},
		"strings are not ordered by kind": {"$[?@ < 'b']", `["a", "b", 1, null, true, []]`, `["a"]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := mustParse(t, tt.path)
			for _, useNumber := range []bool{false, true} {
				got, err := path.Select(decode(t, []byte(tt.document), useNumber))
				if err != nil {
					t.Fatal(err)
				}
				if !oneOf(t, got, []json.RawMessage{json.RawMessage(tt.want)}, useNumber) {
					t.Errorf("Select(%s) of %s (UseNumber %t) = %v, want %s",
						tt.document, tt.path, useNumber, got, tt.want)
				}
			}
		})
	}
}

func TestSelectNumbers(t *testing.T) {
	tests := map[string]struct {
		path string
		doc  any
		want bool
	}{
		"exact integers":             {"$[?@ == 9007199254740993]", json.Number("9007199254740993"), true},
		"adjacent integers":          {"$[?@ == 9007199254740993]", json.Number("9007199254740992"), false},
		"order of adjacent integers": {"$[?@ < 9007199254740993]", json.Number("9007199254740992"), true},
		"huge exponents":             {"$[?@ < 1e999999999]", json.Number("1e999999998"), true},
		"exponent out of range":      {"$[?@ > 1e999999998]", json.Number("1e99999999999999999999"), true},
		"vanishing exponent":         {"$[?@ > 0]", json.Number("1e-99999999999999999999"), true},
		"float64":                    {"$[?@ == 0.1]", 0.1, true},
		"infinity of float64":        {"$[?@ > 1e300]", math.Inf(1), true},
		"not a number":               {"$[?@ == @]", math.NaN(), false},
		"malformed json.Number":      {"$[?@ == @]", json.Number("one"), false},
		"hexadecimal json.Number":    {"$[?@ == length('a')]", json.Number("0x1p0"), false},
		"another Go type":            {"$[?@ == @]", []int{1}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := mustParse(t, tt.path).Select([]any{tt.doc})
			if err != nil {
				t.Fatal(err)
			}
			if (len(got) == 1) != tt.want {
				t.Errorf("Select([%v]) of %s = %v, want selected %t", tt.doc, tt.path, got, tt.want)
			}
		})
	}
}

func TestSelectRegexp(t *testing.T) {
	tests := map[string]struct {
		pattern string
		yes, no []string
	}{
		"dot":                   {".", []string{"a", "\u2028", "😀"}, []string{"", "\n", "\r", "ab"}},
		"anchored alternatives": {"a|b", []string{"a", "b"}, []string{"ab", "ax", "xb"}},
		"empty branch":          {"(a|)b", []string{"ab", "b"}, []string{"a"}},
		"empty":                 {"", []string{""}, []string{"a"}},
		"quantities":            {"a{02}b{1,}c{0,1}", []string{"aab", "aabbc"}, []string{"ab", "aa", "aabcc"}},
		"zero times":            {"a{0}b", []string{"b"}, []string{"ab"}},
		"escapes":               {`\(\.\\\n\^\-`, []string{"(.\\\n^-"}, nil},
		"class":                 {`[a-c\]\-^]+`, []string{"ab]-^"}, []string{"d", `\`}},
		"negated class":         {"[^a-c]", []string{"d", "\n", "^"}, []string{"a", ""}},
		"hyphens":               {"[--/-]+", nil, []string{"-"}},
		"first and last hyphen": {"[-a][b-]", []string{"-b", "a-"}, []string{"bb"}},
		"category in class":     {`[\p{Nd}x]+`, []string{"1x٣"}, []string{"y"}},
		"negated category":      {`\P{Ll}`, []string{"A"}, []string{"a"}},
		"unassigned":            {`\p{Cn}`, []string{"\u0378"}, []string{"a"}},
		"ordinary characters":   {"a-b,c/d #", []string{"a-b,c/d #"}, nil},

		"Go's classes":         {`\d`, nil, []string{"1", "d"}},
		"Go's flags":           {"(?i)a", nil, []string{"a", "A"}},
		"Go's named classes":   {"[[:alpha:]]", nil, []string{"a", "a]"}},
		"Go's scripts":         {`\p{Greek}`, nil, []string{"α"}},
		"Go's one-letter form": {`\pL`, nil, []string{"a", "pL"}},
		"surrogates":           {`\p{Cs}`, nil, []string{"a"}},
		"lazy quantifier":      {"a*?", nil, []string{"", "a"}},
		"repeated quantifier":  {"a**", nil, []string{"a"}},
		"no lower bound":       {"a{,2}", nil, []string{"a", "a{,2}"}},
		"bounds reversed":      {"a{2,1}", nil, []string{"a", "aa"}},
		"range reversed":       {"[c-a]", nil, []string{"a", "b", "c"}},
		"empty class":          {"[]", nil, []string{"", "[]"}},
		"unclosed group":       {"(a", nil, []string{"a", "(a"}},
		"unopened group":       {"a)", nil, []string{"a", "a)"}},
		"unclosed class":       {"[a", nil, []string{"a"}},
		"trailing backslash":   {`a\`, nil, []string{"a", `a\`}},
		"trailing range":       {`[a-`, nil, []string{"a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := mustParse(t, "$.texts[?match(@, $.pattern)]")
			var texts, want []any
			for _, s := range tt.yes {
				texts, want = append(texts, s), append(want, s)
			}
			for _, s := range tt.no {
				texts = append(texts, s)
			}
			got, err := path.Select(map[string]any{"pattern": tt.pattern, "texts": texts})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("match(%q, %q) selects %q, %v, want %q", texts, tt.pattern, got, err, want)
			}
		})
	}
}

// nested returns the number 1 in depth arrays.
func nested(depth int) any {
	doc := any(1.0)
	for range depth {
		doc = []any{doc}
	}
	return doc
}

func TestBounds(t *testing.T) {
	wide := make([]any, 2000)
	for i := range wide {
		wide[i] = strings.Repeat("ab", 1000)
	}
	categories := make([]any, 2000)
	for i := range categories {
		categories[i] = fmt.Sprint(strings.Repeat(`\p{C}`, 800), i)
	}
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	tests := map[string]struct {
		path     string
		doc      any
		tooLarge bool
	}{
		"deepest descent":       {"$..*", nested(1000), false},
		"too deep descent":      {"$..*", nested(1002), true},
		"deepest comparison":    {"$[?@ == $[0]]", nested(1000), false},
		"too deep comparison":   {"$[?@ == $[0]]", nested(1003), true},
		"cycle":                 {"$..*", cyclic, true},
		"cycle compared":        {"$[?@ == $]", cyclic, true},
		"repeated wildcards":    {"$" + strings.Repeat("[*,*]", 50), map[string]any{"a": nested(60)}, true},
		"repeated descents":     {"$" + strings.Repeat("..*", 50), nested(500), true},
		"cubic filter":          {"$[?$[?$[?@ == 1]]]", wide, true},
		"long strings compared": {"$[?$[?@ == $[0]]]", append([]any{strings.Repeat("ab", 1000) + "c"}, wide...), true},
		"expensive regexp":      {"$[?search(@, '(a?b?){500}(a|b){500}c')]", []any{strings.Repeat("ab", 50_000)}, true},
		"categories compiled":   {"$[?match('a', @)]", categories, true},
		"cheap regexp":          {"$[?search(@, 'abc')]", wide, false},
		"regexp too long":       {"$[?match(@, $[0])]", []any{strings.Repeat("a", 4097)}, true},
		"regexp invalid first":  {"$[?match(@, 'a{1000}{1000}')]", []any{"a"}, false},
		"regexp multiplied":     {"$[?match(@, '(a{1000}){1000}')]", []any{"a"}, true},
		"regexp repeated":       {"$[?match(@, 'a{1001}')]", []any{"a"}, true},
		"regexp quantity":       {"$[?match(@, 'a{99999999999999999999}')]", []any{"a"}, true},
		"regexp too deep":       {"$[?match(@, $[0])]", []any{strings.Repeat("(", 101) + strings.Repeat(")", 101)}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			nodes, err := mustParse(t, tt.path).Select(tt.doc)
			if errors.Is(err, jsonpath.ErrTooLarge) != tt.tooLarge || !tt.tooLarge && err != nil {
				t.Errorf("Select() of %.60s: %v, want ErrTooLarge: %t", tt.path, err, tt.tooLarge)
			}
			if err != nil && nodes != nil {
				t.Errorf("Select() of %.60s returns nodes with an error", tt.path)
			}
		})
	}
}

func TestNestingBound(t *testing.T) {
	tests := map[string]struct{ before, open, close string }{
		"parentheses": {"", "(", ")"},
		"negations":   {"", "!(", ")"},
		"filters":     {"", "@[?", "]"},
		"functions":   {"1 == ", "length(", ")"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			parse := func(depth int) error {
				// The filter around it all is one level, too.
				_, err := jsonpath.Parse("$[?" + tt.before + strings.Repeat(tt.open, depth-1) + "@" +
					strings.Repeat(tt.close, depth-1) + "]")
				return err
			}
			if err := parse(100); err != nil {
				t.Errorf("at the bound: %v", err)
			}
			for _, depth := range []int{101, 100_000} {
				err := parse(depth)
				if err == nil || !strings.Contains(err.Error(), "expected at most 100 levels of nesting") {
					t.Errorf("beyond the bound: %v", err)
				}
			}
		})
	}
}
