package docs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unwanted are texts that belong to one machine or one network. They are written
// so that this file does not hold them.
var unwanted = map[string]string{
	"/wor" + "k/":             "a path of one machine",
	"proxy.golang" + ".org":   "the host of a registry",
	"registry.npmjs" + ".org": "the host of a registry",
	"deb.debian" + ".org":     "the host of a registry",
}

func TestFiles(t *testing.T) {
	for _, name := range files(t) {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		for text, what := range unwanted {
			if before, _, found := bytes.Cut(content, []byte(text)); found {
				t.Errorf("%s:%d: %s: %s", name, 1+bytes.Count(before, []byte("\n")), text, what)
			}
		}
		if what := leftover.Find(content); what != nil && !bytes.Contains(content, []byte("\x00")) && !strings.HasSuffix(name, ".sum") && !strings.HasSuffix(name, "-lock.json") {
			t.Errorf("%s: %s is left in it", name, what)
		}
	}
}

// The lock file says what is taken, not from where.
func TestLockFile(t *testing.T) {
	var lock struct {
		Packages map[string]struct{ Resolved, Integrity string }
	}
	if err := json.Unmarshal([]byte(read(t, "dashboard/npm/package-lock.json")), &lock); err != nil {
		t.Fatal(err)
	}
	if len(lock.Packages) < 2 {
		t.Errorf("%d packages: want those that the bundle is made of", len(lock.Packages))
	}
	for name, p := range lock.Packages {
		if p.Resolved != "" {
			t.Errorf("%s is resolved to %s", name, p.Resolved)
		}
		if name != "" && p.Integrity == "" {
			t.Errorf("%s has no checksum", name)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// The files that documents link to exist.
func TestLinks(t *testing.T) {
	for _, name := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, name), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "#") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			to, _, _ := strings.Cut(m[1], "#")
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(name), to)); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
			}
		}
	}
}
