package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"observatoire/config"
	"observatoire/probes"
)

// barWidth is how many columns the longest run of phases takes.
const barWidth = 40

// waterfall prints a result for a person: the phases under one another, each
// beginning where the one before it ended, then what was checked.
func waterfall(c console, j config.Job, r probes.Result) error {
	w := &printer{w: c.out}
	w.line("%s  %s", j.Watched.ID, j.Watched.Target)
	w.line("%s%s", c.paint(r.Outcome), because(r.Class, r.Detail))
	if r.Remote != "" {
		w.line("answered by %s: %s%d bytes", r.Remote, status(r.Status), r.Size)
	}
	w.line("")
	w.hops("  ", r.Hops)
	w.phases("  ", r.Phases)
	if r.Phases.Wait > 0 {
		w.line("  %-9s %10s  wait less one round trip (connect)", "server", milliseconds(r.Phases.ServerTime()))
		w.line("  %-9s %10s  wait and transfer", "page", milliseconds(r.Phases.PageTime()))
	}
	for _, s := range r.Steps {
		w.line("")
		w.line("  step %q: %s%s", s.Name, c.paint(s.Outcome), because(s.Class, s.Detail))
		w.line("    %s%s", status(s.Status), s.URL)
		w.hops("    ", s.Hops)
		w.phases("    ", s.Phases)
		w.checks("    ", s.Checks)
	}
	w.line("")
	w.checks("  ", r.Checks)
	if age, ok := r.Age(); ok {
		w.line("  data of %s, %s old (%s)", r.DataTime.UTC().Format(time.RFC3339), age.Round(time.Second), limit(j.Probe.Freshness, r.DataTime))
	}
	if !r.NotAfter.IsZero() {
		w.line("  certificate until %s", r.NotAfter.UTC().Format(time.RFC3339))
	}
	return w.err
}

// limit says until when data of a date counts as fresh.
func limit(f *probes.Freshness, date time.Time) string {
	if f == nil {
		return "no period declared"
	}
	text := f.Limit()
	if due, judged := f.Due(date); judged {
		text += ", fresh until " + due.UTC().Format(time.RFC3339)
	}
	return text
}

// because says why, after a colon.
func because(class probes.ErrorClass, detail string) string {
	switch {
	case class == probes.ClassNone:
		return ""
	case detail == "":
		return ": " + class.String()
	}
	return ": " + class.String() + ": " + detail
}

// status says a status, for the kinds of probe that have one.
func status(code int) string {
	if code == 0 {
		return ""
	}
	return fmt.Sprintf("status %d, ", code)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// bar returns the part of the whole that a phase takes, at its place.
func bar(start, took, total time.Duration) string {
	before := int(start * barWidth / total)
	length := max(1, int((start+took)*barWidth/total)-before)
	return strings.Repeat(" ", before) + strings.Repeat("█", length)
}

// paint returns an outcome, coloured where colours are wanted.
func (c console) paint(o probes.Outcome) string {
	if !c.colour {
		return o.String()
	}
	codes := map[probes.Outcome]string{probes.Up: "32", probes.Degraded: "33", probes.Down: "31", probes.Unknown: "90"}
	return "\x1b[" + codes[o] + "m" + o.String() + "\x1b[0m"
}

// printer writes lines until one fails.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	_, err := fmt.Fprintf(p.w, format+"\n", args...)
	p.err = errors.Join(p.err, err)
}

// phases prints those that took place.
func (p *printer) phases(indent string, phases probes.Phases) {
	total := phases.Total()
	var start time.Duration
	for _, phase := range []struct {
		name string
		took time.Duration
	}{
		{"redirect", phases.Redirect}, {"DNS", phases.DNS}, {"connect", phases.Connect},
		{"TLS", phases.TLS}, {"wait", phases.Wait}, {"transfer", phases.Transfer},
	} {
		if phase.took > 0 {
			p.line("%s%-9s %10s  %s", indent, phase.name, milliseconds(phase.took), bar(start, phase.took, total))
		}
		start += phase.took
	}
	p.line("%s%-9s %10s", indent, "total", milliseconds(total))
}

// hops prints each request of an exchange that was redirected.
func (p *printer) hops(indent string, hops []probes.Hop) {
	for i, h := range hops {
		p.line("%shop %d  %s%s  %s  %s", indent, i+1, status(h.Status), h.URL, milliseconds(h.Phases.Total()), h.Remote)
	}
}

func (p *printer) checks(indent string, checks []probes.Check) {
	for _, check := range checks {
		mark, rest := "ok  ", ""
		if !check.Passed {
			mark, rest = "FAIL", ": "+check.Detail
		}
		p.line("%s%s  %s%s", indent, mark, check.Assertion, rest)
	}
}
