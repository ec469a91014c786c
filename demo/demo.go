package demo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// closing bounds how long requests in flight may take to end when the
// simulation stops; they are told to.
const closing = time.Second

// Simulation is what [Start] started.
type Simulation struct {
	config  string
	roots   *x509.CertPool
	stop    context.CancelFunc
	running sync.WaitGroup // listeners and connections
}

// Start serves the simulated services on free ports of 127.0.0.1 until the
// context ends or [Simulation.Close] is called. It logs at level info each
// alert that it receives as a webhook, and what is wrong with a connection at
// level debug.
func Start(ctx context.Context, log zerolog.Logger) (*Simulation, error) {
	s, err := start(ctx, log, time.Now())
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return s, nil
}

func start(ctx context.Context, log zerolog.Logger, now time.Time) (_ *Simulation, err error) {
	ca, err := newAuthority(now)
	if err != nil {
		return nil, err
	}
	s := &Simulation{roots: ca.roots()}
	ctx, s.stop = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	sites := newSites(now, log)
	a := addresses{Now: now}
	if a.Plain, err = s.serve(ctx, sites, nil, log); err != nil {
		return nil, err
	}
	for serial, l := range map[int64]struct {
		address *string
		lasts   time.Duration
	}{
		2: {&a.Secure, lasting},
		3: {&a.Expiring, apis["certificats-energie"].expires},
	} {
		certificate, err := ca.issue(serial, now, now.Add(l.lasts))
		if err != nil {
			return nil, err
		}
		settings := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		if *l.address, err = s.serve(ctx, sites, settings, log); err != nil {
			return nil, err
		}
	}
	s.config, err = a.config()
	return s, err
}

// serve answers on a free port until the context ends, and returns its address,
// such as http://127.0.0.1:40123. settings are nil without TLS.
func (s *Simulation) serve(ctx context.Context, handler http.Handler, settings *tls.Config, log zerolog.Logger) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := "http://" + listener.Addr().String()
	if settings != nil {
		address = "https://" + listener.Addr().String()
		listener = tls.NewListener(listener, settings)
	}
	server := &http.Server{
		Handler: handler, BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: longest + 10*time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
		ConnState: s.follow,
		ErrorLog:  stdlog.New(quiet{log}, "", 0),
	}
	s.running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error().Err(err).Str("address", address).Msg("simulated services ended")
		}
	})
	s.running.Go(func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if server.Shutdown(end) != nil {
			server.Close()
		}
	})
	return address, nil
}

// quiet writes what the server has to say of connections at level debug.
type quiet struct{ log zerolog.Logger }

func (q quiet) Write(line []byte) (int, error) {
	q.log.Debug().Msg(strings.TrimSpace(string(line)))
	return len(line), nil
}

// follow counts the connections, each of which has a goroutine. The listener's
// own keeps the count above zero while new ones come.
func (s *Simulation) follow(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	}
}

// Close stops the simulation and waits until nothing of it runs. It may be
// called more than once.
func (s *Simulation) Close() {
	s.stop()
	s.running.Wait()
}

// Config returns the configuration, in YAML, of an observatory of the simulated
// services. It is valid while the simulation runs.
func (s *Simulation) Config() string { return s.config }

// Roots returns the certificates to trust for the simulated services.
func (s *Simulation) Roots() *x509.CertPool { return s.roots }
