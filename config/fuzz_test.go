package config_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"observatoire/config"
)

func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add(full)
	f.Add(bomb())
	f.Add("site: &s {contact: *s}\napis: [*s]\n<<: *s\n")
	f.Add("? {a: b}\n: c\n---\n...\n%YAML 1.2\n---\n")
	f.Add("storage: {retention: {raw: 1y2d3h4m5s6ms}}\nnetwork: {allow_private: ['::/0']}\n")
	if text, err := os.ReadFile("../probes.yaml"); err == nil {
		f.Add(string(text[:min(len(text), 20_000)]))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Read("p", strings.NewReader(text), engines())
		if err == nil {
			if len(c.Jobs) == 0 || c.Storage.Engine == nil || c.Site.Zone == nil {
				t.Errorf("accepted, but with %d jobs, engine %v, zone %v", len(c.Jobs), c.Storage.Engine, c.Site.Zone)
			}
			for _, j := range c.Jobs {
				if j.Schedule == nil || j.Probe.Prober == nil || j.Probe.Timeout <= 0 || j.Watched.ID == "" {
					t.Errorf("accepted, but with the job %+v", j.Watched)
				}
			}
			return
		}
		faults, ok := errors.AsType[*config.Faults](err)
		if !ok || len(faults.List) == 0 || len(faults.List) > 1000 {
			t.Fatalf("error %T: %v", err, err)
		}
		for _, fault := range faults.List {
			if fault.Line < 1 || fault.File != "p" || len(fault.Err.Error()) > 400 {
				t.Errorf("fault %+v", fault)
			}
		}
	})
}
