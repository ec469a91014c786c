package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"observatoire/config"
	"observatoire/observatory"
	"observatoire/probes"
)

const probeHelp = `
NAME is a probe such as api-geo/commune-code, or a service such as api-geo for
all of its probes. Nothing is stored. Exit code 0 when all are up or degraded,
1 when one is down, 3 when nothing can be said of one.`

func probe(ctx context.Context, c console, f *flag.FlagSet, args []string) error {
	file := configFlag(f)
	asJSON := f.Bool("json", false, "print results as JSON, one a line")
	names, err := parse(f, args, 1)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Fprintln(c.err, "the name of a probe or service is missing")
		f.Usage()
		return exit(exitUsage)
	}
	cfg, err := config.Load(*file, engines())
	if err != nil {
		return faults(c, err)
	}
	found := slices.DeleteFunc(slices.Clone(cfg.Jobs), func(j config.Job) bool {
		return j.Watched.ID != names[0] && j.Watched.Service != names[0]
	})
	if len(found) == 0 {
		return fmt.Errorf("no probe or service %q in %s", names[0], *file)
	}
	from := vantage(cfg)
	code := exit(exitOK)
	for i, j := range found {
		r := j.Probe.Run(ctx, &from)
		r.Period = j.Watched.Period
		if *asJSON {
			err = json.NewEncoder(c.out).Encode(r)
		} else {
			if i > 0 {
				fmt.Fprintln(c.out)
			}
			err = waterfall(c, j.Watched, r)
		}
		if err != nil {
			return err
		}
		switch {
		case r.Outcome == probes.Down:
			code = exitFailure
		case r.Outcome == probes.Unknown && code == exitOK:
			code = exitUnknown
		}
	}
	if code != exitOK {
		return code
	}
	return nil
}

// barWidth is how many columns the longest run of phases takes.
const barWidth = 40

// waterfall prints a result for a person: the phases under one another, each
// beginning where the one before it ended.
func waterfall(c console, p observatory.Watched, r probes.Result) error {
	w := &printer{w: c.out}
	w.line("%s  %s", p.ID, p.Target)
	w.line("%s%s", c.paint(r.Outcome), because(r))
	if r.Remote != "" {
		w.line("answered by %s: status %d, %d bytes", r.Remote, r.Status, r.Size)
	}
	w.line("")
	total := r.Phases.Total()
	var start time.Duration
	for _, phase := range []struct {
		name string
		took time.Duration
	}{
		{"redirect", r.Phases.Redirect}, {"DNS", r.Phases.DNS}, {"connect", r.Phases.Connect},
		{"TLS", r.Phases.TLS}, {"wait", r.Phases.Wait}, {"transfer", r.Phases.Transfer},
	} {
		if phase.took > 0 {
			w.line("  %-9s %10s  %s", phase.name, milliseconds(phase.took), bar(start, phase.took, total))
		}
		start += phase.took
	}
	w.line("  %-9s %10s", "total", milliseconds(total))
	if r.Phases.Wait > 0 {
		w.line("  %-9s %10s  wait less one round trip (connect)", "server", milliseconds(r.Phases.ServerTime()))
		w.line("  %-9s %10s  wait and transfer", "page", milliseconds(r.Phases.PageTime()))
	}
	w.line("")
	for _, check := range r.Checks {
		mark, rest := "ok  ", ""
		if !check.Passed {
			mark, rest = "FAIL", ": "+check.Detail
		}
		w.line("  %s  %s%s", mark, check.Assertion, rest)
	}
	if age, ok := r.Age(); ok {
		limit := "no period declared"
		if p.MaxAge > 0 {
			limit = "at most " + p.MaxAge.String() + " declared"
		}
		w.line("  data of %s, %s old (%s)", r.DataTime.UTC().Format(time.RFC3339), age.Round(time.Second), limit)
	}
	if !r.NotAfter.IsZero() {
		w.line("  certificate until %s", r.NotAfter.UTC().Format(time.RFC3339))
	}
	return w.err
}

func because(r probes.Result) string {
	switch {
	case r.Class == probes.ClassNone:
		return ""
	case r.Detail == "":
		return ": " + r.Class.String()
	}
	return ": " + r.Class.String() + ": " + r.Detail
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
