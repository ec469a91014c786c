package probes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The bounds of a schema and of the work that it makes.
const (
	maxSchema      = 256 << 10 // bytes
	maxSchemaWork  = 1_000_000 // see schemaWork: under a second, and some 100 MB of faults
	maxSchemaLarge = 1_000     // see schema.check
)

// schemaName is what the schema is called where it names none. Nothing is
// fetched there, or anywhere.
const schemaName = "https://schema.invalid/schema.json"

// schema is a compiled JSON Schema.
type schema struct {
	compiled *jsonschema.Schema
	work     *schemaWork
	unique   bool // it has uniqueItems
}

// readSchema reads the text of a schema in a file.
func readSchema(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSchema+1))
	if err != nil {
		return nil, err
	}
	return text, nil
}

// newSchema compiles a schema (2020-12 where it does not say otherwise).
// Formats are asserted. A reference leads to a place in the schema itself.
func newSchema(text []byte) (*schema, error) {
	if len(text) > maxSchema {
		return nil, fmt.Errorf("larger than %d bytes", maxSchema)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	made := &schema{work: new(schemaWork)}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	c.AssertFormat()
	c.AssertVocabs()
	c.RegisterVocabulary(&jsonschema.Vocabulary{
		URL: "https://schema.invalid/work",
		Compile: func(_ *jsonschema.CompilerContext, object map[string]any) (jsonschema.SchemaExt, error) {
			if object["uniqueItems"] == true {
				made.unique = true
			}
			return made.work, nil
		},
	})
	if err = c.AddResource(schemaName, document); err == nil {
		made.compiled, err = c.Compile(schemaName)
	}
	if err != nil {
		return nil, compileFault(err)
	}
	return made, nil
}

// compileFault says in one line why a schema does not compile.
func compileFault(err error) error {
	if load, ok := errors.AsType[*jsonschema.LoadURLError](err); ok {
		return fmt.Errorf("refers to %s: a reference must stay within the schema", load.URL)
	}
	if invalid, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
		if v, ok := errors.AsType[*jsonschema.ValidationError](invalid.Err); ok {
			return fmt.Errorf("not a schema: %s", schemaFaults(v))
		}
	}
	return fmt.Errorf("not a schema: %w", err)
}

// noLoader fetches nothing.
type noLoader struct{}

func (noLoader) Load(string) (any, error) { return nil, errors.New("not fetched") }

// check tries a document. Package jsonschema looks for equal items by a hash
// of numbers as float64, which large whole numbers share: many of them with
// uniqueItems take too long to compare.
func (s *schema) check(document nativeDocument) (err error) {
	if s.unique && document.large > maxSchemaLarge {
		return undecided{fmt.Errorf("more than %d numbers beyond 2^53, which we do not compare", maxSchemaLarge)}
	}
	s.work.mu.Lock()
	defer s.work.mu.Unlock()
	s.work.left = maxSchemaWork
	defer func() {
		if v := recover(); v == errSchemaWork {
			err = undecided{errSchemaWork}
		} else if v != nil {
			panic(v)
		}
	}()
	return s.compiled.Validate(document.value)
}
