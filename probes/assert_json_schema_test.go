package probes_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"observatoire/probes"
)

// object returns the mapping that a text of JSON is.
func object(t testing.TB, text string) (made map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		t.Fatal(err)
	}
	return made
}

const communes = `{
	"title": "communes", "type": "array", "minItems": 1,
	"items": {"$ref": "#/$defs/commune"},
	"$defs": {"commune": {
		"type": "object", "required": ["nom", "code"], "additionalProperties": false,
		"properties": {
			"nom": {"type": "string", "minLength": 1},
			"code": {"type": "string", "pattern": "^[0-9AB]{5}$"},
			"population": {"type": "integer", "minimum": 0},
			"maj": {"type": "string", "format": "date"},
			"zone": {"enum": ["metro", "drom"]},
			"a/b": {"anyOf": [{"type": "string"}, {"type": "null"}]}
		}
	}}
}`

func TestJSONSchema(t *testing.T) {
	for name, test := range map[string]struct{ body, fault string }{
		"holds":     {`[{"nom": "Nantes", "code": "44109", "population": 323204.0, "maj": "2026-08-21", "zone": "metro", "a/b": null}]`, ""},
		"type":      {`{"nom": "Nantes"}`, "json schema: (root): got object, want array"},
		"empty":     {`[]`, "json schema: (root): minItems: got 0, want 1"},
		"missing":   {`[{"nom": "Nantes"}]`, "json schema: /0: missing property 'code'"},
		"unknown":   {`[{"nom": "Nantes", "code": "44109", "y": 1, "x": 1}]`, `json schema: /0: unexpected "x, y"`},
		"pattern":   {`[{"nom": "Nantes", "code": "4410"}]`, `json schema: /0/code: "4410" does not match "^[0-9AB]{5}$"`},
		"format":    {`[{"nom": "Nantes", "code": "44109", "maj": "21/08/2026"}]`, `json schema: /0/maj: "21/08/2026" is no date`},
		"enum":      {`[{"nom": "Nantes", "code": "44109", "zone": "x"}]`, `json schema: /0/zone: is "x", want one of "metro", "drom"`},
		"integer":   {`[{"nom": "Nantes", "code": "44109", "population": 1.5}]`, "json schema: /0/population: got number, want integer"},
		"anyOf":     {`[{"nom": "Nantes", "code": "44109", "a/b": 1}]`, "json schema: /0/a~1b: 'anyOf' failed"},
		"several":   {`[{"nom": 1}, {}, 2, {"nom": ""}]`, "json schema: /0/nom: got number, want string; /0: missing property 'code'; /1: missing properties 'nom', 'code'; and 3 more"},
		"not JSON":  {`<html>`, "the body is not JSON"},
		"many":      {"[" + strings.Repeat("1,", 50_000) + "1]", "; and 49998 more"},
		"long text": {`[{"nom": "Nantes", "code": "` + strings.Repeat("é", 100_000) + `"}]`, `/0/code: "éé`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "communes.json")
			if err := os.WriteFile(file, []byte(communes), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, j := range []*probes.JSONSchema{{Schema: object(t, communes)}, {File: file}} {
				if err := j.Validate(); err != nil {
					t.Fatalf("Validate: %v", err)
				}
				for range 2 { // the second time as the first, in the same order
					switch err := j.Check(&probes.Observation{Body: []byte(test.body)}); {
					case (err != nil) != (test.fault != ""):
						t.Errorf("error %v, want %q", err, test.fault)
					case err != nil && !strings.Contains(err.Error(), test.fault):
						t.Errorf("error %q, want %q in it", err, test.fault)
					case err != nil && len(err.Error()) > 5000:
						t.Errorf("error of %d bytes", len(err.Error()))
					}
				}
			}
		})
	}
}

func TestJSONSchemaReads(t *testing.T) {
	for text, schema := range map[string]*probes.JSONSchema{
		"json holds to the schema communes": {Schema: object(t, communes)},
		"json holds to its schema":          {Schema: object(t, "{}")},
		"json holds to the schema a.json":   {File: "a.json"},
	} {
		if got := schema.String(); got != text {
			t.Errorf("reads %q, want %q", got, text)
		}
	}
}

// Each draft is understood as its $schema says.
func TestJSONSchemaDrafts(t *testing.T) {
	for draft, schema := range map[string]string{
		"4":       `{"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": true}`,
		"6":       `{"$schema": "http://json-schema.org/draft-06/schema#", "exclusiveMinimum": 1}`,
		"7":       `{"$schema": "http://json-schema.org/draft-07/schema#", "if": true, "then": {"exclusiveMinimum": 1}}`,
		"2019-09": `{"$schema": "https://json-schema.org/draft/2019-09/schema", "exclusiveMinimum": 1}`,
		"2020-12": `{"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": "#/$defs/a", "$defs": {"a": {"exclusiveMinimum": 1}}}`,
		"own $id": `{"$id": "https://api.example/s.json", "$ref": "#/$defs/a", "$defs": {"a": {"exclusiveMinimum": 1}}}`,
	} {
		j := &probes.JSONSchema{Schema: object(t, schema)}
		if err := j.Validate(); err != nil {
			t.Errorf("%s: %v", draft, err)
			continue
		}
		if err := j.Check(&probes.Observation{Body: []byte("2")}); err != nil {
			t.Errorf("%s: %v", draft, err)
		}
		if err := j.Check(&probes.Observation{Body: []byte("1")}); err == nil {
			t.Errorf("%s: 1 holds", draft)
		}
	}
}

func TestJSONSchemaSettingsThatMakeNoSense(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.json")
	if err := os.WriteFile(other, []byte("{} x"), 0o600); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(dir, "large.json")
	if err := os.WriteFile(large, []byte(`{"a": "`+strings.Repeat("x", 300<<10)+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		schema *probes.JSONSchema
		want   string
	}{
		"nothing":     {&probes.JSONSchema{}, "schema: required, or file instead"},
		"both":        {&probes.JSONSchema{Schema: map[string]any{}, File: "x"}, "file: not together with schema"},
		"no file":     {&probes.JSONSchema{File: filepath.Join(dir, "none.json")}, "file: "},
		"folder":      {&probes.JSONSchema{File: dir}, "file: not a regular file"},
		"device":      {&probes.JSONSchema{File: os.DevNull}, "file: not a regular file"},
		"not JSON":    {&probes.JSONSchema{File: other}, "file: not JSON: "},
		"large":       {&probes.JSONSchema{File: large}, "file: larger than 262144 bytes"},
		"keyword":     {&probes.JSONSchema{Schema: object(t, `{"type": "text"}`)}, "schema: not a schema: /type: "},
		"pattern":     {&probes.JSONSchema{Schema: object(t, `{"pattern": "(?!a)"}`)}, "schema: not a schema: /pattern: "},
		"no anchor":   {&probes.JSONSchema{Schema: object(t, `{"$ref": "#/$defs/a"}`)}, "schema: not a schema: "},
		"remote":      {&probes.JSONSchema{Schema: object(t, `{"$ref": "http://127.0.0.1:1/a.json"}`)}, "schema: refers to http://127.0.0.1:1/a.json: a reference must stay"},
		"other file":  {&probes.JSONSchema{Schema: object(t, `{"$ref": "file:///etc/passwd"}`)}, "schema: refers to file:///etc/passwd: a reference must stay"},
		"relative":    {&probes.JSONSchema{Schema: object(t, `{"$ref": "other.json"}`)}, "schema: refers to https://schema.invalid/other.json: a reference must stay"},
		"own dialect": {&probes.JSONSchema{Schema: object(t, `{"$schema": "https://api.example/dialect"}`)}, "schema: refers to https://api.example/dialect: a reference must stay"},
	} {
		if err := test.schema.Validate(); err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// What takes more than our bounds concludes nothing, soon.
func TestJSONSchemaBeyondItsBounds(t *testing.T) {
	twice := object(t, `{"anyOf": [{"properties": {"a": {"$ref": "#"}, "b": false}}, {"properties": {"a": {"$ref": "#"}, "c": false}}],
		"$comment": "each level is tried twice"}`)
	large := make([]string, 3000)
	for i := range large {
		large[i] = "900719925474" + strings.Repeat("0", 3) + string(rune('1'+i%9)) + strings.Repeat("1", 2)
	}
	for name, test := range map[string]struct {
		schema map[string]any
		body   string
	}{
		"number":      {object(t, `{"multipleOf": 3}`), `1e999999999`},
		"deep":        {object(t, `{"items": {"$ref": "#"}}`), strings.Repeat("[", 5000) + strings.Repeat("]", 5000)},
		"many values": {object(t, `{"type": "array"}`), "[" + strings.Repeat("1,", 400_000) + "1]"},
		"branches":    {twice, strings.Repeat(`{"a":`, 60) + `{"b": 1, "c": 1}` + strings.Repeat("}", 60)},
		"wide":        {object(t, `{"allOf": [{"items": {"type": "object"}}, {"items": {"minProperties": 1}}, {"items": {"required": ["a"]}}, {"items": {"minProperties": 1}}]}`), "[" + strings.Repeat("{},", 290_000) + "{}]"},
		"collisions":  {object(t, `{"uniqueItems": true}`), "[" + strings.Join(large, ",") + "]"},
	} {
		t.Run(name, func(t *testing.T) {
			inconclusive(t, &probes.JSONSchema{Schema: test.schema}, test.body)
		})
	}
}

// One assertion may be tried by several goroutines at once.
func TestJSONSchemaAtOnce(t *testing.T) {
	j := &probes.JSONSchema{Schema: object(t, communes)}
	done := make(chan error)
	for i := range 8 {
		body := `[{"nom": "Nantes", "code": "44109"}]`
		if i%2 == 1 {
			body = `[]`
		}
		go func() { done <- j.Check(&probes.Observation{Body: []byte(body)}) }()
	}
	failed := 0
	for range 8 {
		if <-done != nil {
			failed++
		}
	}
	if failed != 4 {
		t.Errorf("%d failed, want 4", failed)
	}
}

func FuzzJSONSchema(f *testing.F) {
	f.Add(communes, `[{"nom": "Nantes", "code": "44109"}]`)
	f.Add(`{"uniqueItems": true, "items": {"multipleOf": 0.1}}`, `[0.1, 1e400, 1]`)
	f.Add(`{"$dynamicRef": "#a", "$dynamicAnchor": "a"}`, `{}`)
	f.Add(`{"unevaluatedProperties": false, "anyOf": [{"$ref": "#"}]}`, `{"a": [{}]}`)
	f.Fuzz(func(t *testing.T, schema, body string) {
		var made map[string]any
		if json.Unmarshal([]byte(schema), &made) != nil || made == nil {
			return
		}
		j := &probes.JSONSchema{Schema: made}
		if err := j.Validate(); err != nil {
			return
		}
		j.Check(&probes.Observation{Body: []byte(body)})
	})
}

func BenchmarkJSONSchema(b *testing.B) {
	j := &probes.JSONSchema{Schema: object(b, communes)}
	body := []byte("[" + strings.Repeat(`{"nom": "Nantes", "code": "44109", "population": 323204},`, 900) + `{"nom": "Rezé", "code": "44143"}]`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := j.Check(&probes.Observation{Body: body}); err != nil {
			b.Fatal(err)
		}
	}
}
