package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary answer as the program when it is started
// under its name: the tests run the commands as a user does.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"observatoire": program, "bench-target": benchTarget})
}

func program() {
	tune()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, console{out: os.Stdout, err: os.Stderr}, os.Args[1:]))
}

func TestScripts(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/up":
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`[{"nom":"Nantes"}]`))
		case "/quota":
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(target.Close)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TARGET", target.URL)
			e.Setenv("TAKEN", taken.Addr().String())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// expand FILE...: puts the variables of the script into files
			"expand": func(ts *testscript.TestScript, neg bool, args []string) {
				for _, name := range args {
					text := strings.NewReplacer("$TARGET", ts.Getenv("TARGET")).Replace(ts.ReadFile(name))
					ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
				}
			},
		},
		RequireExplicitExec: true,
	})
}
