package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the program's release.
const version = "0.1.0"

func printVersion(_ context.Context, c console, f *flag.FlagSet, args []string) error {
	if _, err := parse(f, args, 0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.out, "observatoire %s%s %s %s/%s\n", version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// revision returns the commit that the program was built from, when it is known.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return " (" + s.Value[:12] + ")"
		}
	}
	return ""
}
