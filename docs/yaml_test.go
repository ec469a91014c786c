package docs_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"observatoire/catalogue"
	"observatoire/config"
)

// The catalogue loads, and is as large as it is said to be.
func TestProbesYAML(t *testing.T) {
	cfg, err := config.Load(filepath.Join(root, "probes.yaml"), engines())
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]bool{}
	for _, api := range cfg.Catalogue.APIs {
		open[api.ID] = api.Access == catalogue.Open
	}
	ofOpen, targets := 0, ""
	for _, j := range cfg.Jobs {
		if open[j.Watched.Service] {
			ofOpen++
		}
		targets += j.Watched.Target + "\n"
	}
	if ofOpen < 40 {
		t.Errorf("%d probes of open APIs: want 40 at least", ofOpen)
	}
	if n := len(cfg.Catalogue.Demarches); n < 40 {
		t.Errorf("%d démarches: want 40 at least", n)
	}
	for _, host := range []string{"entreprise.api.gouv.fr", "particulier.api.gouv.fr"} {
		if !strings.Contains(targets, host+"/") || !regexp.MustCompile(regexp.QuoteMeta(host)+`/\S*ping`).MatchString(targets) {
			t.Errorf("no probe of the ping routes of %s", host)
		}
	}
}

// Every configuration that the README shows loads: a whole one as it is, a part
// with the least that makes it whole.
func TestREADMEConfigurations(t *testing.T) {
	shown := blocks(read(t, "README.md"), "yaml", "yml")
	if len(shown) == 0 {
		t.Fatal("README.md: no yaml block")
	}
	for _, b := range shown {
		text, ours, err := whole(secrets(t, b.text))
		if err == nil && !ours {
			continue // of another program
		}
		t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := config.Read("README.md", strings.NewReader(text), engines()); err != nil {
				t.Errorf("%v\nin\n%s", err, text)
			}
		})
	}
}

// What makes a part whole hides no fault of it.
func TestWhole(t *testing.T) {
	tests := map[string]struct {
		text  string
		ours  bool
		fault string
	}{
		"settings alone":    {"storage: {retention: {raw: 90d}}", true, ""},
		"APIs alone":        {"apis: [{id: a, name: A, producer: p, access: open, probes: [{name: x, every: 5m, http: {url: 'http://a.example'}}]}]", true, ""},
		"démarches alone":   {"demarches: [{id: d, name: D, producer: p, url: 'https://d.example', depends_on: [a, {api: b}]}]", true, ""},
		"further producers": {"producers: [{id: q, name: Q}]\ndemarches: [{id: d, name: D, producer: p, url: 'https://d.example'}]", true, ""},
		"whole":             {"site: {contact: c@example.org}\ndemarches: [{id: d, name: D, producer: p, url: 'https://d.example'}]", true, "producer"},
		"unknown key":       {"storage: {retentions: {raw: 90d}}", true, "retentions"},
		"unknown kind":      {"alerts: {channels: [{name: x, pigeon: {}}]}", true, "pigeon"},
		"no such level":     {"demarches: [{id: d, name: D, producer: p, url: 'https://d.example', profile: best}]", true, "best"},
		"unknown section":   {"storrage: {}", false, "none of the keys"},
		"no section":        {"- status: [200]", false, "none of the keys"},
		"of another":        {"scrape_configs: []", false, ""},
		"not YAML":          {"a: [", false, "yaml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text, ours, err := whole(test.text)
			if ours != test.ours {
				t.Errorf("ours: got %v, want %v", ours, test.ours)
			}
			if ours {
				_, err = config.Read("x.yaml", strings.NewReader(text), engines())
			}
			if got := fmt.Sprint(err); test.fault == "" && err != nil || test.fault != "" && !strings.Contains(got, test.fault) {
				t.Errorf("got %v, want a fault with %q", err, test.fault)
			}
		})
	}
}

var reference = regexp.MustCompile(`\$\{(env|file):([^}]+)\}`)

// secrets gives the secrets that a configuration refers to, and returns it with
// files that exist.
func secrets(t *testing.T, text string) string {
	return reference.ReplaceAllStringFunc(text, func(whole string) string {
		m := reference.FindStringSubmatch(whole)
		const value = "https://secret.example/hook" // also where an address is wanted
		if m[1] == "env" {
			t.Setenv(m[2], value)
			return whole
		}
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return "${file:" + file + "}"
	})
}

// whole returns a configuration with what it needs to be one: a site, something
// to watch, and the producers and APIs that it names and does not list. ours is
// false for the configuration of another program.
func whole(text string) (made string, ours bool, err error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(strings.NewReader(text)).Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return "", false, errors.New("none of the keys of a configuration")
	}
	top := doc.Content[0]
	if valueOf(top, "scrape_configs") != nil { // prometheus.yml
		return "", false, nil
	}
	if !slices.ContainsFunc(sections(), func(key string) bool { return valueOf(top, key) != nil }) {
		return "", false, fmt.Errorf("none of the keys of a configuration, which are %s", strings.Join(sections(), ", "))
	}
	if valueOf(top, "site") != nil && (valueOf(top, "apis") != nil || valueOf(top, "demarches") != nil) {
		return text, true, nil // it is whole, and its lines are those of the document
	}
	ensure := func(key, value string) {
		if valueOf(top, key) == nil {
			top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, node(value))
		}
	}
	ensure("site", "{contact: someone@example.org}")
	needed := missing(named(valueOf(top, "demarches"), "depends_on"), valueOf(top, "apis"))
	if valueOf(top, "apis") == nil && valueOf(top, "demarches") == nil {
		needed = []string{"something"}
	}
	for _, id := range needed {
		ensure("apis", "[]")
		apis := valueOf(top, "apis")
		apis.Content = append(apis.Content, node(fmt.Sprintf(
			"{id: %s, name: x, producer: someone, access: open, probes: [{name: x, every: 5m, http: {url: 'http://x.example'}}]}", id)))
	}
	producers := slices.Concat(named(valueOf(top, "apis"), "producer"), named(valueOf(top, "demarches"), "producer"))
	for _, id := range missing(producers, valueOf(top, "producers")) {
		ensure("producers", "[]")
		list := valueOf(top, "producers")
		list.Content = append(list.Content, node(fmt.Sprintf("{id: %s, name: x}", id)))
	}
	out, err := yaml.Marshal(&doc)
	return string(out), true, err
}

// sections returns the keys of a configuration.
func sections() []string {
	var keys []string
	for _, kind := range config.Reference(engines()) {
		if kind.Family == "section" && kind.Name == "file" {
			for _, s := range kind.Settings {
				keys = append(keys, s.Name)
			}
		}
	}
	return keys
}

func node(text string) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		panic(err) // the texts are ours
	}
	return doc.Content[0]
}

// valueOf returns the value of a key of a mapping, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// named returns the ids that a key of the entries of a list names, one or a list.
func named(entries *yaml.Node, key string) []string {
	var ids []string
	if entries == nil {
		return nil
	}
	for _, entry := range entries.Content {
		value := valueOf(entry, key)
		if value == nil {
			continue
		}
		for _, v := range append([]*yaml.Node{value}, value.Content...) {
			if api := valueOf(v, "api"); api != nil {
				v = api
			}
			if v.Kind == yaml.ScalarNode {
				ids = append(ids, v.Value)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// missing returns the ids that no entry of a list has.
func missing(ids []string, entries *yaml.Node) []string {
	var listed []string
	if entries != nil {
		for _, entry := range entries.Content {
			if id := valueOf(entry, "id"); id != nil {
				listed = append(listed, id.Value)
			}
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(listed, id) })
}
