package jsonpath_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"observatoire/probes/jsonpath"
)

// complianceCase is a case of the suite. It is invalid, or has one result, or
// has several because the order of object members is not defined.
type complianceCase struct {
	Name     string
	Selector string
	Document json.RawMessage
	Result   json.RawMessage
	Results  []json.RawMessage
	Invalid  bool `json:"invalid_selector"`
}

// compliancePath finds the suite in a folder shared/data beside this one or
// beside one above it.
func compliancePath(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		file := filepath.Join(dir, "shared", "data", "jsonpath-cts", "cts.json")
		_, err := os.Stat(file)
		if err == nil {
			return file
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	const reason = "no shared/data/jsonpath-cts/cts.json in this or a parent folder"
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// decode decodes a document with float64 or with json.Number.
func decode(t *testing.T, document []byte, useNumber bool) any {
	t.Helper()
	v, err := tryDecode(document, useNumber)
	if err != nil {
		t.Fatalf("decode %s: %v", document, err)
	}
	return v
}

func tryDecode(document []byte, useNumber bool) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(string(document)))
	if useNumber {
		d.UseNumber()
	}
	err = d.Decode(&v)
	return v, err
}

func TestCompliance(t *testing.T) {
	text, err := os.ReadFile(compliancePath(t))
	if err != nil {
		t.Fatal(err)
	}
	var suite struct{ Tests []complianceCase }
	if err := json.Unmarshal(text, &suite); err != nil {
		t.Fatal(err)
	}
	if len(suite.Tests) == 0 {
		t.Fatal("the suite has no cases")
	}
	passed := 0
	for _, c := range suite.Tests {
		if t.Run(c.Name, func(t *testing.T) { testCompliance(t, c) }) {
			passed++
		}
	}
	t.Logf("passed %d of %d cases", passed, len(suite.Tests))
}

func testCompliance(t *testing.T, c complianceCase) {
	path, err := jsonpath.Parse(c.Selector)
	if c.Invalid {
		if err == nil {
			t.Fatalf("Parse(%q) accepts an invalid selector", c.Selector)
		}
		return
	}
	if err != nil {
		t.Fatalf("Parse(%q): %v", c.Selector, err)
	}
	allowed := c.Results
	if c.Result != nil {
		allowed = append(allowed, c.Result)
	}
	for _, useNumber := range []bool{false, true} {
		got, err := path.Select(decode(t, c.Document, useNumber))
		if err != nil {
			t.Fatalf("Select(%s) of %q: %v", c.Document, c.Selector, err)
		}
		if !oneOf(t, got, allowed, useNumber) {
			t.Errorf("Select(%s) of %q (UseNumber %t) = %v, want one of %s",
				c.Document, c.Selector, useNumber, got, allowed)
		}
	}
}

func oneOf(t *testing.T, got []any, allowed []json.RawMessage, useNumber bool) bool {
	t.Helper()
	for _, text := range allowed {
		want := decode(t, text, useNumber).([]any)
		if len(got) == 0 && len(want) == 0 || reflect.DeepEqual(got, want) {
			return true
		}
	}
	return false
}

func TestParseError(t *testing.T) {
	tests := map[string]struct {
		path string
		want string
	}{
		"empty":               {"", "column 1: expected '$', found the end of the path"},
		"leading space":       {" $", "column 1: expected '$', found ' '"},
		"trailing space":      {"$.a ", "column 4: expected a segment or the end of the path, found ' '"},
		"column counts runes": {"$.éé.!", "column 6: expected a member name or '*' after '.', found '!'"},
		"not UTF-8":           {"$.\uFFFD\xff", "column 4: expected UTF-8"},
		"unclosed":            {"$['a'", "column 6: expected ',' or ']', found the end of the path"},
		"unclosed quotes":     {"$['a", "column 5: expected a closing ', found the end of the path"},
		"other quote escaped": {`$['\"']`, `column 5: expected an escape: one of b f n r t u / \ ', found '"'`},
		"no selector":         {"$[]", "column 3: expected a selector: a quoted name, '*', an index, a slice or '?', found ']'"},
		"leading zero":        {"$[01]", "column 3: expected a number without leading zeros"},
		"minus zero":          {"$[-0]", "column 3: expected an integer, which -0 is not"},
		"integer too large":   {"$[9007199254740992]", "column 3: expected an integer within ±(2^53-1)"},
		"lone surrogate":      {`$["\uD800"]`, `column 10: expected a low surrogate after a high one, found '"'`},
		"two high surrogates": {`$["\uD800\uD800"]`, "column 10: expected a low surrogate after a high one"},
		"hexadecimal digit":   {`$["\u00g0"]`, "column 8: expected a hexadecimal digit, found 'g'"},
		"lone literal":        {"$[?1]", "column 5: expected a comparison operator, found ']'"},
		"plural comparison":   {"$[?@.* == 1]", "column 4: expected for a comparison a value (a literal, a singular query or a function that returns a value)"},
		"logical comparison":  {"$[?1 == match(@, 'a')]", "column 9: expected for a comparison a value (a literal, a singular query or a function that returns a value)"},
		"negated comparison":  {"$[?!@.a == 1]", "column 9: expected ',' or ']', found '='"},
		"negated value":       {"$[?!length(@)]", "column 5: expected a query, a logical function or parentheses after '!'"},
		"unknown function":    {"$[?upper(@) == 'A']", "column 4: expected a function: length, count, value, match or search"},
		"plural argument":     {"$[?length(@.*) == 1]", "column 11: expected as argument of length a value (a literal, a singular query or a function that returns a value)"},
		"literal for query":   {"$[?count(1) == 1]", "column 10: expected as argument of count a query"},
		"too few arguments":   {"$[?match(@)]", "column 11: expected ',' and another argument of match, found ')'"},
		"too many arguments":  {"$[?length(@, 1) == 1]", "column 12: expected ')' after the arguments of length, found ','"},
		"logical argument":    {"$[?count(@ == 1) == 1]", "column 12: expected ')' after the arguments of count, found '='"},
		"unclosed parens":     {"$[?(@.a]", "column 8: expected '&&', '||' or ')', found ']'"},
		// By the letter of the grammar, as the suite does not say: the brackets
		// of a singular query hold no white space.
		"space in singular query": {"$[?@[ 'a' ] == 1]", "column 4: expected for a comparison a value (a literal, a singular query or a function that returns a value)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := jsonpath.Parse(tt.path)
			if err == nil {
				t.Fatalf("Parse(%q) succeeds", tt.path)
			}
			if got, want := err.Error(), "jsonpath: "+tt.want; got != want {
				t.Errorf("Parse(%q):\n got %s\nwant %s", tt.path, got, want)
			}
		})
	}
}

func TestZeroPath(t *testing.T) {
	var path jsonpath.Path
	if got := path.String(); got != "$" {
		t.Errorf("String() = %q, want $", got)
	}
	got, err := path.Select("document")
	if want := []any{"document"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Select() = %v, %v, want %v", got, err, want)
	}
}
