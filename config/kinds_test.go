package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"observatoire/alerts"
	"observatoire/config"
	"observatoire/probes"
)

// kinds returns one value of each kind, by family and name.
func kinds(t *testing.T) map[string]any {
	all := make(map[string]any)
	add := func(family, name string, settings any, ok bool) {
		if !ok {
			t.Errorf("%s %s is listed but cannot be made", family, name)
		}
		all[family+" "+name] = settings
	}
	for _, name := range probes.ProberKinds() {
		made, ok := probes.NewProber(name)
		add("probe", name, made, ok)
	}
	for _, name := range probes.AssertionKinds() {
		made, ok := probes.NewAssertion(name)
		add("assertion", name, made, ok)
	}
	for _, name := range alerts.ChannelKinds() {
		made, ok := alerts.NewChannel(name)
		add("channel", name, made, ok)
	}
	return all
}

// The exported fields of a kind are its settings: each has a key and says what it is for.
func TestKindsTellTheirSettings(t *testing.T) {
	for name, settings := range kinds(t) {
		v := reflect.ValueOf(settings)
		if v.Kind() != reflect.Pointer {
			t.Errorf("%s: is no pointer, so it cannot be configured", name)
			continue
		}
		if v.Elem().Kind() != reflect.Struct {
			continue
		}
		for f := range v.Elem().Type().Fields() {
			if !f.IsExported() {
				continue
			}
			if f.Tag.Get("yaml") == "" || f.Tag.Get("doc") == "" {
				t.Errorf("%s: %s: has no yaml or no doc tag", name, f.Name)
			}
		}
	}
}

// No kind may be named like a key that stands beside it.
func TestKindsDoNotHideKeys(t *testing.T) {
	beside := map[string][]string{
		"probe":     {"name", "every", "cron", "timeout", "assert", "freshness"},
		"assertion": {"critical", "conclusive"},
		"channel":   {"name"},
		"engine":    {"retention"},
	}
	for name := range kinds(t) {
		family, kind, _ := strings.Cut(name, " ")
		if slices.Contains(beside[family], kind) {
			t.Errorf("%s: the name is a key already", name)
		}
	}
}

func TestReference(t *testing.T) {
	got := make(map[string]config.Kind)
	for _, k := range config.Reference(engines()) {
		if k.Type == "" {
			t.Errorf("%s %s has no type", k.Family, k.Name)
		}
		got[k.Family+" "+k.Name] = k
	}
	for name := range kinds(t) {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	cases := map[string]config.Setting{
		"engine sqlite/path":       {Name: "path", Type: "text", Default: "observatoire.db", Required: true, Doc: "where it would keep it"},
		"section retention/raw":    {Name: "raw", Type: "duration", Default: "90d", Doc: "single results"},
		"section assert/critical":  {Name: "critical", Type: "true or false", Default: "true", Doc: "failing means down; otherwise degraded"},
		"section storage/sqlite":   {},
		"probe http/max_body":      {Name: "max_body", Type: "bytes", Default: "1MB"},
		"channel webhook/url":      {Name: "url", Type: "secret", Required: true},
		"section file/apis":        {Name: "apis", Type: "list of mappings"},
		"section probes/every":     {Name: "every", Type: "duration"},
		"section apis/producer":    {Name: "producer", Type: "text", Required: true, Doc: "id of a producer"},
		"assertion json/equals":    {Name: "equals", Type: "value"},
		"section depends_on/api":   {Name: "api", Type: "text", Required: true},
		"section profiles/title":   {Name: "title", Type: "text"},
		"section objectives/limit": {},
	}
	for name, want := range cases {
		kind, key, _ := strings.Cut(name, "/")
		settings := got[kind].Settings
		i := slices.IndexFunc(settings, func(s config.Setting) bool { return s.Name == key })
		if i < 0 {
			if want.Name != "" {
				t.Errorf("%s is missing", name)
			}
			continue
		}
		found := settings[i]
		if want.Doc == "" && found.Doc != "" {
			found.Doc = "" // the kind's own words
		}
		if found != want {
			t.Errorf("%s: %+v, want %+v", name, settings[i], want)
		}
	}
	if status := got["assertion status"]; status.Type != "list of whole numbers" || status.Settings != nil {
		t.Errorf("assertion status: %+v", status)
	}
}

// What the reference names is what is read: nothing else is taken.
func TestReferenceIsRead(t *testing.T) {
	for _, k := range config.Reference(engines()) {
		if k.Family != "assertion" || k.Type != "mapping" {
			continue
		}
		var entry strings.Builder
		entry.WriteString(k.Name + ": {")
		for _, s := range k.Settings {
			entry.WriteString(s.Name + ": [[]], ")
		}
		text := strings.Replace(good, "status: [200]", entry.String()+"}", 1)
		_, err := config.Read("p", strings.NewReader(text), engines())
		if err != nil && strings.Contains(err.Error(), "unknown key") {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
}
