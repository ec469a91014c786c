package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/schollz/progressbar/v3"

	"observatoire/config"
	"observatoire/demo"
)

const demoHelp = `
Starts simulated public APIs and démarches on loopback (good, slow, flapping,
stale ones and worse), writes a year of generated history of them through the
same path as real results, and then probes them for real at a quick pace. Each
page says that its data is simulated. The data is in a temporary folder that is
removed at the end.`

func runDemo(ctx context.Context, c console, f *flag.FlagSet, args []string) (err error) {
	listen, level := listenFlag(f), levelFlag(f)
	days := f.Int("days", 365, "`days` of history to generate")
	if _, err := parse(f, args, 0); err != nil {
		return err
	}
	if *days < 0 || *days > 800 {
		return fmt.Errorf("-days: %d: want 0 to 800", *days)
	}
	log, err := logger(c.err, *level)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	defer listener.Close() // serve closes it too; before serve only this does
	dir, err := os.MkdirTemp("", "observatoire-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	simulation, err := demo.Start(ctx, log)
	if err != nil {
		return err
	}
	defer simulation.Close()
	cfg, err := config.Read("demo.yaml", strings.NewReader(simulation.Config()), engines())
	if err != nil {
		return err
	}
	in, err := open(ctx, cfg, dir, log)
	if err != nil {
		return err
	}
	in.simulated = true
	in.vantage.Roots = simulation.Roots()
	if err := in.remember(ctx, c, *days, log); err != nil {
		in.close()
		if ctx.Err() != nil {
			return nil // stopped while it was generating
		}
		return err
	}
	fmt.Fprintf(c.out, "The observatory of simulated services is open: http://%s\n", listener.Addr())
	return in.serve(ctx, listener)
}

// remember writes generated history of so many days, as if it had been measured.
func (in *instance) remember(ctx context.Context, c console, days int, log zerolog.Logger) error {
	zone := in.cfg.Site.Zone
	to := time.Now().In(zone)
	from := to.AddDate(0, 0, -days)
	var series []demo.Series
	for _, j := range in.cfg.Jobs {
		s := demo.Series{Probe: j.Watched.ID, Vantage: in.vantage.Name, Dated: j.Watched.Dated, Maintenance: j.Maintenance}
		for _, d := range in.cfg.Catalogue.Demarches {
			s.Demarche = s.Demarche || d.ID == j.Watched.Service
		}
		series = append(series, s)
	}
	total := demo.Steps(series, from, to)
	progress := progressbar.DefaultSilent(int64(total))
	if c.colour {
		progress = progressbar.NewOptions(total, progressbar.OptionSetWriter(c.err),
			progressbar.OptionSetDescription("Generating history"), progressbar.OptionShowCount(),
			progressbar.OptionSetItsString("results"), progressbar.OptionShowIts(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	began := time.Now()
	for batch := range demo.History(series, from, to, zone) {
		if err := in.store.Record(ctx, batch); err != nil {
			return err
		}
		if err := in.observatory.Record(ctx, batch); err != nil {
			return err
		}
		if err := progress.Add(len(batch)); err != nil {
			return err
		}
	}
	log.Info().Int("results", total).Dur("took", time.Since(began)).Msg("history generated")
	return progress.Finish()
}
