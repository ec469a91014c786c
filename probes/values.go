package probes

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// equal reports whether a value of the configuration equals one of a JSON
// document. Numbers are compared by value; whole ones exactly.
func equal(wanted, found any) bool {
	switch w := wanted.(type) {
	case []any:
		f, ok := found.([]any)
		return ok && slices.EqualFunc(w, f, equal)
	case map[string]any:
		f, ok := found.(map[string]any)
		return ok && maps.EqualFunc(w, f, equal)
	case nil, bool, string:
		return isScalar(found) && wanted == found
	}
	if w, ok := whole(wanted); ok {
		if f, ok := whole(found); ok {
			return w == f
		}
	}
	w, ok := numeric(wanted)
	f, ok2 := numeric(found)
	return ok && ok2 && w == f
}

func isScalar(value any) bool {
	switch value.(type) {
	case nil, bool, string:
		return true
	}
	return false
}

// whole returns the value as an integer, when it is written as one.
func whole(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// numeric returns the value as a number, when it is one that a float64 holds.
func numeric(value any) (float64, bool) {
	switch v := value.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}

// likeJSON reports whether a value of the configuration is one that a JSON
// document may hold.
func likeJSON(value any) bool {
	switch v := value.(type) {
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !likeJSON(e) })
	case map[string]any:
		for _, e := range v {
			if !likeJSON(e) {
				return false
			}
		}
		return true
	}
	_, number := numeric(value)
	return number || isScalar(value)
}
