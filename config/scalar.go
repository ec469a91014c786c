package config

import (
	"encoding"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// text reads a scalar that reads its own text. The text is not in our message,
// since it may be a secret.
func (d *decoder) text(n *yaml.Node, t reflect.Type, into encoding.TextUnmarshaler, path string) {
	if n.Kind != yaml.ScalarNode || !standard(n) {
		d.faultf(n, path, "want a text, got %s", kindOf(n))
		return
	}
	err := into.UnmarshalText([]byte(n.Value))
	if err == nil {
		return
	}
	switch t { // whose own messages name Go functions
	case reflect.TypeFor[time.Time](), reflect.TypeFor[netip.Prefix](), reflect.TypeFor[netip.Addr]():
		d.faultf(n, path, "%s: want %s", quote(n.Value), article(words(t)))
	default:
		d.fault(n, path, err)
	}
}

// scalar reads a text, a number, a duration or a truth value.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode || !standard(n) {
		d.faultf(n, path, "want %s, got %s", article(words(v.Type())), kindOf(n))
		return
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		length, err := parseDuration(n.Value)
		if err != nil {
			d.fault(n, path, err)
		}
		v.SetInt(int64(length))
		return
	}
	if v.Kind() == reflect.String {
		v.SetString(n.Value)
		return
	}
	if err := number(n, v); err != nil {
		d.faultf(n, path, "%s: want %s", quote(n.Value), article(words(v.Type())))
	}
}

var errMistyped = errors.New("not of this type")

// number reads a number or a truth value. A quoted one is a text.
func number(n *yaml.Node, v reflect.Value) error {
	tag := n.ShortTag()
	switch {
	case v.Kind() == reflect.Bool && tag == "!!bool":
		truth, err := strconv.ParseBool(n.Value)
		v.SetBool(truth)
		return err
	case v.CanInt() && tag == "!!int":
		whole, err := strconv.ParseInt(n.Value, 10, v.Type().Bits())
		v.SetInt(whole)
		return err
	case v.CanUint() && tag == "!!int":
		whole, err := strconv.ParseUint(n.Value, 10, v.Type().Bits())
		v.SetUint(whole)
		return err
	case v.CanFloat() && (tag == "!!int" || tag == "!!float"):
		f, err := finite(n.Value)
		v.SetFloat(f)
		return err
	}
	return errMistyped
}

// plain reads a scalar by the type that YAML gives it.
func (d *decoder) plain(n *yaml.Node, path string) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!str", "!!timestamp":
		return n.Value
	case "!!bool":
		if truth, err := strconv.ParseBool(n.Value); err == nil {
			return truth
		}
	case "!!int", "!!float":
		if whole, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return whole
		}
		if f, err := finite(n.Value); err == nil {
			return f
		}
	}
	d.faultf(n, path, "%s: want a text, a number, true, false or null", quote(n.Value))
	return nil
}

func finite(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsInf(f, 0) || math.IsNaN(f)) {
		err = strconv.ErrRange
	}
	return f, err
}
