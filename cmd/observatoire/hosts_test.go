package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

func hostsCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	if code := run(t.Context(), console{out: io.Discard, err: t.Output()}, append([]string{"hosts", "-data", dir}, args...)); code != exitOK {
		t.Fatalf("%v: exit code %d", args, code)
	}
}

func TestSwitchesFollowTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, log := t.TempDir(), new(bytes.Buffer)
		hostsCommand(t, dir, "off", "a.example")
		s, err := followSwitches(dir, zerolog.New(log))
		if err != nil {
			t.Fatal(err)
		}
		expect := func(when string, off ...string) {
			t.Helper()
			for _, host := range []string{"a.example", "b.example", "www.c.example"} {
				if want := strings.Contains(strings.Join(off, " "), host); s.Off(host) != want {
					t.Errorf("%s: %s is off: %v", when, host, !want)
				}
			}
		}
		expect("at the start", "a.example")
		hostsCommand(t, dir, "off", "b.example", "-for", "1h")
		hostsCommand(t, dir, "off", "*.c.example")
		hostsCommand(t, dir, "on", "a.example")
		time.Sleep(switchEvery - time.Nanosecond)
		expect("before it looks again", "a.example")
		time.Sleep(time.Nanosecond)
		expect("after a change", "b.example", "www.c.example")
		if err := os.WriteFile(filepath.Join(dir, switchFile), []byte(`[{"host": "a b"}]`), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(switchEvery)
		expect("after a change that cannot be read", "b.example", "www.c.example")
		time.Sleep(time.Hour)
		expect("after the hour", "www.c.example")
		if err := os.Remove(filepath.Join(dir, switchFile)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(switchEvery)
		expect("without a file")
		if n := strings.Count(log.String(), `"level":"error"`); n != 1 {
			t.Errorf("%d errors in the log, want one: %s", n, log)
		}
	})
}

// Of many changes at once none is lost, and no reader sees half of one.
func TestSwitchesAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			hostsCommand(t, dir, "off", fmt.Sprintf("host-%d.example", i))
			if _, err := readSwitches(filepath.Join(dir, switchFile)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, err := readSwitches(filepath.Join(dir, switchFile))
	if err != nil || len(list) != 20 {
		t.Errorf("%d hosts are off (%v), want 20", len(list), err)
	}
	left, err := filepath.Glob(filepath.Join(dir, switchFile+".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v left (%v)", left, err)
	}
}
