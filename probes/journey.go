package probes

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// Journey walks through a démarche as a user does: its steps in order, each a
// request over HTTP on a connection of its own, with one jar of cookies for
// all, and with values taken from one answer put into the requests after it.
// The first step that fails ends it. What the probe itself asserts is asserted
// of the last answer; the status of each is judged in its step.
//
// The phases are the sums of those of the steps. What a step takes, and what
// cookies hold, is not shown.
type Journey struct {
	Steps        []JourneyStep `yaml:"steps" each:"step" doc:"requests, in order; at most 30" required:"true"`
	MaxBody      Bytes         `yaml:"max_body" doc:"most bytes of body that are read of one answer, decompressed; at most 100MB"`
	MaxRedirects int           `yaml:"max_redirects" doc:"most redirects that one step follows, at most 20"`
	Connection   `yaml:",inline" doc:"how each step connects"`

	once  sync.Once
	steps []stepPlan
	link  *link
	err   error
}

const (
	maxSteps          = 30
	journeyBody Bytes = 4e6
)

func newJourney() Prober { return &Journey{MaxBody: journeyBody, MaxRedirects: defaultMaxRedirects} }

// Validate checks the settings.
func (j *Journey) Validate() error {
	j.once.Do(func() { j.err = j.compile() })
	return j.err
}

func (j *Journey) compile() error {
	var faults []error
	j.link, faults = j.Connection.compile()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	switch {
	case len(j.Steps) == 0:
		fault("steps: required")
	case len(j.Steps) > maxSteps:
		fault("steps: more than %d", maxSteps)
	}
	if j.MaxBody < 0 || j.MaxBody > largestMaxBody {
		fault("max_body: must be from 1 to %s", largestMaxBody)
	}
	if j.MaxRedirects < 0 || j.MaxRedirects > largestMaxRedirects {
		fault("max_redirects: must be from 0 to %d", largestMaxRedirects)
	}
	taken, named := map[string]bool{}, map[string]bool{}
	for i := range j.Steps {
		s := &j.Steps[i]
		p, wrong := s.compile()
		if named[s.Name] {
			wrong = append(wrong, errors.New("name: is that of an earlier step"))
		}
		named[s.Name] = true
		for _, name := range p.uses() {
			if !taken[name] {
				wrong = append(wrong, fmt.Errorf("{{%s}}: no step before takes it", name))
			}
		}
		for _, t := range s.Take {
			taken[t.Name] = true
		}
		faults = append(faults, within("steps", errors.Join(within(fmt.Sprintf("%q", s.Name), errors.Join(wrong...))...))...)
		j.steps = append(j.steps, p)
	}
	return errors.Join(faults...)
}

// Target returns the address of the first step, without secrets.
func (j *Journey) Target() string {
	if len(j.Steps) == 0 {
		return ""
	}
	p, _ := j.Steps[0].compile()
	return p.shown
}

// String returns the target, so that printing a prober shows no secret.
func (j *Journey) String() string { return "journey " + j.Target() }

// Observe implements [Prober].
func (j *Journey) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := j.Validate(); err != nil {
		return Observation{}, faultf(ClassLocal, err, "the probe's settings are wrong")
	}
	w := &walk{journey: j, from: from, jar: newCookies(), values: map[string]string{}}
	w.observed.Time = time.Now()
	for i := range j.steps {
		if fault := w.step(ctx, &j.steps[i]); fault != nil {
			return w.done(), fault
		}
	}
	return w.done(), nil
}

// walk is one run of a journey.
type walk struct {
	journey  *Journey
	from     *Vantage
	jar      *cookies
	values   map[string]string // what was taken, by name
	at       *url.URL          // where the last answer came from
	hidden   plan              // keeps what must not be shown
	observed Observation       // the last answer, but what is said of all steps
}

// done returns what was observed.
func (w *walk) done() Observation {
	for _, value := range w.jar.values {
		w.hide(value)
	}
	w.observed.secrets = w.hidden.secrets
	return w.observed
}

// hide notes a value that an answer chose. A shorter one is no secret, and
// would be found in any text.
func (w *walk) hide(value string) {
	const shortest = 8
	if len(value) >= shortest {
		w.hidden.hide(value)
	}
}

// step makes the request of one step and judges its answer. It returns why the
// journey ends there, if it does.
func (w *walk) step(ctx context.Context, s *stepPlan) *Fault {
	o, fault := w.send(ctx, s)
	r := Result{Outcome: Up}
	r.observe(&o)
	var err error
	if fault != nil {
		err = fault
	}
	Probe{Expectations: s.assert}.judge(&r, &o, err)
	if r.Answered() {
		w.take(s, &o, &r)
	}
	w.add(&o, Step{
		Name: s.name, URL: s.shown, Outcome: r.Outcome, Class: r.Class, Detail: r.Detail, Phases: o.Phases,
		Status: o.Status, Size: r.Size, Remote: o.Remote, Checks: r.Checks, Hops: o.Hops,
	})
	if r.Answered() {
		return nil
	}
	return faultf(r.Class, err, "step %q: %s", s.name, r.Detail)
}

// send makes the request of a step.
func (w *walk) send(ctx context.Context, s *stepPlan) (Observation, *Fault) {
	now := time.Now()
	h, fault := s.request(w)
	if fault != nil {
		return Observation{Time: now}, fault
	}
	p, err := h.compile()
	if err != nil {
		return Observation{Time: now}, faultf(ClassAssertion, err, "what was taken before cannot be put into the request: %v", err)
	}
	p.link = w.journey.link
	for _, field := range s.form {
		p.hide(field.hidden)
	}
	w.hidden.hide(p.secrets...)
	x := exchangeOf(p, w.from)
	x.jar = w.jar
	fault = x.run(ctx)
	x.observed.Phases = x.phases()
	w.at = x.final
	return x.observed, fault
}

// take takes the values that later steps need.
func (w *walk) take(s *stepPlan, o *Observation, r *Result) {
	for i := range s.take {
		t := &s.take[i]
		c := Check{Assertion: t.String(), Passed: true, Critical: true}
		value, err := t.from(o)
		if err != nil {
			c.Passed, c.Detail = false, err.Error()
			class := ClassAssertion
			if _, ok := errors.AsType[undecided](err); ok {
				class = ClassInconclusive
			}
			if r.Answered() {
				r.fail(class, c.Assertion+": "+c.Detail)
			}
		} else {
			w.values[t.Name] = value
			w.hide(value)
		}
		r.Checks = append(r.Checks, c)
	}
}

// add makes the answer of a step the last one.
func (w *walk) add(o *Observation, s Step) {
	before := &w.observed
	o.Time, o.Phases, o.Redirects = before.Time, before.Phases.plus(o.Phases), before.Redirects+o.Redirects
	o.Steps, o.Hops = append(before.Steps, s), nil
	w.observed = *o
}

// degrade makes the result that of the first step that was not as it should be.
func (r *Result) degrade(steps []Step) {
	for _, s := range steps {
		if s.Outcome == Degraded {
			r.Outcome, r.Class, r.Detail = Degraded, s.Class, fmt.Sprintf("step %q: %s", s.Name, s.Detail)
			return
		}
	}
}
