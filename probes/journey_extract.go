package probes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/net/html"

	"observatoire/probes/jsonpath"
)

// Take is a value of an answer that later steps of a journey need. Exactly one
// of JSON, Header, FormField and Regex is set. Of several values the first is
// taken.
type Take struct {
	Name      string `yaml:"name" doc:"what later steps call it, in lower-case letters, digits and _" required:"true"`
	JSON      string `yaml:"json" doc:"RFC 9535 path of a text, a number or a truth value in the body"`
	Header    string `yaml:"header" doc:"name of the header that holds it"`
	FormField string `yaml:"form_field" doc:"name of the input of a form in the page, hidden ones too"`
	Regex     string `yaml:"regex" doc:"regular expression (RE2) on the body; its first group if it has one, otherwise the whole match"`
}

// maxTaken is the most bytes of a value that is taken.
const maxTaken = 4096

// Validate checks that exactly one place is named, and that it can be read.
func (t *Take) Validate() error {
	_, err := t.compile()
	return err
}

// taker is what the settings come to.
type taker struct {
	*Take
	find func(*Observation) (string, error)
}

func takers(settings []Take) (all []taker, err error) {
	var faults []error
	if len(settings) > maxTakes {
		faults = append(faults, fmt.Errorf("more than %d", maxTakes))
	}
	for i := range settings {
		t, err := settings[i].compile()
		faults = append(faults, within(fmt.Sprintf("[%d]", i), err)...)
		all = append(all, t)
	}
	return all, errors.Join(faults...)
}

func (t *Take) compile() (taker, error) {
	var faults []error
	if !takenName.MatchString(t.Name) {
		faults = append(faults, errors.New("name: required, in lower-case letters, digits and _"))
	}
	made, set := taker{Take: t}, 0
	place := func(key, value string, find func() (func(*Observation) (string, error), error)) {
		if value == "" {
			return
		}
		if set++; set > 1 {
			faults = append(faults, fmt.Errorf("%s: not together with another place", key))
			return
		}
		found, err := find()
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", key, err))
		}
		made.find = found
	}
	place("json", t.JSON, func() (func(*Observation) (string, error), error) {
		path, err := jsonpath.Parse(t.JSON)
		return func(o *Observation) (string, error) { return scalarAt(o, path) }, err
	})
	place("header", t.Header, func() (func(*Observation) (string, error), error) {
		if !validName(t.Header) {
			return nil, fmt.Errorf("%q is not the name of a header", t.Header)
		}
		return t.header, nil
	})
	place("form_field", t.FormField, func() (func(*Observation) (string, error), error) { return t.formField, nil })
	place("regex", t.Regex, func() (func(*Observation) (string, error), error) {
		expression, err := regexp.Compile(t.Regex)
		return func(o *Observation) (string, error) { return firstMatch(o, expression) }, err
	})
	if set == 0 {
		faults = append(faults, errors.New("json: required, or header, form_field or regex instead"))
	}
	return made, errors.Join(faults...)
}

// String says what is taken, such as "takes csrf from the form field _token".
func (t *Take) String() string {
	place := "what matches " + strconv.Quote(t.Regex)
	switch {
	case t.JSON != "":
		place = t.JSON
	case t.Header != "":
		place = "the header " + t.Header
	case t.FormField != "":
		place = "the form field " + t.FormField
	}
	return "takes " + t.Name + " from " + place
}

// from returns the value of an answer. Its errors do not hold it.
func (t taker) from(o *Observation) (string, error) {
	value, err := t.find(o)
	switch {
	case err != nil:
		return "", err
	case value == "":
		return "", errors.New("it is empty")
	case len(value) > maxTaken:
		return "", fmt.Errorf("it has %d bytes, more than the %d that are taken", len(value), maxTaken)
	}
	return value, nil
}

func scalarAt(o *Observation, path jsonpath.Path) (string, error) {
	nodes, err := o.selectNodes(path)
	if err != nil {
		return "", err
	}
	if len(nodes) == 0 {
		return "", errors.New("the path selects nothing")
	}
	switch v := nodes[0].(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case nil:
		return "", errors.New("it is null")
	}
	return "", fmt.Errorf("it is %s", show(nodes[0]))
}

func (t *Take) header(o *Observation) (string, error) {
	if len(o.Header.Values(t.Header)) == 0 {
		return "", errors.New("there is no such header")
	}
	return o.Header.Get(t.Header), nil
}

func firstMatch(o *Observation, expression *regexp.Regexp) (string, error) {
	found := expression.FindSubmatchIndex(o.Body)
	if found == nil {
		return "", errors.New("nothing matches")
	}
	from, to := found[0], found[1]
	if len(found) > 2 {
		from, to = found[2], found[3]
	}
	if from < 0 {
		return "", errors.New("the group matches nothing")
	}
	return string(o.Body[from:to]), nil
}

// formField reads the page tag by tag up to the field, and keeps none of it.
func (t *Take) formField(o *Observation) (string, error) {
	page := html.NewTokenizer(bytes.NewReader(o.Body))
	for {
		switch page.Next() {
		case html.ErrorToken:
			return "", errors.New("there is no such field")
		case html.StartTagToken, html.SelfClosingTagToken:
			if value, ok := t.input(page); ok {
				return value, nil
			}
		}
	}
}

// input returns the value of the tag that was read, if it is the field.
func (t *Take) input(page *html.Tokenizer) (value string, named bool) {
	tag, more := page.TagName()
	if string(tag) != "input" {
		return "", false
	}
	for more {
		var key, text []byte
		key, text, more = page.TagAttr()
		switch string(key) {
		case "name":
			named = string(text) == t.FormField
		case "value":
			value = string(text)
		}
	}
	return value, named
}
