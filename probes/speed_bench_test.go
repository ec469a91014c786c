package probes_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"observatoire/probes"
)

// cpuTime returns what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkHTTPSProbe compares the CPU time of a probe over TLS with that of a
// plain client that makes a handshake for each request too, in turn and on the
// same server, whose own time is in both.
func BenchmarkHTTPSProbe(b *testing.B) {
	body := `[{"nom":"Nantes","code":"44109"}]` + strings.Repeat(" ", 2000)
	ca := newAuthority(b)
	for name, http2 := range map[string]bool{"http1": false, "http2": true} {
		b.Run(name, func(b *testing.B) {
			url := ca.serveTLS(b, "127.0.0.1", time.Now().Add(time.Hour), http2, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
			from := ca.trusting()
			bare := func() {
				transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: from.Roots}, ForceAttemptHTTP2: http2}
				defer transport.CloseIdleConnections()
				answer, err := (&http.Client{Transport: transport}).Get(url)
				if err != nil {
					b.Fatal(err)
				}
				defer answer.Body.Close()
				if _, err := io.ReadAll(answer.Body); err != nil {
					b.Fatal(err)
				}
			}
			var nantes any = "Nantes"
			probe := probes.Probe{ID: "bench/probe", Prober: get(b, url), Expectations: critical(probes.Status{200}, &probes.JSON{Path: "$[0].nom", Equals: &nantes})}
			probed := func() {
				if r := probe.Run(b.Context(), from); r.Outcome != probes.Up {
					b.Fatal(r.Detail)
				}
			}
			var took [2]time.Duration
			rounds := 0
			for b.Loop() {
				for i, request := range []func(){bare, probed} {
					before := cpuTime(b)
					for range 20 {
						request()
					}
					took[i] += cpuTime(b) - before
				}
				rounds += 20
			}
			b.ReportMetric(float64(took[0].Microseconds())/float64(rounds), "bare-cpu-µs")
			b.ReportMetric(float64(took[1].Microseconds())/float64(rounds), "probe-cpu-µs")
			b.ReportMetric(float64(took[1])/float64(took[0]), "ratio")
		})
	}
}

// BenchmarkHangingTargets reports the memory that each of many probes holds
// while its target has taken the connection and says nothing. The targets are
// listeners that never accept, so that they use no descriptor and no memory.
func BenchmarkHangingTargets(b *testing.B) {
	const wanted, each = 10_000, 500 // each listener's share
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	n := min(wanted, int(limit.Max)-500)
	if n < wanted {
		b.Logf("%d targets in place of %d: the system allows %d descriptors", n, wanted, limit.Max)
	}
	for _, scheme := range []string{"http", "https"} {
		b.Run(scheme, func(b *testing.B) {
			var list []probes.Probe
			for len(list) < n {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					b.Fatal(err)
				}
				defer listener.Close()
				for range min(each, n-len(list)) {
					list = append(list, probes.Probe{ID: "bench/hanging", Prober: get(b, scheme+"://"+listener.Addr().String()), Timeout: time.Hour})
				}
			}
			for b.Loop() {
				heap, stack := held(b, list)
				b.ReportMetric((heap+stack)/1000, "kB/target")
				b.ReportMetric(stack/1000, "kB-of-stack/target")
			}
			b.ReportMetric(float64(n), "targets")
		})
	}
}

// held returns the bytes that each of the probes holds while it hangs.
func held(b *testing.B, list []probes.Probe) (heap, stack float64) {
	inUse := func() (heap, stack float64) {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / float64(len(list)), float64(m.StackInuse) / float64(len(list))
	}
	var hanging atomic.Int64
	all := make(chan struct{})
	one := func() {
		if hanging.Add(1) == int64(len(list)) {
			close(all)
		}
	}
	ctx, stop := context.WithCancel(httptrace.WithClientTrace(b.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { one() }, TLSHandshakeStart: one,
	}))
	defer stop()
	from := loopback()
	heapBefore, stackBefore := inUse()
	var running sync.WaitGroup
	for _, p := range list {
		running.Go(func() {
			if r := p.Run(ctx, from); r.Class != probes.ClassLocal || ctx.Err() == nil {
				b.Errorf("%s: %s", r.Class, r.Detail)
			}
		})
	}
	select {
	case <-all:
	case <-time.After(time.Minute):
		b.Errorf("only %d of %d hang", hanging.Load(), len(list))
	}
	heap, stack = inUse()
	stop()
	running.Wait()
	return heap - heapBefore, stack - stackBefore
}

// BenchmarkAccuracy reports how far the measured wait is from that of a target
// that answers in 20 ms: from 20 ms, and from the time that the target says it
// really took, by its own clock. All on one machine.
func BenchmarkAccuracy(b *testing.B) {
	const pause = 20 * time.Millisecond
	url := serve(b, func(w http.ResponseWriter, _ *http.Request) {
		began := time.Now()
		<-time.After(pause)
		w.Header().Set("X-Took", time.Since(began).String())
	})
	for name, test := range map[string]struct {
		probes int
		every  time.Duration // 0 for one after the other
	}{"idle": {100, 0}, "500 a second": {1500, 2 * time.Millisecond}} {
		b.Run(name, func(b *testing.B) {
			h, from := get(b, url), loopback()
			var mu sync.Mutex
			var nominal, real []time.Duration
			measure := func() {
				o, err := h.Observe(b.Context(), from)
				took, bad := time.ParseDuration(o.Header.Get("X-Took"))
				if err != nil || bad != nil {
					b.Errorf("%v, %v", err, bad)
				}
				mu.Lock()
				defer mu.Unlock()
				nominal, real = append(nominal, (o.Phases.Wait-pause).Abs()), append(real, (o.Phases.Wait-took).Abs())
			}
			for b.Loop() {
				began := time.Now()
				var running sync.WaitGroup
				for i := range test.probes {
					if test.every == 0 {
						measure()
						continue
					}
					<-time.After(time.Until(began.Add(time.Duration(i) * test.every)))
					running.Go(measure)
				}
				running.Wait()
			}
			median := func(all []time.Duration) float64 {
				slices.Sort(all)
				return float64(all[len(all)/2].Microseconds()) / 1000
			}
			b.ReportMetric(median(nominal), "ms-off-20ms")
			b.ReportMetric(median(real), "ms-off-real")
		})
	}
}
