package probes

import (
	"regexp"
	"sync"

	"observatoire/probes/jsonpath"
)

// undecided is the error of an assertion that could not be tried, for a reason
// of ours: its failure concludes nothing about the service.
type undecided struct{ error }

func (u undecided) Unwrap() error { return u.error }

// pattern is a regular expression that is compiled once, when first needed.
type pattern struct {
	once     sync.Once
	compiled *regexp.Regexp
	err      error
}

// compile returns the expression of the text, which is the same at each call.
// An empty one matches everything.
func (p *pattern) compile(text string) (*regexp.Regexp, error) {
	p.once.Do(func() {
		if p.compiled, p.err = regexp.Compile(text); p.err != nil {
			p.err = undecided{p.err}
		}
	})
	return p.compiled, p.err
}

// query is a JSON path that is parsed once, when first needed.
type query struct {
	once   sync.Once
	parsed jsonpath.Path
	err    error
}

func (q *query) compile(text string) (jsonpath.Path, error) {
	q.once.Do(func() {
		if q.parsed, q.err = jsonpath.Parse(text); q.err != nil {
			q.err = undecided{q.err}
		}
	})
	return q.parsed, q.err
}
