package probes

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// The bounds of a JSON document that a schema or an expression is tried on.
const (
	maxNativeDepth = 100
	maxNativeNodes = 300_000 // values in all
)

// maxExact is the last whole number up to which a float64 tells all apart.
const maxExact = 1 << 53

// nativeDocument is a JSON document whose numbers are int, or float64 where
// they are not written as a whole number or are too large for one.
type nativeDocument struct {
	value any
	nodes int
	large int // whole numbers beyond maxExact
}

// native returns a copy of a decoded document with numbers of Go, whose cost is
// known: a json.Number such as 1e999999 is short, and takes hours to compute
// with. A document beyond the bounds is undecided.
func native(document any) (nativeDocument, error) {
	var d nativeDocument
	value, err := d.copy(document, 0)
	if err != nil {
		return nativeDocument{}, undecided{err}
	}
	d.value = value
	return d, nil
}

func (d *nativeDocument) copy(value any, depth int) (any, error) {
	if depth > maxNativeDepth {
		return nil, fmt.Errorf("the body is JSON deeper than the %d levels that we judge", maxNativeDepth)
	}
	if d.nodes++; d.nodes > maxNativeNodes {
		return nil, fmt.Errorf("the body is JSON of more than the %d values that we judge", maxNativeNodes)
	}
	var err error
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i := range v {
			if items[i], err = d.copy(v[i], depth+1); err != nil {
				return nil, err
			}
		}
		return items, nil
	case map[string]any:
		members := make(map[string]any, len(v))
		for name := range v {
			if members[name], err = d.copy(v[name], depth+1); err != nil {
				return nil, err
			}
		}
		return members, nil
	case json.Number:
		return d.number(v.String())
	}
	return value, nil
}

func (d *nativeDocument) number(text string) (any, error) {
	if n, err := strconv.Atoi(text); err == nil {
		if n > maxExact || n < -maxExact {
			d.large++
		}
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, errors.New("the body holds a number beyond those that we compute with")
	}
	return f, nil
}
