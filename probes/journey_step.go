package probes

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"observatoire/secret"
)

// Step is what was measured of one step of a journey.
type Step struct {
	Name    string     `json:"name"`
	URL     string     `json:"url"` // as it is configured, without what was taken from earlier answers and without secrets
	Outcome Outcome    `json:"outcome"`
	Class   ErrorClass `json:"class,omitempty"`
	Detail  string     `json:"detail,omitempty"` // as that of a result
	Phases  Phases     `json:"phases"`
	Status  int        `json:"status,omitempty"`
	Size    int64      `json:"size"` // bytes of body read
	Remote  string     `json:"remote,omitempty"`
	Checks  []Check    `json:"checks,omitempty"` // what was asserted, and what was taken
	Hops    []Hop      `json:"hops,omitempty"`   // each request in turn, where there was a redirect
}

// JourneyStep is one request of a journey. In its URL, headers, form and body
// {{name}} stands for what an earlier step took under that name. It is written
// there as the place wants it: escaped in the path and the query of a URL, in a
// form, and in a body of JSON or XML. A URL may also be {{name}} alone: an
// address, relative to the answer before, on its host or on one that a step
// names.
type JourneyStep struct {
	Name       string                  `yaml:"name" doc:"its own in the journey, for readers" required:"true"`
	URL        string                  `yaml:"url" doc:"address, http:// or https://; {{name}} may stand in its path and query, or for all of it" required:"true"`
	Method     string                  `yaml:"method" doc:"method of the request; GET where it is left out"`
	Headers    map[string]secret.Value `yaml:"headers" doc:"headers of the request; their values are never shown, and not sent to another host"`
	Form       map[string]secret.Value `yaml:"form" doc:"fields that are sent: in the query with GET and HEAD, in the body otherwise"`
	Body       string                  `yaml:"body" doc:"body of the request; or form"`
	Fictitious bool                    `yaml:"fictitious" doc:"what is sent is invented and nobody's; needed by other methods than GET and HEAD, and by form and body"`
	Take       []Take                  `yaml:"take" each:"take" doc:"values of the answer for later steps; at most 20"`
	Assert     []Expectation           `yaml:"assert" doc:"what must hold of the answer"`
}

const maxTakes = 20

// Validate checks the settings, as far as they do not depend on other steps.
func (s *JourneyStep) Validate() error {
	_, faults := s.compile()
	return errors.Join(faults...)
}

// stepPlan is what the settings of a step come to.
type stepPlan struct {
	name    string
	shown   string   // the URL for readers
	host    *url.URL // scheme and host that the step names; nil where its URL is taken
	url     template
	method  string
	headers []fieldPlan
	form    []fieldPlan
	body    template
	escape  func(string) string // of what is put into the body
	take    []taker
	assert  []Expectation
}

// fieldPlan is a header, or a field of a form.
type fieldPlan struct {
	name   string
	value  template
	hidden string // the value as it is configured
}

// uses returns the names of what the step needs from earlier ones.
func (p *stepPlan) uses() (names []string) {
	names = append(p.url.names(), p.body.names()...)
	for _, field := range append(p.headers[:len(p.headers):len(p.headers)], p.form...) {
		names = append(names, field.value.names()...)
	}
	return names
}

func (s *JourneyStep) compile() (stepPlan, []error) {
	p := stepPlan{name: s.Name, method: strings.ToUpper(s.Method), assert: s.Assert}
	if p.method == "" {
		p.method = http.MethodGet
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(s.Name) == "" {
		fault("name: required")
	}
	if err := p.address(s.URL); err != nil {
		fault("url: %w", err)
	}
	if !validName(p.method) || p.method == http.MethodConnect {
		fault("method: %q is not a method of HTTP that can be sent", s.Method)
	}
	asks := p.method == http.MethodGet || p.method == http.MethodHead
	if (!asks || len(s.Form) > 0 || s.Body != "") && !s.Fictitious {
		fault("fictitious: required to be true where data is sent: only invented data that is nobody's may be")
	}
	if len(s.Form) > 0 && s.Body != "" {
		fault("body: not together with form")
	}
	var err error
	if p.body, err = parseTemplate(s.Body); err != nil {
		fault("body: %w", err)
	}
	p.escape = escapeFor(s.contentType(), s.Body)
	p.headers = fields("headers", s.Headers, validName, fault)
	p.form = fields("form", s.Form, func(name string) bool { return name != "" }, fault)
	p.take, err = takers(s.Take)
	faults = append(append(faults, within("take", err)...), asserted(s.Assert)...)
	return p, faults
}

// asserted checks assertions that nobody else has checked.
func asserted(expectations []Expectation) (faults []error) {
	for i, e := range expectations {
		switch v, ok := e.Assertion.(Validator); {
		case e.Assertion == nil:
			faults = append(faults, fmt.Errorf("assert: [%d]: no assertion", i))
		case ok:
			faults = append(faults, within(fmt.Sprintf("assert: [%d]", i), v.Validate())...)
		}
	}
	return faults
}

// address reads the URL of the step. Its errors do not hold it.
func (p *stepPlan) address(text string) (err error) {
	if p.url, err = parseTemplate(text); err != nil {
		return err
	}
	if p.url.whole() {
		p.shown = text
		return nil
	}
	u, err := parseURL(p.url.render(marked, nil))
	if err != nil {
		return err
	}
	if strings.Contains(u.Host, mark) {
		return errors.New("{{…}} may stand in the path and the query, or for the whole address")
	}
	if u.User != nil {
		return errors.New("must not hold a user or a password")
	}
	p.shown = unmarked(redact(u))
	p.host = &url.URL{Scheme: u.Scheme, Host: u.Host}
	return nil
}

func (s *JourneyStep) contentType() string {
	for name, value := range s.Headers {
		if strings.EqualFold(name, "Content-Type") {
			return value.Reveal()
		}
	}
	return ""
}

func fields(key string, settings map[string]secret.Value, valid func(string) bool, fault func(string, ...any)) (all []fieldPlan) {
	for name, value := range settings {
		t, err := parseTemplate(value.Reveal())
		switch {
		case !valid(name):
			fault("%s: %q is not a name that can be sent", key, name)
		case err != nil:
			fault("%s: %s: %w", key, name, err)
		case key == "headers" && !validValue(value.Reveal()):
			fault("%s: %s: has characters that a header cannot hold", key, name)
		}
		all = append(all, fieldPlan{name: name, value: t, hidden: value.Reveal()})
	}
	return all
}
