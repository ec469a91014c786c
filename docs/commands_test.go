package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// program is what can be typed: the program's commands and make's targets.
type program struct {
	commands map[string]command
	targets  []string
}

// command is one of the program's.
type command struct {
	arguments int // at most so many
	flags     map[string]bool
}

// programOf reads the commands off the sources in cmd/observatoire: the table in
// func commands, and for each the flags that its function defines.
func programOf(t *testing.T) program {
	t.Helper()
	p := program{commands: map[string]command{"help": {arguments: 1}}}
	functions := map[string]*ast.FuncDecl{}
	sources, err := filepath.Glob(filepath.Join(root, "cmd/observatoire/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && !strings.HasSuffix(name, "_test.go") {
				functions[fn.Name.Name] = fn
			}
		}
	}
	if functions["commands"] == nil {
		t.Fatal("cmd/observatoire: no func commands, which lists them")
	}
	for n := range ast.Preorder(functions["commands"]) {
		// An entry is the name, the arguments, texts for the help, the function.
		entry, ok := n.(*ast.CompositeLit)
		if !ok || len(entry.Elts) < 3 {
			continue
		}
		name, okName := text(entry.Elts[0])
		arguments, okArguments := text(entry.Elts[1])
		run, okRun := entry.Elts[len(entry.Elts)-1].(*ast.Ident)
		if okName && okArguments && okRun {
			flags := map[string]bool{"help": true}
			defined(functions, run.Name, flags, map[string]bool{})
			p.commands[name] = command{len(strings.Fields(arguments)), flags}
		}
	}
	if len(p.commands) < 2 || !p.commands["serve"].flags["config"] {
		t.Fatalf("cmd/observatoire: its commands cannot be read off its sources: got %v", p.commands)
	}
	for _, m := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		p.targets = append(p.targets, m[1])
	}
	return p
}

var target = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):([^=]|$)`)

// defined adds the flags that a function defines, or functions that it calls.
func defined(functions map[string]*ast.FuncDecl, name string, flags, seen map[string]bool) {
	if functions[name] == nil || seen[name] {
		return
	}
	seen[name] = true
	for n := range ast.Preorder(functions[name]) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			continue
		}
		switch fn := call.Fun.(type) {
		case *ast.Ident:
			defined(functions, fn.Name, flags, seen)
		case *ast.SelectorExpr:
			at := 0
			if strings.HasSuffix(fn.Sel.Name, "Var") {
				at = 1 // after where the value goes
			}
			if x, ok := fn.X.(*ast.Ident); !ok || x.Name != "f" || len(call.Args) < at+2 {
				continue
			}
			if flag, ok := text(call.Args[at]); ok {
				flags[flag] = true
			}
		}
	}
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// typed returns the commands of a block of shell, each as its words. Of a comment
// the flags stay, which are said of the command before it.
func typed(shell string) [][]string {
	var all [][]string
	for line := range strings.SplitSeq(strings.ReplaceAll(shell, "\\\n", " "), "\n") {
		line, comment, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), "#")
		for part := range strings.SplitSeq(separator.ReplaceAllString(line, "\n"), "\n") {
			words := strings.Fields(part)
			for len(words) > 0 && (assignment.MatchString(words[0]) || words[0] == "sudo") {
				words = words[1:]
			}
			if len(words) > 0 {
				all = append(all, words)
			}
		}
		if len(all) > 0 && strings.TrimSpace(line) != "" {
			for word := range strings.FieldsSeq(comment) {
				if flagged.MatchString(word) {
					all[len(all)-1] = append(all[len(all)-1], strings.TrimRight(word, ",;:."), "…")
				}
			}
		}
	}
	return all
}

var (
	separator  = regexp.MustCompile(`&&|\|\|?|;|&|[0-9]?>.*`)
	assignment = regexp.MustCompile(`^[A-Z_]+=`)
	flagged    = regexp.MustCompile(`^--?[a-z]`)
)

// fault says what is wrong with a command, or nothing. Commands of other programs
// are not looked at.
func (p program) fault(words []string) string {
	if len(words) >= 3 && words[0] == "go" && words[1] == "run" {
		words = words[2:]
	}
	switch words[0] {
	case "make":
		for _, word := range words[1:] {
			if !strings.HasPrefix(word, "-") && !strings.Contains(word, "=") && !slices.Contains(p.targets, word) {
				return fmt.Sprintf("make has no target %q", word)
			}
		}
	case "observatoire", "./observatoire", "./cmd/observatoire":
		if len(words) == 1 {
			return ""
		}
		return p.commandFault(words[1], words[2:])
	}
	return ""
}

func (p program) commandFault(name string, words []string) string {
	c, ok := p.commands[name]
	if !ok {
		return fmt.Sprintf("observatoire has no command %q", name)
	}
	arguments := 0
	for i := 0; i < len(words); i++ {
		if !flagged.MatchString(words[i]) {
			if words[i] != "…" {
				arguments++
			}
			continue
		}
		flag, _, assigned := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
		if !c.flags[flag] {
			return fmt.Sprintf("observatoire %s has no flag -%s", name, flag)
		}
		// A value follows, unless the flag is a truth value as -json is.
		if !assigned && flag != "json" && flag != "help" && i+1 < len(words) && !flagged.MatchString(words[i+1]) {
			i++
		}
	}
	if arguments > c.arguments {
		return fmt.Sprintf("observatoire %s takes %d arguments, not %d", name, c.arguments, arguments)
	}
	return ""
}

// The commands in the shell blocks and in the text of every document exist.
func TestCommandsInDocuments(t *testing.T) {
	p := programOf(t)
	for _, name := range documents(t) {
		document := read(t, name)
		for _, b := range blocks(document, "sh", "shell", "bash", "console") {
			for _, words := range typed(b.text) {
				if fault := p.fault(words); fault != "" {
					t.Errorf("%s: block at line %d: %s: %s", name, b.line, strings.Join(words, " "), fault)
				}
			}
		}
		for _, span := range spans(document) {
			if strings.HasPrefix(span, "make ") || strings.HasPrefix(span, "observatoire ") {
				for _, words := range typed(span) {
					if fault := p.fault(words); fault != "" {
						t.Errorf("%s: `%s`: %s", name, span, fault)
					}
				}
			}
		}
	}
}

// A newcomer needs two commands, and CI runs the second of them.
func TestTwoCommands(t *testing.T) {
	p := programOf(t)
	var first []string
	for _, b := range blocks(read(t, "README.md"), "sh", "shell", "bash", "console") {
		for _, words := range typed(b.text) {
			first = append(first, strings.Join(words, " "))
		}
	}
	if len(first) < 2 || first[0] != "make run" || first[1] != "make test" {
		t.Errorf("README.md: its commands are %q: want make run and make test first", first)
	}
	if !regexp.MustCompile(`(?m)^(exec )?make test$`).MatchString(read(t, ".ci/run")) {
		t.Error(".ci/run does not run make test")
	}
	for _, name := range []string{"serve", "demo", "check", "probe", "kinds", "version"} {
		if _, ok := p.commands[name]; !ok {
			t.Errorf("observatoire has no command %q", name)
		} else if !strings.Contains(read(t, "README.md"), "observatoire "+name) {
			t.Errorf("README.md does not mention observatoire %s", name)
		}
	}
	for _, flag := range []string{"config", "data", "listen"} {
		if !p.commands["serve"].flags[flag] {
			t.Errorf("observatoire serve has no flag -%s", flag)
		}
	}
}

func TestTyped(t *testing.T) {
	p := program{targets: []string{"run"}, commands: map[string]command{
		"serve": {flags: map[string]bool{"config": true}},
		"probe": {arguments: 1, flags: map[string]bool{"config": true, "json": true}},
	}}
	tests := map[string]string{ // shell, and what is wrong with its last command
		"make run # or make nothing":                       "",
		"make -j2 run GO=go":                               "",
		"cd x && make all":                                 `make has no target "all"`,
		"$ X=1 ./observatoire serve -config=x":             "",
		"observatoire serve -config x \\\n -verbose":       "observatoire serve has no flag -verbose",
		"observatoire serve # -config x; --loud is louder": "observatoire serve has no flag -loud",
		"go run ./cmd/observatoire start":                  `observatoire has no command "start"`,
		"observatoire probe -json a/b -config x | jq .":    "",
		"observatoire probe -json a/b c/d":                 "observatoire probe takes 1 arguments, not 2",
		"observatoire serve > out.log 2>&1 &":              "",
		"curl http://127.0.0.1:8080/api/v1/services":       "",
		"observatoire":                                     "",
	}
	for shell, want := range tests {
		t.Run(shell, func(t *testing.T) {
			got := ""
			for _, words := range typed(shell) {
				if words[0] != "jq" {
					got = p.fault(words)
				}
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// documents returns the documents of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	all := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			all = append(all, strings.TrimPrefix(path, root+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
