package main

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"

	"observatoire/config"
)

const kindsHelp = `
The reference of the configuration: its sections, and each kind of probe,
assertion, alert channel and storage engine, with its settings, their types and
defaults. With NAME only what has that name, or that family.

A secret is written as the text itself, as ${env:NAME} for a variable of the
environment, or as ${file:PATH} for the content of a file. A duration is written
with s, m, h, d, w and y, such as 1h30m.`

func kinds(_ context.Context, c console, f *flag.FlagSet, args []string) error {
	names, err := parse(f, args, 1)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	w := &printer{w: table}
	found := false
	for _, kind := range config.Reference(engines()) {
		if len(names) > 0 && kind.Name != names[0] && kind.Family != names[0] {
			continue
		}
		if found {
			w.line("")
		}
		found = true
		if len(kind.Settings) == 0 {
			w.line("%s %s: %s", kind.Family, kind.Name, kind.Type)
			continue
		}
		w.line("%s %s", kind.Family, kind.Name)
		for _, s := range kind.Settings {
			w.line("  %s\t%s\t%s", s.Name, need(s), s.Doc)
		}
	}
	if !found {
		return fmt.Errorf("no kind or family %q", names[0])
	}
	if w.err != nil {
		return w.err
	}
	return table.Flush()
}

// need says what type a setting has, and what holds when it is left out.
func need(s config.Setting) string {
	switch {
	case s.Required:
		return s.Type + ", required"
	case s.Default != "":
		return s.Type + ", default " + s.Default
	}
	return s.Type
}
