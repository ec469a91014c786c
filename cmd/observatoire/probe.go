package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"

	"observatoire/config"
	"observatoire/probes"
)

const probeHelp = `
NAME is a probe such as api-geo/commune-code, or a service such as api-geo for
all of its probes. Nothing is stored. Exit code 0 when all are up or degraded,
1 when one is down, 3 when nothing can be said of one.`

func probe(ctx context.Context, c console, f *flag.FlagSet, args []string) error {
	file := configFlag(f)
	asJSON := f.Bool("json", false, "print results as JSON, one a line")
	verbose := f.Bool("verbose", false, "also what was seen: header, beginning of the body, certificate, without secrets")
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
		j.Probe.Verbose = *verbose
		r := j.Probe.Run(ctx, &from)
		r.Period = j.Watched.Period
		if *asJSON {
			err = json.NewEncoder(c.out).Encode(r)
		} else {
			if i > 0 {
				fmt.Fprintln(c.out)
			}
			err = waterfall(c, j, r)
			if err == nil && *verbose && r.Evidence != nil {
				err = evidence(c, r.Evidence)
			}
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
