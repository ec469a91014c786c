package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// query reads the parameters of an address strictly: an unknown key, a repeated
// one or a value that is not allowed is a fault that the visitor is told.
type query struct {
	values url.Values
	read   []string
	fault  *problem
}

func newQuery(r *http.Request) *query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.fail(func(t *texts) string { return t.Problems.Unreadable })
	}
	return q
}

func (q *query) fail(text func(*texts) string) {
	if q.fault == nil {
		q.fault = &problem{http.StatusBadRequest, text}
	}
}

// get returns the value of a key, empty when it has none.
func (q *query) get(key string) string {
	q.read = append(q.read, key)
	values := q.values[key]
	if len(values) > 1 {
		q.fail(func(t *texts) string { return fill(t.Problems.Repeated, short(key)) })
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// choice returns a value that is one of those allowed, empty when none is given.
func (q *query) choice(key string, allowed ...string) string {
	value := q.get(key)
	if value != "" && !slices.Contains(allowed, value) {
		q.bad(key, value, strings.Join(allowed, ", "))
		return ""
	}
	return value
}

// text returns free text of at most limit characters.
func (q *query) text(key string, limit int) string {
	value := strings.TrimSpace(q.get(key))
	if !utf8.ValidString(value) || utf8.RuneCountInString(value) > limit {
		q.fail(func(t *texts) string { return fill(t.Problems.TooLong, short(key), strconv.Itoa(limit)) })
		return ""
	}
	return value
}

// number returns a whole number from 1 to limit; 1 when none is given.
func (q *query) number(key string, limit int) int {
	value := q.get(key)
	if value == "" {
		return 1
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > limit {
		q.bad(key, value, "1–"+strconv.Itoa(limit))
		return 1
	}
	return n
}

func (q *query) bad(key, value, allowed string) {
	q.fail(func(t *texts) string { return fill(t.Problems.BadValue, short(value), key, allowed) })
}

// done returns the first fault, an unknown key included.
func (q *query) done() error {
	for _, key := range sortedKeys(q.values) {
		if !slices.Contains(q.read, key) {
			known := strings.Join(q.read, ", ")
			q.fail(func(t *texts) string {
				if known == "" {
					return fill(t.Problems.NoKeys, short(key))
				}
				return fill(t.Problems.UnknownKey, short(key), known)
			})
		}
	}
	if q.fault != nil {
		return q.fault
	}
	return nil
}

// short returns a visitor's own words at a length that a page can show.
func short(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// fill puts values in the places {1}, {2}… of a text. Unlike fmt it takes them
// in any order, as translations need.
func fill(text string, values ...string) string {
	pairs := make([]string, 0, 2*len(values))
	for i, v := range values {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
