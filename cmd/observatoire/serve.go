package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"observatoire/config"
)

const serveHelp = `
Probes everything that the configuration lists, keeps the results below the data
folder, and serves the public site, its API and /metrics. SIGINT or SIGTERM stops
it: probes in flight finish and their results are stored; a second signal stops
it at once.`

// flags that several commands have.
func configFlag(f *flag.FlagSet) *string {
	return f.String("config", "probes.yaml", "the configuration `file`")
}

func listenFlag(f *flag.FlagSet) *string {
	return f.String("listen", "127.0.0.1:8080", "the `address` that the site listens on")
}

func dataFlag(f *flag.FlagSet) *string {
	return f.String("data", "./data", "the `folder` that holds the database")
}

func levelFlag(f *flag.FlagSet) *string {
	return f.String("log", "info", "least `level` that is logged: debug, info, warn or error")
}

func serve(ctx context.Context, c console, f *flag.FlagSet, args []string) error {
	file, listen, level := configFlag(f), listenFlag(f), levelFlag(f)
	dir := dataFlag(f)
	if _, err := parse(f, args, 0); err != nil {
		return err
	}
	log, err := logger(c.err, *level)
	if err != nil {
		return err
	}
	cfg, err := config.Load(*file, engines())
	if err != nil {
		return faults(c, err)
	}
	// The port first: when it is in use nothing else has been touched.
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	in, err := open(ctx, cfg, *dir, log)
	if err != nil {
		listener.Close()
		return err
	}
	if strings.HasSuffix(cfg.Site.Contact, ".example") {
		log.Warn().Str("contact", cfg.Site.Contact).Msg("site.contact is a placeholder: give one that producers can write to")
	}
	log.Info().Str("address", "http://"+listener.Addr().String()).
		Int("apis", len(cfg.Catalogue.APIs)).Int("demarches", len(cfg.Catalogue.Demarches)).
		Int("probes", len(cfg.Jobs)).Msg("observatory open")
	return in.serve(ctx, listener)
}

// logger returns a log for people on a terminal, and one of JSON lines elsewhere.
func logger(w io.Writer, level string) (zerolog.Logger, error) {
	least, err := zerolog.ParseLevel(level)
	if err != nil || level == "" {
		return zerolog.Nop(), fmt.Errorf("-log: %q is not a level: want debug, info, warn or error", level)
	}
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		w = zerolog.ConsoleWriter{Out: w, NoColor: os.Getenv("NO_COLOR") != ""}
	}
	return zerolog.New(w).Level(least).With().Timestamp().Logger(), nil
}
