package probes

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// JSONSchema asserts that the body is JSON that holds to a JSON Schema.
type JSONSchema struct {
	Schema map[string]any `yaml:"schema" doc:"the schema itself (2020-12 unless its $schema says otherwise; formats are asserted; references stay within it)"`
	File   string         `yaml:"file" doc:"path of a file of JSON that holds the schema instead, from where the program runs; read once, at the start"`

	once     sync.Once
	compiled *schema
	err      error
}

// Validate checks the settings, and reads and compiles the schema.
func (j *JSONSchema) Validate() error {
	j.once.Do(func() { j.compiled, j.err = j.compile() })
	return j.err
}

func (j *JSONSchema) compile() (*schema, error) {
	switch {
	case j.Schema == nil && j.File == "":
		return nil, errors.New("schema: required, or file instead")
	case j.Schema != nil && j.File != "":
		return nil, errors.New("file: not together with schema")
	}
	key, text, err := "schema", []byte(nil), error(nil)
	if j.Schema != nil {
		text, err = json.Marshal(j.Schema)
	} else {
		key = "file"
		text, err = readSchema(j.File)
	}
	var made *schema
	if err == nil {
		made, err = newSchema(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return made, nil
}

// Check implements [Assertion].
func (j *JSONSchema) Check(o *Observation) error {
	if err := j.Validate(); err != nil {
		return undecided{err}
	}
	body, err := o.json()
	if err != nil {
		return err
	}
	document, err := native(body)
	if err != nil {
		return err
	}
	err = j.compiled.check(document)
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		return fmt.Errorf("json schema: %s", schemaFaults(invalid))
	}
	return err
}

// String implements [Assertion].
func (j *JSONSchema) String() string {
	if j.File != "" {
		return "json holds to the schema " + j.File
	}
	if title, ok := j.Schema["title"].(string); ok && title != "" {
		return "json holds to the schema " + title
	}
	return "json holds to its schema"
}
