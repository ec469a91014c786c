package main

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"

	"observatoire/alerts"
	"observatoire/config"
	"observatoire/dashboard"
	"observatoire/metrics"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/scheduler"
	"observatoire/storage"
)

// pruneEvery is how often what is past its retention is deleted.
const pruneEvery = time.Hour

// closing bounds how long visitors' requests may take to end at a stop.
const closing = 5 * time.Second

// instance is one observatory, from its store to its site.
type instance struct {
	cfg         *config.Config
	log         zerolog.Logger
	vantage     probes.Vantage
	simulated   bool
	lock        *os.File
	off         *switches
	store       engine
	observatory *observatory.Observatory
	registry    *prometheus.Registry
	metrics     *metrics.Metrics
}

// open opens the store in dir and takes up what it holds.
func open(ctx context.Context, cfg *config.Config, dir string, log zerolog.Logger) (_ *instance, err error) {
	in := &instance{cfg: cfg, log: log, vantage: vantage(cfg)}
	defer func() {
		if err != nil {
			in.close()
		}
	}()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if in.lock, err = lock(dir); err != nil {
		return nil, err
	}
	if in.off, err = followSwitches(dir, log); err != nil {
		return nil, err
	}
	in.vantage.Off = in.off.Off
	store, err := cfg.Storage.Engine.Open(ctx, storage.Options{
		Dir: dir, Zone: cfg.Site.Zone, Retention: cfg.Storage.Retention, Log: log,
	})
	if err != nil {
		return nil, err
	}
	in.store = store.(engine) // engines lists only kinds that are one
	in.observatory, err = observatory.New(ctx, observatory.Options{
		Catalogue: cfg.Catalogue, Profiles: cfg.Profiles, Probes: watched(cfg),
		Zone: cfg.Site.Zone, Confirmations: cfg.Alerts.Confirmations, Store: store, Log: log,
	})
	if err != nil {
		return nil, err
	}
	in.registry = prometheus.NewRegistry()
	in.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	in.metrics = metrics.New(in.registry, in.observatory.Snapshot, metrics.Version(version))
	return in, nil
}

// vantage returns the point that a configuration's services are measured from.
func vantage(cfg *config.Config) probes.Vantage {
	return probes.Vantage{
		Name: cfg.Site.Vantage, UserAgent: cfg.UserAgent(version), AllowPrivate: cfg.Network.AllowPrivate,
		Exclude:    cfg.Network.Exclude,
		References: probes.NewReferences(cfg.Network.References...),
	}
}

// jobs returns what the scheduler needs of the configuration's probes.
func jobs(cfg *config.Config) []scheduler.Job {
	list := make([]scheduler.Job, len(cfg.Jobs))
	for i, j := range cfg.Jobs {
		list[i] = j.Job
	}
	return list
}

// watched returns what the observatory needs of them.
func watched(cfg *config.Config) []observatory.Watched {
	list := make([]observatory.Watched, len(cfg.Jobs))
	for i, j := range cfg.Jobs {
		list[i] = j.Watched
	}
	return list
}

// lock keeps a second observatory out of the data folder. The lock ends with
// the process, however it ends.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "observatoire.lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("data folder %s: another observatory is using it", dir)
	}
	return f, nil
}

// close closes what open opened.
func (in *instance) close() error {
	var err error
	if in.store != nil {
		err = in.store.Close()
	}
	if in.lock != nil {
		err = errors.Join(err, in.lock.Close())
	}
	return err
}

// Record is the path of a batch: first it is stored, then the observatory and
// the metrics follow it. Only the store can ask for it again.
func (in *instance) Record(ctx context.Context, batch []probes.Result) error {
	if err := in.store.Record(ctx, batch); err != nil {
		return err
	}
	return errors.Join(in.observatory.Record(ctx, batch), in.metrics.Record(ctx, batch))
}

// handler returns the site and the metrics.
func (in *instance) handler() (http.Handler, error) {
	site, err := dashboard.New(dashboard.Options{
		Snapshots: in.observatory.Snapshot, Series: in.store, Profiles: in.cfg.Profiles,
		Site: dashboard.Site{
			Title: in.cfg.Site.Title, Operator: in.cfg.Site.Operator, Contact: in.cfg.Site.Contact,
			Language: in.cfg.Site.Language, URL: in.cfg.Site.URL, Vantage: in.vantage.Name,
		},
		Simulated: in.simulated, Version: version, Ready: in.store.Ping, Log: in.log,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler(in.registry))
	mux.Handle("/", site)
	return mux, nil
}

// serve runs the observatory until the context ends. Probes in flight finish
// or are cut off, what they found is stored, and then the store is closed.
func (in *instance) serve(ctx context.Context, listener net.Listener) error {
	handler, err := in.handler()
	if err != nil {
		return errors.Join(err, in.close())
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: stdlog.New(in.log, "", 0),
	}
	engine := alerts.New(alerts.Options{
		Ledger: in.store, Outbox: in.store, Channels: in.cfg.Channels, Snapshots: in.observatory.Snapshot,
		PublicURL: in.cfg.Site.URL, Meter: in.metrics, Log: in.log,
	})
	// Those who read what the probes find stop after the probes have stopped.
	followers, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	probing, halt := context.WithCancelCause(ctx)
	defer halt(nil)

	var readers, prober sync.WaitGroup
	follow := func(name string, run func(context.Context) error) {
		readers.Go(func() {
			if err := run(followers); err != nil {
				halt(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	follow("observatory", in.observatory.Run)
	follow("alerts", engine.Run)
	follow("storage", in.prune)
	follow("site", func(context.Context) error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	prober.Go(func() {
		err := scheduler.Run(probing, jobs(in.cfg), scheduler.Options{
			Vantage: in.vantage, Zone: in.cfg.Site.Zone, PerHost: in.cfg.Network.PerHost,
			Confirmations: in.cfg.Alerts.Confirmations, Recheck: in.cfg.Alerts.Recheck, Off: in.off.Off,
			Sink: in, Meter: in.metrics, Log: in.log,
		})
		if err != nil {
			halt(fmt.Errorf("scheduler: %w", err))
		}
	})
	<-probing.Done()
	in.log.Info().Msg("stopping")
	prober.Wait()
	bounded, cancel := context.WithTimeout(followers, closing)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		server.Close()
	}
	stop()
	readers.Wait()
	if err := in.close(); err != nil {
		return err
	}
	if cause := context.Cause(probing); ctx.Err() == nil {
		return cause
	}
	return nil
}

// prune deletes what is past its retention until the context ends.
func (in *instance) prune(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		if err := in.store.Prune(ctx, time.Now()); err != nil && ctx.Err() == nil {
			in.log.Error().Err(err).Msg("retention not applied, will try again")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
