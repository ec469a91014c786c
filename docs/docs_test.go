// Package docs_test holds the documents and the house rules against the code:
// what a document says of layers, kinds, levels and commands is read and
// compared with what the code has.
package docs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// root is the folder of the module, seen from this one.
const root = ".."

// module is the module's path.
const module = "observatoire"

// listed is a package of the module as the go command lists it. Paths of the
// module's own packages are those below it, such as "storage/sqlite".
type listed struct {
	ImportPath, Dir, Name     string
	GoFiles, CgoFiles         []string
	IgnoredGoFiles            []string
	TestGoFiles, XTestGoFiles []string
	Imports                   []string
	TestImports, XTestImports []string
	Error                     *struct{ Err string }
}

var packages = sync.OnceValues(func() ([]listed, error) {
	cmd := exec.Command("go", "list", "-e", "-json", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, &stderr)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Error != nil {
			return nil, fmt.Errorf("%s: %s", p.ImportPath, p.Error.Err)
		}
		p.ImportPath = below(p.ImportPath)
		all = append(all, p)
	}
})

// list returns the packages of the module.
func list(t *testing.T) []listed {
	t.Helper()
	all, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("go list: no package")
	}
	return all
}

// below returns a path of the module without the module's own, and "." for its root.
func below(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// own returns those of the imports that are packages of the module, each once.
func own(imports ...string) []string {
	var paths []string
	for _, i := range imports {
		if i == module || strings.HasPrefix(i, module+"/") {
			paths = append(paths, below(i))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// kit reports whether a package is a kit for tests, such as storage/storagetest.
func kit(path string) bool { return strings.HasSuffix(path, "test") }

// read returns a file of the module.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is a fenced block of a document.
type block struct {
	language string
	line     int // of its first line of text, from 1
	text     string
}

// blocks returns the fenced blocks of a document that are in one of the languages.
func blocks(document string, languages ...string) []block {
	var all []block
	var open *block
	var fence string
	n := 0
	for line := range strings.Lines(document) {
		n++
		bare := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(bare, "```"):
			language := strings.TrimLeft(bare, "`")
			fence = bare[:len(bare)-len(language)]
			open = &block{language: language, line: n + 1}
		case open != nil && bare == fence:
			if slices.Contains(languages, open.language) {
				all = append(all, *open)
			}
			open = nil
		case open != nil:
			open.text += line
		}
	}
	return all
}

// table returns the rows of the first table of a document whose header has these
// first columns; a cell is without spaces around it.
func table(document string, header ...string) [][]string {
	var rows [][]string
	found := false
	for line := range strings.Lines(document) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if found {
				break
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !found:
			found = len(cells) >= len(header) && slices.Equal(cells[:len(header)], header)
		case strings.Trim(cells[0], "-:") != "" || cells[0] == "":
			rows = append(rows, cells)
		}
	}
	return rows
}

// spans returns the texts in backquotes of a document, fenced blocks left out.
func spans(document string) []string {
	for _, b := range fenced.FindAllString(document, -1) {
		document = strings.Replace(document, b, "", 1)
	}
	var all []string
	for _, m := range span.FindAllStringSubmatch(document, -1) {
		all = append(all, strings.Join(strings.Fields(m[1]), " "))
	}
	return all
}

var (
	fenced = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	span   = regexp.MustCompile("`([^`]+)`")
)

// files returns the files that are or will be in the repository: those that git
// tracks, and new ones that it does not ignore.
func files(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		needs(t, "a checkout by git: git ls-files: "+err.Error())
	}
	var all []string
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if info, err := os.Stat(filepath.Join(root, name)); err == nil && info.Mode().IsRegular() {
			all = append(all, name) // one that is deleted and not yet committed is left out
		}
	}
	return all
}

// needs skips a test for want of something, or fails it under CI.
func needs(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("needs " + what)
	}
	t.Skip("needs " + what)
}

func TestBlocks(t *testing.T) {
	document := "a `make x`\n```yaml\nk: v\n```\n  ````sh\n  ls\n  ```\n  ````\n```yaml\n```\nb `c\nd`\n"
	got := blocks(document, "yaml", "sh")
	want := []block{{"yaml", 3, "k: v\n"}, {"sh", 6, "  ls\n  ```\n"}, {"yaml", 10, ""}}
	if !slices.Equal(got, want) {
		t.Errorf("blocks: got %+v, want %+v", got, want)
	}
	if got, want := spans("a `make x`\n```yaml\nk: v\n```\nb `c\nd`\n"), []string{"make x", "c d"}; !slices.Equal(got, want) {
		t.Errorf("spans: got %q, want %q", got, want)
	}
}

func TestTable(t *testing.T) {
	document := "| x | y |\n|---|---|\n| no | no |\n\n| a | b | c |\n|---|:--|---|\n| 1 | | 3 |\n|   | 2 | |\nend\n| 4 |\n"
	got := table(document, "a", "b")
	want := [][]string{{"1", "", "3"}, {"", "2", ""}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, want %q", got, want)
	}
}
