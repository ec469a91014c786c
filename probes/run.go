package probes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"
)

// DefaultTimeout is the deadline of a probe that sets none.
const DefaultTimeout = 10 * time.Second

// secretive is a prober that knows texts which must not be shown.
type secretive interface{ secretTexts() []string }

// Run makes one measurement from the vantage point, within the probe's
// deadline. Whatever happens there is a result: a fault of ours, the end of ctx
// and a panic of a prober or an assertion among them, makes it [Unknown].
func (p Probe) Run(ctx context.Context, from *Vantage) Result {
	if from == nil {
		from = &Vantage{}
	}
	if p.Timeout <= 0 {
		p.Timeout = DefaultTimeout
	}
	r := &Result{Probe: p.ID, Vantage: from.Name, Time: time.Now()}
	began := r.Time
	secrets := p.run(ctx, from, r)
	if r.Outcome == Down {
		if why := disturbed(began, time.Now(), p.Timeout); why != "" {
			r.fail(ClassLocal, why)
		}
	}
	r.doubt(ctx, from.References)
	p.clean(r, secrets)
	return *r
}

// run fills the result; a panic on the way makes it one of ours. It returns the
// texts that only this run knew and that must not be shown.
func (p Probe) run(ctx context.Context, from *Vantage, r *Result) (secrets []string) {
	defer func() {
		if v := recover(); v != nil {
			r.fail(ClassLocal, panicDetail(v))
		}
	}()
	within, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	o, err := p.Prober.Observe(within, from)
	r.observe(&o)
	secrets = o.secrets
	defer func() {
		if r.Outcome != Up || p.Verbose {
			r.Evidence = o.evidence(err)
		}
	}()
	if err != nil && ctx.Err() != nil {
		r.fail(ClassLocal, "we stopped before the answer was complete")
		return secrets
	}
	r.Outcome = Up
	p.judge(r, &o, err)
	p.date(r, &o, err)
	return secrets
}

func panicDetail(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return "fault of ours: " + err.Error()
	}
	return fmt.Sprintf("fault of ours: panic with %T", v) // its text may hold anything
}

// observe takes over the facts.
func (r *Result) observe(o *Observation) {
	if !o.Time.IsZero() {
		r.Time = o.Time
	}
	r.Phases, r.Status, r.Size, r.Remote = o.Phases, o.Status, int64(len(o.Body)), o.Remote
	r.NotAfter, r.Hops, r.Steps = expiry(o.TLS), o.Hops, o.Steps
	r.RetryAfter = retryAfter(o.Status, o.Header, time.Now())
}

// fail gives the result the outcome of a failure.
func (r *Result) fail(class ErrorClass, detail string) {
	r.Outcome, r.Class, r.Detail = class.outcome(), class, detail
}

// judge tries the expectations. Where none says which status is good, 200 to
// 299 are; a kind of prober without a status has none to judge, and a journey
// has judged the status of each step. What the status
// alone tells comes before an answer that broke off: a 503 is one, whether its
// body is complete or not.
func (p Probe) judge(r *Result, o *Observation, err error) {
	expectations := p.Expectations
	if o.Status != 0 && len(o.Steps) == 0 && !slices.ContainsFunc(expectations, isStatus) {
		expectations = append([]Expectation{{Assertion: success{}, Critical: true, Conclusive: true}}, expectations...)
	}
	failed := r.check(expectations, o, err != nil)
	if class, detail := ours(o, expectations); class != ClassNone {
		r.fail(class, detail)
		return
	}
	for _, f := range failed {
		if !f.Conclusive {
			r.fail(ClassInconclusive, f.detail)
			return
		}
		if f.Critical {
			r.fail(f.class, f.detail)
			return
		}
	}
	switch fault, ok := errors.AsType[*Fault](err); {
	case ok:
		r.fail(fault.Class, fault.Detail)
	case err != nil:
		r.fail(ClassLocal, err.Error())
	case len(failed) > 0:
		r.Outcome, r.Class, r.Detail = Degraded, failed[0].class, failed[0].detail
	default:
		r.degrade(o.Steps)
	}
}

// failure is an expectation that was not met.
type failure struct {
	Expectation
	class  ErrorClass
	detail string
}

// check tries each expectation, and returns those that failed. Of an answer
// that broke off only the status is there to be judged.
func (r *Result) check(expectations []Expectation, o *Observation, broken bool) (failed []failure) {
	for _, e := range expectations {
		if broken && (o.Status == 0 || len(o.Steps) > 0 || !isStatus(e)) {
			continue
		}
		c := Check{Assertion: e.Assertion.String(), Passed: true, Critical: e.Critical}
		if err := e.Check(o); err != nil {
			c.Passed, c.Detail = false, err.Error()
			f := failure{Expectation: e, class: ClassAssertion, detail: c.Detail}
			if isStatus(e) {
				f.class = ClassStatus
			}
			if _, ok := errors.AsType[undecided](err); ok {
				f.Conclusive = false
			}
			failed = append(failed, f)
		}
		r.Checks = append(r.Checks, c)
	}
	return failed
}

func isStatus(e Expectation) bool {
	_, ok := e.Assertion.(statusAssertion)
	return ok
}

// ours returns what a status says about us rather than about the service,
// unless an expectation lists it.
func ours(o *Observation, expectations []Expectation) (ErrorClass, string) {
	var class ErrorClass
	var detail string
	if len(o.Steps) > 0 {
		return ClassNone, "" // each step was judged
	}
	switch o.Status {
	case http.StatusTooManyRequests:
		class, detail = ClassQuota, "status 429: we asked more often than the service allows"
		if after := o.Header.Get("Retry-After"); after != "" {
			detail += ", retry after " + after
		}
	case http.StatusUnauthorized, http.StatusForbidden:
		class, detail = ClassRight, fmt.Sprintf("status %d: we have no right to ask", o.Status)
	default:
		return ClassNone, ""
	}
	for _, e := range expectations {
		if s, ok := e.Assertion.(statusAssertion); ok && s.lists(o.Status) {
			return ClassNone, ""
		}
	}
	return class, detail
}

// date reads the date of the data; that there is none changes no outcome.
func (p Probe) date(r *Result, o *Observation, err error) {
	if d, ok := p.Prober.(Dated); ok && p.Freshness == nil && err == nil && r.Answered() {
		r.DataTime, _ = d.DataTime(o)
	}
	if p.Freshness == nil || err != nil || !r.Answered() {
		return
	}
	c := Check{Assertion: p.Freshness.String(), Passed: true}
	if date, err := p.Freshness.Date(o); err != nil {
		c.Passed, c.Detail = false, err.Error()
	} else {
		r.DataTime = date
	}
	r.Checks = append(r.Checks, c)
}

// disturbed says why a run that went wrong says nothing about the service: our
// process was held up, or our clock was set, while it ran.
func disturbed(began, ended time.Time, timeout time.Duration) string {
	const late, jump = 2 * time.Second, 5 * time.Second
	took := ended.Sub(began) // by the monotonic clock
	if took > timeout+late {
		return fmt.Sprintf("our system was held up: the run took %s of at most %s", brief(took), brief(timeout))
	}
	if shift := ended.Round(0).Sub(began.Round(0)) - took; shift > jump || shift < -jump {
		return fmt.Sprintf("our clock was set by %s during the run", brief(shift))
	}
	return ""
}

// clean makes the result fit to be kept and shown.
func (p Probe) clean(r *Result, secrets []string) {
	if s, ok := p.Prober.(secretive); ok {
		secrets = longestFirst(append(slices.Clone(s.secretTexts()), secrets...))
	}
	r.Time = r.Time.UTC().Truncate(time.Millisecond)
	r.Phases.clean()
	r.Detail = tidy(r.Detail, secrets)
	cleanChecks(r.Checks, secrets)
	cleanHops(r.Hops, secrets)
	for i := range r.Steps {
		step := &r.Steps[i]
		step.Phases.clean()
		step.URL, step.Detail = tidy(step.URL, secrets), tidy(step.Detail, secrets)
		cleanChecks(step.Checks, secrets)
		cleanHops(step.Hops, secrets)
	}
	p.conclude(r, secrets)
}
