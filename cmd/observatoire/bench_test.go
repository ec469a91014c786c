package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"observatoire/config"
	"observatoire/probes"
)

// benchTarget is a server in a process of its own, so that its work is not in
// what is measured. It ends with its standard input.
func benchTarget() {
	body := []byte(`{"results":[` + strings.Repeat(`{"nom":"Nantes","code":"44109","population":323204},`, 20) + `{}]}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}))
	fmt.Println(server.URL)
	io.Copy(io.Discard, os.Stdin)
	server.Close()
}

func startTarget(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(as(b, "bench-target"))
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(url)
}

// cpu returns the processor time that this process has taken.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// catalogueOf returns a configuration of so many probes of a target.
func catalogueOf(target string, n int, every string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "site: {title: Bench, contact: bench@example.fr}\nnetwork: {allow_private: [127.0.0.0/8], per_host: 64}\nproducers: [{id: p, name: P}]\napis:\n")
	for i := range n {
		fmt.Fprintf(&text, "  - {id: api-%d, name: API %d, producer: p, access: open, probes: [{name: a, every: %s, http: {url: %q}, assert: [{status: [200]}, {json: {path: \"$.results[0].nom\", equals: Nantes}}]}]}\n", i, i, every, target)
	}
	return text.String()
}

// BenchmarkProbesPerCPUSecond compares the whole path of a result (probe,
// assertions, storage, observatory, metrics) with a plain loop of net/http on
// the same target, in processor time of this process.
func BenchmarkProbesPerCPUSecond(b *testing.B) {
	target := startTarget(b)
	workers := 2 * runtime.GOMAXPROCS(0)
	share := func(n int, work func(i int)) time.Duration {
		var next atomic.Int64
		var all sync.WaitGroup
		before := cpu(b)
		for range workers {
			all.Go(func() {
				for i := next.Add(1); i <= int64(n); i = next.Add(1) {
					work(int(i))
				}
			})
		}
		all.Wait()
		return cpu(b) - before
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	plain := func(int) {
		response, err := client.Get(target)
		if err != nil {
			b.Error(err)
			return
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	cfg, err := config.Read("bench.yaml", strings.NewReader(catalogueOf(target, 100, "5m")), engines())
	if err != nil {
		b.Fatal(err)
	}
	in, err := open(b.Context(), cfg, b.TempDir(), zerolog.Nop())
	if err != nil {
		b.Fatal(err)
	}
	defer in.close()
	results := make(chan probes.Result, 1000)
	whole := func(i int) {
		r := cfg.Jobs[i%len(cfg.Jobs)].Probe.Run(b.Context(), &in.vantage)
		r.Period = 5 * time.Minute
		if r.Outcome != probes.Up {
			b.Errorf("%s: %s", r.Outcome, r.Detail)
		}
		results <- r
	}
	// Batches as the scheduler makes them: a thousand results, or what 200 ms brought.
	stored := make(chan error, 1)
	go func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		var batch []probes.Result
		flush := func() error {
			defer func() { batch = batch[:0] }()
			if len(batch) == 0 {
				return nil
			}
			return in.Record(context.WithoutCancel(b.Context()), batch)
		}
		for {
			select {
			case r, more := <-results:
				if !more {
					stored <- flush()
					return
				}
				if batch = append(batch, r); len(batch) < 1000 {
					continue
				}
			case <-tick.C:
			}
			if err := flush(); err != nil {
				stored <- err
				return
			}
		}
	}()
	share(200, plain)
	share(200, whole)
	var plainTime, wholeTime time.Duration
	total := 0
	b.ResetTimer()
	for b.Loop() { // alternating, so that both meet the same machine
		plainTime += share(500, plain)
		wholeTime += share(500, whole)
		total += 500
	}
	b.StopTimer()
	close(results)
	if err := <-stored; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(total)/plainTime.Seconds(), "plain/cpu-s")
	b.ReportMetric(float64(total)/wholeTime.Seconds(), "probes/cpu-s")
	b.ReportMetric(100*plainTime.Seconds()/wholeTime.Seconds(), "%ofplain")
}

// BenchmarkMemory reports the resident memory of the program at 1,000 probes a
// minute, after each has run once and more.
func BenchmarkMemory(b *testing.B) {
	file := filepath.Join(b.TempDir(), "probes.yaml")
	if err := os.WriteFile(file, []byte(catalogueOf(startTarget(b), 1000, "1m")), 0o600); err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(b.TempDir(), "observatoire") // the test binary holds the tests too
	if output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	for b.Loop() {
		p := launch(b, program, "serve", "-config", file, "-data", b.TempDir(), "-listen", "127.0.0.1:0")
		<-time.After(75 * time.Second) // nobody asks it anything: a scrape of so many series has a cost of its own
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
		if err != nil {
			b.Fatal(err)
		}
		for line := range strings.Lines(string(status)) {
			if fields := strings.Fields(line); len(fields) == 3 && (fields[0] == "VmRSS:" || fields[0] == "VmHWM:") {
				kB, err := strconv.Atoi(fields[1])
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(kB)/1000, strings.TrimSuffix(fields[0], ":")+"-MB")
			}
		}
		p.stop()
	}
}
