package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"observatoire/probes"
)

const hostsHelp = `
Without arguments, lists the hosts that are switched off. "hosts off HOST" keeps
probes from a host, "hosts on HOST" lets them reach it again. HOST is a name such
as www.example.fr, an address, or *.example.fr for all below a domain. An
observatory that runs on the data folder heeds the change within seconds, without
a restart: runs of probes of that host are skipped and counted as lost ("off"),
its services become unknown, and a redirect to it is not followed. For hosts that
must never be contacted there is network: exclude in the configuration.`

// maxReason is the most bytes of a reason.
const maxReason = 500

func hosts(_ context.Context, c console, f *flag.FlagSet, args []string) error {
	dir := dataFlag(f)
	reason := f.String("reason", "", "why it is off, `text` for the list")
	period := f.Duration("for", 0, "switch it on again after this `time`, such as 2h; 0 means never")
	words, err := parse(f, args, 2)
	if err != nil {
		return err
	}
	given := func(name string) bool {
		found := false
		f.Visit(func(f *flag.Flag) { found = found || f.Name == name })
		return found
	}
	wrong := func(format string, args ...any) error {
		fmt.Fprintf(c.err, format+"\n", args...)
		f.Usage()
		return exit(exitUsage)
	}
	verb := ""
	if len(words) > 0 {
		verb = words[0]
	}
	switch {
	case verb != "" && verb != "off" && verb != "on":
		return wrong("unknown argument %q: want off or on", verb)
	case verb != "" && len(words) < 2:
		return wrong("the host to switch %s is missing", verb)
	case verb != "off" && (given("reason") || given("for")):
		return wrong("-reason and -for go with off")
	case *period < 0:
		return wrong("-for: %s is below zero", *period)
	case len(*reason) > maxReason || strings.ContainsFunc(*reason, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return wrong("-reason: want one line of at most %d bytes", maxReason)
	}
	if info, err := os.Stat(*dir); err != nil || !info.IsDir() {
		return fmt.Errorf("-data: there is no folder %s", *dir)
	}
	if verb == "" {
		return listHosts(c, *dir)
	}
	var host probes.Host
	if err := host.UnmarshalText([]byte(words[1])); err != nil {
		return err
	}
	if verb == "on" {
		return switchOn(c, *dir, host)
	}
	return switchOff(c, *dir, host, *reason, *period)
}

func switchOff(c console, dir string, host probes.Host, reason string, period time.Duration) error {
	now := time.Now().UTC().Truncate(time.Second)
	s := switched{Host: host, Since: now, Reason: reason}
	if period > 0 {
		s.Until = now.Add(period)
	}
	err := changeSwitches(dir, func(list []switched) ([]switched, error) {
		list = slices.DeleteFunc(list, func(s switched) bool { return s.Host == host })
		return append(list, s), nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s is off%s\n", host, until(s))
	return err
}

func switchOn(c console, dir string, host probes.Host) error {
	var others []switched // that still hold it
	err := changeSwitches(dir, func(list []switched) ([]switched, error) {
		rest := slices.DeleteFunc(slices.Clone(list), func(s switched) bool { return s.Host == host })
		if len(rest) == len(list) {
			return nil, fmt.Errorf("%s is not in the list of hosts that are off", host)
		}
		for _, s := range rest {
			if s.Host.Matches(string(host)) {
				others = append(others, s)
			}
		}
		return rest, nil
	})
	if err != nil {
		return err
	}
	if len(others) > 0 {
		_, err = fmt.Fprintf(c.out, "%s is off still, as one of %s\n", host, others[0].Host)
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s is on\n", host)
	return err
}

func listHosts(c console, dir string) error {
	list, err := readSwitches(filepath.Join(dir, switchFile))
	if err != nil {
		return err
	}
	list = current(list, time.Now())
	if len(list) == 0 {
		_, err := fmt.Fprintln(c.out, "no host is off")
		return err
	}
	slices.SortFunc(list, func(a, b switched) int { return cmp.Compare(a.Host, b.Host) })
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	w := &printer{w: table}
	for _, s := range list {
		w.line("%s\toff since %s%s\t%s", s.Host, s.Since.UTC().Format(time.RFC3339), until(s), s.Reason)
	}
	return errors.Join(w.err, table.Flush())
}

func until(s switched) string {
	if s.Until.IsZero() {
		return ""
	}
	return " until " + s.Until.UTC().Format(time.RFC3339)
}
