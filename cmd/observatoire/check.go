package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"observatoire/config"
)

const checkHelp = `
Reads the configuration as serve does, secrets included, and lists every fault
with its line. Nothing is probed. Exit code 1 when there are faults.`

func check(_ context.Context, c console, f *flag.FlagSet, args []string) error {
	file := configFlag(f)
	if _, err := parse(f, args, 0); err != nil {
		return err
	}
	cfg, err := config.Load(*file, engines())
	if err != nil {
		return faults(c, err)
	}
	_, err = fmt.Fprintf(c.out, "%s: no fault: %d APIs, %d démarches, %d producers, %d probes, %d alert channels\n", *file,
		len(cfg.Catalogue.APIs), len(cfg.Catalogue.Demarches), len(cfg.Catalogue.Producers), len(cfg.Jobs), len(cfg.Channels))
	return err
}

// faults lists the faults of a configuration, one a line, and returns the exit code.
func faults(c console, err error) error {
	found, ok := errors.AsType[*config.Faults](err)
	if !ok {
		return err
	}
	fmt.Fprintln(c.err, found)
	if n := len(found.Unwrap()); n > 1 {
		fmt.Fprintf(c.err, "%d faults\n", n)
	}
	return exit(exitFailure)
}
