package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is the program, started as a user starts it.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string // of its site
	done chan error
}

// as returns the path of the test binary under a name of TestMain's, by which it
// answers as that program.
func as(t testing.TB, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// address is how the program says where its site is, in its log or on stdout.
var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// start starts the program with these arguments and returns once its site is open.
func start(t testing.TB, args ...string) *process {
	t.Helper()
	return launch(t, as(t, "observatoire"), args...)
}

// launch is start with the program at a path.
func launch(t testing.TB, path string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(path, args...), done: make(chan error, 1)}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	found := make(chan string, 1)
	var output strings.Builder
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(read)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			output.WriteString(lines.Text() + "\n")
			if line := lines.Text(); strings.Contains(line, "open") {
				if url := address.FindString(line); url != "" {
					select {
					case found <- url:
					default:
					}
				}
			}
		}
		read.Close()
	}()
	go func() {
		<-ended
		p.done <- p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("output of observatoire %s:\n%s", strings.Join(args, " "), output.String())
		}
	})
	select {
	case p.url = <-found:
	case err := <-p.done:
		t.Fatalf("ended before its site was open: %v\n%s", err, output.String())
	case <-time.After(2 * time.Minute):
		t.Fatal("its site did not open in two minutes")
	}
	return p
}

// stop ends the program as an operator does, and expects it to end well.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.done:
		if err != nil {
			p.t.Errorf("ended badly: %v", err)
		}
	case <-time.After(30 * time.Second):
		p.t.Error("did not end in 30 seconds")
	}
}

// kill ends the program as a power cut does.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.done
}

// get returns the body of a page that answers 200.
func (p *process) get(path string) string {
	p.t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %s\n%s", path, response.Status, body)
	}
	return string(body)
}

// service reads a service by the API.
func (p *process) service(id string) service {
	p.t.Helper()
	var s service
	if err := json.Unmarshal([]byte(p.get("/api/v1/services/"+id)), &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

// snapshotTime returns when what the program says was last worked out.
func (p *process) snapshotTime() float64 {
	p.t.Helper()
	m := regexp.MustCompile(`(?m)^observatoire_snapshot_timestamp_seconds (\S+)$`).FindStringSubmatch(p.get("/metrics"))
	if m == nil {
		p.t.Fatal("/metrics has no snapshot time")
	}
	seconds, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return seconds
}

// goOn returns once the program has worked for so long, as its snapshots tell.
func (p *process) goOn(d time.Duration) {
	p.t.Helper()
	first := p.snapshotTime()
	eventually(p.t, 10*d, func() error {
		if passed := p.snapshotTime() - first; passed < d.Seconds() {
			return fmt.Errorf("%v s passed, want %v", passed, d)
		}
		return nil
	})
}

// service is what the API says of one, as far as the tests read it.
type service struct {
	ID         string
	Kind       string
	State      string
	Indicators []struct {
		Indicator    string
		Value        *float64
		Unit         string
		Level        string
		Target       *float64
		Window       string
		Measurements int64
		Coverage     float64
		Profile      string
		Source       string
	}
}

// eventually tries until there is no error, for at most so long.
func eventually(t testing.TB, most time.Duration, try func() error) {
	t.Helper()
	deadline := time.After(most)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatal(err)
		case <-tick.C:
		}
	}
}

// needs skips the test where a component is missing, and fails it in CI.
func needs(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		_, errPath := exec.LookPath(name)
		_, errFile := os.Stat(name)
		if errPath == nil || errFile == nil {
			continue
		}
		reason := name + " is missing: " + errors.Join(errPath, errFile).Error()
		if os.Getenv("CI") == "true" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
}
