package probes

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"observatoire/secret"
)

// template is a text with places for what was taken.
type template []piece

// piece is a text, or the name of what stands in its place.
type piece struct{ text, name string }

var takenName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// parseTemplate reads a text with {{name}} in it. Its errors do not hold it.
func parseTemplate(text string) (t template, err error) {
	for {
		before, rest, found := strings.Cut(text, "{{")
		if before != "" {
			t = append(t, piece{text: before})
		}
		if !found {
			return t, nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		if name = strings.TrimSpace(name); !closed || !takenName.MatchString(name) {
			return nil, errors.New("after {{ comes a name in lower-case letters, digits and _, and then }}")
		}
		t, text = append(t, piece{name: name}), after
	}
}

// whole reports whether the template is a name alone.
func (t template) whole() bool { return len(t) == 1 && t[0].name != "" }

func (t template) names() (names []string) {
	for _, p := range t {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

// render puts what value returns for each name in its place, as escape, where
// it is not nil, writes it.
func (t template) render(value func(name string) string, escape func(string) string) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.name == "":
			b.WriteString(p.text)
		case escape == nil:
			b.WriteString(value(p.name))
		default:
			b.WriteString(escape(value(p.name)))
		}
	}
	return b.String()
}

// address puts what was taken into a URL.
func (t template) address(value func(name string) string) string {
	var b strings.Builder
	escape := url.PathEscape
	for _, p := range t {
		if p.name != "" {
			b.WriteString(escape(value(p.name)))
			continue
		}
		b.WriteString(p.text)
		if strings.Contains(p.text, "?") {
			escape = url.QueryEscape
		}
	}
	return b.String()
}

// mark stands before and after a name where a template has to be a URL.
const mark = "0-taken-0"

func marked(name string) string { return mark + name + mark }

func unmarked(text string) string {
	parts := strings.Split(text, mark)
	for i := 1; i+1 < len(parts); i += 2 {
		parts[i] = "{{" + parts[i] + "}}"
	}
	return strings.Join(parts, "")
}

// escapeFor returns how a value is written into a body of that type; where no
// type is given, the body's beginning tells it. JSON wants its own quotes
// around the place where a text is put.
func escapeFor(contentType, body string) func(string) string {
	body = strings.TrimSpace(body)
	switch {
	case strings.Contains(contentType, "json") || contentType == "" && (strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[")):
		return func(value string) string {
			text, _ := json.Marshal(value) // a text never fails
			return string(text[1 : len(text)-1])
		}
	case strings.Contains(contentType, "x-www-form-urlencoded"):
		return url.QueryEscape
	case strings.Contains(contentType, "xml") || contentType == "" && strings.HasPrefix(body, "<"):
		return func(value string) string {
			var b strings.Builder
			_ = xml.EscapeText(&b, []byte(value)) // a Builder never fails
			return b.String()
		}
	}
	return nil
}

// request returns the request of the step, with what was taken in it.
func (p *stepPlan) request(w *walk) (*HTTP, *Fault) {
	value := func(name string) string { return w.values[name] }
	h := &HTTP{
		URL: p.url.address(value), Method: p.method, Headers: map[string]secret.Value{}, Body: p.body.render(value, p.escape),
		MaxBody: w.journey.MaxBody, MaxRedirects: w.journey.MaxRedirects,
	}
	if p.url.whole() {
		to, fault := w.follow(value(p.url[0].name))
		if fault != nil {
			return nil, fault
		}
		h.URL = to.String()
	}
	for _, header := range p.headers {
		h.Headers[http.CanonicalHeaderKey(header.name)] = secret.New(header.value.render(value, nil))
	}
	if len(p.form) == 0 {
		return h, nil
	}
	form := url.Values{}
	for _, field := range p.form {
		form.Set(field.name, field.value.render(value, nil))
	}
	if p.method == http.MethodGet || p.method == http.MethodHead {
		h.URL = withQuery(h.URL, form.Encode())
		return h, nil
	}
	h.Body = form.Encode()
	if _, ok := h.Headers["Content-Type"]; !ok {
		h.Headers["Content-Type"] = secret.New("application/x-www-form-urlencoded")
	}
	return h, nil
}

// withQuery adds parameters to an address.
func withQuery(address, query string) string {
	address, _, _ = strings.Cut(address, "#")
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}

// follow returns the address that an answer gave, if the step may go there: to
// the host of that answer, or to one that a step names.
func (w *walk) follow(text string) (*url.URL, *Fault) {
	to, err := w.at.Parse(text)
	if err == nil {
		_, err = parseURL(to.String())
	}
	if err != nil {
		return nil, faultf(ClassAssertion, nil, "what was taken before is not an address that can be followed")
	}
	to.User = nil
	named := func(s stepPlan) bool { return s.host != nil && sameHost(s.host, to) }
	if !sameHost(w.at, to) && !slices.ContainsFunc(w.journey.steps, named) {
		return nil, faultf(ClassForbidden, nil, "the address that was taken before leads to another host, %s, which no step names", to.Host)
	}
	return to, nil
}
