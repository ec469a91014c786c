package probes

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// check returns how the answer differs from what the document says of it.
func (op *operation) check(o *Observation) error {
	if len(op.responses) == 0 {
		return undecided{errors.New("the document does not say what it answers")}
	}
	r := op.response(o.Status)
	if r == nil {
		documented := slices.Sorted(maps.Keys(op.responses))
		return fmt.Errorf("status %d, expected one that is documented: %s", o.Status, shorten(strings.Join(documented, ", "), 100))
	}
	bodiless := o.Status == http.StatusNoContent || o.Status == http.StatusNotModified || o.method() == http.MethodHead
	if len(r.content) == 0 || bodiless {
		return nil
	}
	sent := mediaType(o.Header.Get("Content-Type"))
	m := r.media(sent)
	if m == nil {
		documented := slices.Sorted(maps.Keys(r.content))
		return fmt.Errorf("header Content-Type: expected: %s; found: %s", shorten(strings.Join(documented, " or "), 100), show(sent))
	}
	if !isJSON(sent) {
		return nil
	}
	return m.check(o)
}

// response returns what may be answered with the status; nil when it is not
// documented.
func (op *operation) response(status int) *response {
	code := strconv.Itoa(status)
	for _, name := range []string{code, code[:1] + "xx", "default"} {
		if r := op.responses[name]; r != nil {
			return r
		}
	}
	return nil
}

// media returns how a body of the type looks; nil when there should be none of
// that type.
func (r *response) media(sent string) *media {
	kind, _, _ := strings.Cut(sent, "/")
	for _, name := range []string{sent, kind + "/*", "*/*"} {
		if m := r.content[name]; m != nil {
			return m
		}
	}
	return nil
}

// mediaType returns the type without its parameters, such as a charset: whether
// these are written makes no difference.
func mediaType(text string) string {
	text, _, _ = strings.Cut(text, ";")
	return strings.ToLower(strings.TrimSpace(text))
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// check holds a body of JSON against the schema, which is compiled when it is
// first needed.
func (m *media) check(o *Observation) error {
	if m.schema != nil {
		m.rules, m.err = compileSchema(m.schema)
		m.schema = nil
	}
	if m.err != nil {
		return undecided{m.err}
	}
	value, err := o.json()
	if err != nil || m.rules == nil {
		return err
	}
	if err = m.rules.try(value, len(o.Body)); err != nil {
		return differences(err, value)
	}
	return nil
}
