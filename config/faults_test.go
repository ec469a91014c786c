package config_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"observatoire/config"
	"observatoire/probes"
	"observatoire/storage"
)

// good is a document without a fault; the cases below spoil it.
const good = `site: {contact: ops@observatoire.example}
producers: [{id: dinum, name: DINUM}]
apis:
  - id: api-geo
    name: API Géo
    producer: dinum
    access: open
    probes:
      - name: communes
        every: 5m
        http: {url: "https://geo.example/communes"}
        assert: [{status: [200]}]
demarches:
  - {id: carte, name: Carte, producer: dinum, url: https://carte.example}
`

const probe = `apis "api-geo": probe "communes": `

func TestReadFaults(t *testing.T) {
	t.Setenv("OPS_WEBHOOK", "ftp://hunter2.example")
	cases := map[string]struct {
		old, new string // replaced in good; with an empty old, new is appended
		want     []string
	}{
		"unknown key": {"    access: open", "    acess: open", []string{
			`4: apis "api-geo": access: required`,
			`7: apis "api-geo": unknown key "acess" (did you mean "access"?); known keys are access, commitment, documentation, id, maintenance, name, openapi, probes, producer, profile, rate_limit, status_page`,
		}},
		"unknown section":      {"", "storge: {}", []string{`15: unknown key "storge" (did you mean "storage"?); known keys are alerts, apis, demarches, network, producers, profiles, site, storage`}},
		"unknown far away":     {"", "zzz: 1", []string{`15: unknown key "zzz"; known keys are alerts, apis, demarches, network, producers, profiles, site, storage`}},
		"duplicate key":        {"    access: open", "    access: open\n    access: account", []string{`8: apis "api-geo": duplicate key "access", first on line 7`}},
		"key that is a list":   {"    access: open", "    access: open\n    ? [a]\n    : b", []string{`8: apis "api-geo": a key must be a text`}},
		"merge key":            {"    access: open", "    access: open\n    <<: {profile: x}", []string{`8: apis "api-geo": merge keys (<<) are not supported: write the keys, or an alias (*name) for a whole value`}},
		"missing":              {`{url: "https://geo.example/communes"}`, "{}", []string{`11: ` + probe + `http: url: required`}},
		"empty":                {"    name: API Géo", "    name:", []string{`4: apis "api-geo": name: required`}},
		"empty text":           {"    name: API Géo", `    name: ""`, []string{`4: apis "api-geo": name: required`}},
		"nameless":             {"      - name: communes", "      - timeout: 5s", []string{`9: apis "api-geo": probe #1: name: required`}},
		"empty entry":          {"assert: [{status: [200]}]", "assert: [null]", []string{`12: ` + probe + `assert #1: an entry must not be empty`}},
		"text for a mapping":   {`{url: "https://geo.example/communes"}`, "https://geo.example", []string{`11: ` + probe + `http: want a mapping, got a text`}},
		"list for a mapping":   {"site: {contact: ops@observatoire.example}", "site: [a]", []string{`1: site: want a mapping, got a list`}},
		"mapping for a list":   {"producers: [{id: dinum, name: DINUM}]", "producers: {id: dinum}", []string{`2: producers: want a list, got a mapping`, `6: apis "api-geo": producer: unknown producer "dinum"`, `14: demarches "carte": producer: unknown producer "dinum"`}},
		"mapping for a text":   {"    name: API Géo", "    name: {a: b}", []string{`5: apis "api-geo": name: want a text, got a mapping`}},
		"text for a number":    {"[{status: [200]}]", "[{status: [200, OK]}]", []string{`12: ` + probe + `assert #1: status #2: "OK": want a whole number`}},
		"quoted number":        {"[{status: [200]}]", `[{status: ["200"]}]`, []string{`12: ` + probe + `assert #1: status #1: "200": want a whole number`}},
		"number too large":     {"[{status: [200]}]", `[{status: [99999999999999999999]}]`, []string{`12: ` + probe + `assert #1: status #1: "99999999999999999999": want a whole number`}},
		"status out of range":  {"[{status: [200]}]", `[{status: [20]}]`, []string{`12: ` + probe + `assert #1: status: [0]: 20 is not a status: want 100 to 599`}},
		"number for a list":    {"[{status: [200]}]", `[{status: 200}]`, []string{`12: ` + probe + `assert #1: status: want a list, got a number`}},
		"text for a truth":     {"[{status: [200]}]", `[{status: [200], critical: yes}]`, []string{`12: ` + probe + `assert #1: critical: "yes": want true or false`}},
		"not a number":         {"[{status: [200]}]", `[{json: {path: $.a, min: .nan}}]`, []string{`12: ` + probe + `assert #1: json: min: ".nan": want a number`}},
		"own tag":              {"    name: API Géo", "    name: !secret x", []string{`5: apis "api-geo": name: want a text, got a value tagged !secret`}},
		"unknown kind":         {`http: {url: "https://geo.example/communes"}`, "htpp: {}", []string{`11: ` + probe + `unknown key "htpp" (did you mean "http"?); known kinds are ` + strings.Join(probes.ProberKinds(), ", ")}},
		"no kind":              {"[{status: [200]}]", "[{critical: false}]", []string{`12: ` + probe + `assert #1: no assertion kind; known kinds are ` + strings.Join(probes.AssertionKinds(), ", ")}},
		"two kinds":            {"[{status: [200]}]", "[{status: [200], body: {contains: a}}]", []string{`12: ` + probe + `assert #1: both "status" and "body": want one assertion kind`}},
		"kind without value":   {"[{status: [200]}]", "[{json: }]", []string{`12: ` + probe + `assert #1: json: path: required`}},
		"kinds' own faults":    {`{url: "https://geo.example/communes"}`, "\n          url: ftp://x\n          max_redirects: 99", []string{`12: ` + probe + `http: url: must begin with http:// or https:// and be a valid address`, `13: ` + probe + `http: max_redirects: must be from 0 to 20`}},
		"path":                 {"[{status: [200]}]", `[{json: {path: "$["}}]`, nil},
		"freshness":            {"        assert:", "        freshness: {json: $.a, header: Date}\n        assert:", []string{`12: ` + probe + `freshness: header: not together with json`}},
		"freshness of nothing": {"        assert:", "        freshness: {max_age: 1d}\n        assert:", []string{`12: ` + probe + `freshness: json: required, or header, xml, csv, feed or changed instead`}},

		"id":                    {"id: api-geo", "id: API_Geo", []string{`4: apis "API_Geo": id: "API_Geo": want lower-case letters, digits and single hyphens, at most 64`}},
		"probe's name":          {"name: communes", "name: a/b", []string{`9: apis "api-geo": probe "a/b": name: "a/b": want lower-case letters, digits and single hyphens, at most 64`}},
		"duplicate id":          {"id: carte,", "id: api-geo,", []string{`14: demarches "api-geo": id: duplicate "api-geo", first on line 4`}},
		"duplicate producer":    {"name: DINUM}", "name: DINUM}, {id: dinum, name: Again}", []string{`2: producers "dinum": id: duplicate "dinum", first on line 2`}},
		"duplicate probe":       {"        assert: [{status: [200]}]", "      - {name: communes, every: 1h, http: {url: \"https://x.example\"}}", []string{`12: apis "api-geo": probe "communes": name: duplicate "communes", first on line 9`}},
		"unknown producer":      {"    producer: dinum", "    producer: dimun", []string{`6: apis "api-geo": producer: unknown producer "dimun" (did you mean "dinum"?)`}},
		"unknown profile":       {"    access: open", "    access: open\n    profile: dinum-apis", []string{`8: apis "api-geo": profile: unknown profile "dinum-apis" (did you mean "dinum-api"?); known profiles are dinum-api, inspire-discovery, inspire-download, inspire-view, vos-demarches-essentielles`}},
		"unknown API":           {"url: https://carte.example}", "url: https://carte.example, depends_on: [api-gee]}", []string{`14: demarches "carte": depends_on #1: unknown API "api-gee" (did you mean "api-geo"?)`}},
		"dependency on itself":  {"url: https://carte.example}", "url: https://carte.example, depends_on: [{api: carte}]}", []string{`14: demarches "carte": depends_on "carte": api: "carte" is a démarche: a démarche depends on APIs alone`}},
		"dependency twice":      {"url: https://carte.example}", "url: https://carte.example, depends_on: [api-geo, api-geo]}", []string{`14: demarches "carte": depends_on #2: duplicate API "api-geo", first on line 14`}},
		"access":                {"access: open", "access: free", []string{`7: apis "api-geo": access: "free" is not a kind of access: want open, account or restricted`}},
		"address":               {"    access: open", "    access: open\n    openapi: javascript:alert(1)", []string{`8: apis "api-geo": openapi: want an address that begins with https:// or http://`}},
		"password in address":   {"    access: open", "    access: open\n    openapi: https://me:hunter2@geo.example", []string{`8: apis "api-geo": openapi: an address must not hold a user or a password`}},
		"démarche's address":    {"url: https://carte.example}", "url: carte.example}", []string{`14: demarches "carte": url: want an address that begins with https:// or http://`}},
		"no probes":             {"    probes:\n      - name: communes\n        every: 5m\n        http: {url: \"https://geo.example/communes\"}\n        assert: [{status: [200]}]\n", "    probes: []\n", []string{`4: apis "api-geo": probes: required`}},
		"neither every nor":     {"        every: 5m\n", "", []string{`9: ` + probe + `every: required, or cron instead`}},
		"every and cron":        {"every: 5m", "every: 5m\n        cron: \"* * * * *\"", []string{`11: ` + probe + `cron: not together with every`}},
		"every":                 {"every: 5m", "every: 5", []string{`10: ` + probe + `every: "5" is not a duration: want a form such as 30s, 5m, 1h30m, 90d or 5y`}},
		"too often":             {"every: 5m", "every: 4s", []string{`10: ` + probe + `every: 4s: want a time from 5s to 1d`}},
		"too rarely":            {"every: 5m", "every: 2d", []string{`10: ` + probe + `every: 2d: want a time from 5s to 1d`}},
		"cron":                  {"every: 5m", `cron: "0 0 31 2 *"`, nil},
		"timeout":               {"every: 5m", "every: 5m\n        timeout: 61s", []string{`11: ` + probe + `timeout: 1m1s: want a time above 0, and at most 1m and the time between two runs`}},
		"timeout over period":   {"every: 5m", "every: 5s\n        timeout: 6s", []string{`11: ` + probe + `timeout: 6s: want a time above 0, and at most 1m and the time between two runs`}},
		"timeout zero":          {"every: 5m", "every: 5m\n        timeout: 0", []string{`11: ` + probe + `timeout: 0: want a time above 0, and at most 1m and the time between two runs`}},
		"rate":                  {"    access: open", "    access: open\n    rate_limit: 10/fortnight", []string{`8: apis "api-geo": rate_limit: "10/fortnight" is not a rate: want a form such as 10/s, 250/min, 100/h or 5000/d`}},
		"beyond the rate":       {"    access: open", "    access: open\n    rate_limit: 11/h", []string{`8: apis "api-geo": rate_limit: its probes make 288 requests a day, more than 50 % of 11/h (network: rate_share)`}},
		"commitment":            {"    access: open", "    access: open\n    commitment: {availability: 0, window: latest, source: them, seen: 21/08/2026}", []string{`8: apis "api-geo": commitment: availability: "0" is not a percentage: want a number above 0, at most 100`, `8: apis "api-geo": commitment: seen: "21/08/2026" is not a date: want the form 2026-08-21`, `8: apis "api-geo": commitment: source: want an address that begins with https:// or http://`, `8: apis "api-geo": commitment: window: want day, month, quarter or days from 2d to 400d`}},
		"commitment above":      {"    access: open", "    access: open\n    commitment: {availability: 101}", []string{`8: apis "api-geo": commitment: availability: "101" is not a percentage: want a number above 0, at most 100`, `8: apis "api-geo": commitment: seen: required`, `8: apis "api-geo": commitment: source: required`, `8: apis "api-geo": commitment: window: required`}},
		"maintenance of both":   {"    access: open", "    access: open\n    maintenance: [{daily: \"01:00-02:00\", from: 2026-12-24T22:00:00Z}]", []string{`8: apis "api-geo": maintenance #1: daily: not together with from and to`}},
		"maintenance of none":   {"    access: open", "    access: open\n    maintenance: [{source: Notice}]", []string{`8: apis "api-geo": maintenance #1: daily: required, or from and to instead`}},
		"maintenance half":      {"    access: open", "    access: open\n    maintenance: [{from: 2026-12-24T22:00:00Z}]", []string{`8: apis "api-geo": maintenance #1: to: required with from`}},
		"maintenance backwards": {"    access: open", "    access: open\n    maintenance: [{from: 2026-12-24T22:00:00Z, to: 2026-12-24T22:00:00Z}]", []string{`8: apis "api-geo": maintenance #1: to: must be after from`}},
		"maintenance's date":    {"    access: open", "    access: open\n    maintenance: [{from: 2026-12-24, to: 2026-12-24T22:00:00Z}]", []string{`8: apis "api-geo": maintenance #1: from: "2026-12-24": want a date and time such as 2026-08-21T22:00:00+02:00`}},
		"maintenance's span":    {"    access: open", "    access: open\n    maintenance: [{daily: 1-2}]", []string{`8: apis "api-geo": maintenance #1: daily: "1-2" is not a span of the day: want a form such as "01:00-02:00"`}},

		"contact missing":     {"site: {contact: ops@observatoire.example}", "site: {title: T}", []string{`1: site: contact: required`}},
		"site missing":        {"site: {contact: ops@observatoire.example}\n", "", []string{`1: site: required`}},
		"contact":             {"contact: ops@observatoire.example", `contact: "us) evil ("`, []string{`1: site: contact: "us) evil (": want a mail address or an address that begins with https://`}},
		"zone":                {"contact: ops@observatoire.example", "contact: ops@observatoire.example, zone: Europe/Pari", []string{`1: site: zone: unknown time zone "Europe/Pari": want an IANA name such as Europe/Paris`}},
		"zone of the machine": {"contact: ops@observatoire.example", "contact: ops@observatoire.example, zone: Local", []string{`1: site: zone: unknown time zone "Local": want an IANA name such as Europe/Paris`}},
		"language":            {"contact: ops@observatoire.example", "contact: ops@observatoire.example, language: de", []string{`1: site: language: "de": want fr or en`}},
		"site's address":      {"contact: ops@observatoire.example", "contact: ops@observatoire.example, url: /here", []string{`1: site: url: want an address that begins with https:// or http://`}},
		"reference targets":   {"", "network: {references: [www.data.gouv.fr]}", []string{`15: network: references #1: "www.data.gouv.fr" is not a target: want a form such as www.data.gouv.fr:443`}},
		"private ranges":      {"", "network: {allow_private: [10.0.0.0/8, 10.0.0.1]}", []string{`15: network: allow_private #2: "10.0.0.1": want a range of addresses such as 10.0.0.0/8`}},

		"profile": {"", "profiles:\n  mine:\n    objectives:\n      - {indicator: availability, optimal: \">= 99%\", window: 1y, source: Us}\n      - {indicator: server_time, optimal: \">= 99%\", window: 30d, source: Us}", []string{
			`18: profiles "mine": objectives "availability": window: "1y" is not a window: want day, month, quarter or days from 2d to 400d`,
			`19: profiles "mine": objectives "server_time": optimal: >= 99% does not suit server_time`,
		}},
		"profile's bands":     {"", "profiles: {mine: {objectives: [{indicator: availability, optimal: \">= 98%\", partial: \">= 99%\", window: 30d, source: Us}]}}", []string{`15: profiles "mine": objectives "availability": partial: >= 99% does not reach beyond optimal: >= 98%`}},
		"profile's indicator": {"", "profiles: {mine: {objectives: [{indicator: availability, optimal: \">= 98%\", window: 30d, source: Us}, {indicator: availability, optimal: \">= 98%\", window: 30d, source: Us}]}}", []string{`15: profiles "mine": objectives "availability": indicator: duplicate "availability", first on line 15`}},
		"profile's name":      {"", "profiles: {My Own: {objectives: [{indicator: availability, optimal: \">= 98%\", window: 30d, source: Us}]}}", []string{`15: profiles "My Own": want lower-case letters, digits and single hyphens as a name, at most 64`}},

		"secret missing":    {"", "alerts: {channels: [{name: ops, webhook: {url: \"${env:NO_SUCH_VARIABLE}\"}}]}", []string{`15: alerts: channel "ops": webhook: url: env NO_SUCH_VARIABLE is missing or empty`}},
		"secret's form":     {"", "alerts: {channels: [{name: ops, webhook: {url: \"${OPS_WEBHOOK}\"}}]}", []string{`15: alerts: channel "ops": webhook: url: want ${env:NAME} or ${file:PATH}`}},
		"secret's file":     {"", "alerts: {channels: [{name: ops, webhook: {url: \"${file:/nowhere/at/all}\"}}]}", []string{`15: alerts: channel "ops": webhook: url: open /nowhere/at/all: no such file or directory`}},
		"secret not shown":  {"", "alerts: {channels: [{name: ops, webhook: {url: \"${env:OPS_WEBHOOK}\"}}]}", nil},
		"duplicate channel": {"", "alerts: {channels: [{name: ops, webhook: {url: https://a.example}}, {name: ops, webhook: {url: https://a.example}}]}", []string{`15: alerts: channel "ops": name: duplicate "ops", first on line 15`}},
		"confirmations":     {"", "alerts: {confirmations: 0}", []string{`15: alerts: confirmations: 0: want a number from 1 to 10`}},
		"unknown engine":    {"", "storage: {postgres: {}}", []string{`15: storage: unknown key "postgres"; known kinds are sqlite`}},
		"engine's setting":  {"", "storage: {sqlite: {path: \"\"}}", []string{`15: storage: sqlite: path: required`}},
		"retention":         {"", "storage: {retention: {raw: -1d, rollups: 400y}}", []string{`15: storage: retention: raw: "-1d" is not a duration: want a form such as 30s, 5m, 1h30m, 90d or 5y`, `15: storage: retention: rollups: "400y" is not a duration: want a form such as 30s, 5m, 1h30m, 90d or 5y`}},

		"alias of itself":  {"[{status: [200]}]", "[{json: {path: $.a, equals: &a [*a]}}]", []string{`12: ` + probe + `assert #1: json: equals #1 #1: alias *a stands for a value that contains it`}},
		"several entries":  {"name: DINUM}]", "name: DINUM}, {id: x}, {name: y}, 7]", []string{`2: producers "x": name: required`, `2: producers "y": id: required`, `2: producers #4: want a mapping, got a number`}},
		"syntax far on":    {"  - {id: carte,", "  - id: a\n    name: A\n   url: b\n  - {id: carte,", []string{`16: did not find expected '-' indicator`}},
		"open bracket":     {"[{status: [200]}]", "[{status: [200]}", []string{`12: did not find expected ',' or ']'`}},
		"open quote":       {"name: API Géo", "name: 'API Géo", nil},
		"missing anchor":   {"    name: API Géo", "    name: *nom", []string{`5: unknown anchor 'nom' referenced`}},
		"syntax":           {"    name: API Géo", "   name: API Géo", []string{`5: did not find expected '-' indicator`}},
		"second document":  {"", "---\nsite: {}", []string{`15: several documents: want one`}},
		"broken second":    {"", "---\n{", nil},
		"a thousand marks": {"    name: API Géo", "    name: [" + strings.Repeat("[", 11000), nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text := good + c.new + "\n"
			if c.old != "" {
				text = strings.Replace(good, c.old, c.new, 1)
				if text == good {
					t.Fatal("the case changes nothing")
				}
			}
			_, err := config.Read("probes.yaml", strings.NewReader(text), engines())
			if err == nil {
				t.Fatal("no fault found")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is shown: %v", err)
			}
			if c.want == nil {
				t.Log(err)
				return
			}
			want := "probes.yaml:" + strings.Join(c.want, "\nprobes.yaml:")
			if got := err.Error(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestReadGood(t *testing.T) { read(t, good) }

// Faults can be taken one by one.
func TestFaults(t *testing.T) {
	_, err := config.Read("x.yaml", strings.NewReader("apis: 3\nsite: {}\n"), engines())
	faults, ok := errors.AsType[*config.Faults](err)
	if !ok || len(faults.List) != 2 || len(faults.Unwrap()) != 2 {
		t.Fatalf("got %v", err)
	}
	if f, ok := errors.AsType[config.Fault](err); !ok || f.File != "x.yaml" || f.Line != 1 || f.Path != "apis" {
		t.Errorf("first fault %+v", f)
	}
}

func TestReadRefuses(t *testing.T) {
	broken := errors.New("broken")
	cases := map[string]struct {
		reader io.Reader
		want   string
	}{
		"nothing":        {strings.NewReader(""), "p:1: empty: want at least site, and apis or demarches"},
		"comments":       {strings.NewReader("# a\n"), "p:1: empty: want at least site, and apis or demarches"},
		"null":           {strings.NewReader("~\n"), "p:1: empty: want at least site, and apis or demarches"},
		"a text":         {strings.NewReader("hello\n"), "p:1: want a mapping, got a text"},
		"only a site":    {strings.NewReader("site: {contact: a@b.example}\n"), "p:1: nothing is watched: want apis or demarches"},
		"control":        {strings.NewReader("a: \x01\n"), "p:1: control characters are not allowed"},
		"too large":      {strings.NewReader(strings.Repeat("#\n", 3<<20)), "p:1: larger than 4194304 bytes"},
		"unreadable":     {iotest.ErrReader(broken), "p: broken"},
		"alias bomb":     {strings.NewReader(bomb()), `aliases repeat more than 100000 values`},
		"late profiles":  {strings.NewReader("site: {contact: a@b.example}\nproducers: [" + strings.Repeat("{},", 600_000) + "]\nprofiles: {A B: {title: x}}\n"), "p:2: producers: more than 500000 values"},
		"bomb of values": {strings.NewReader("site: {contact: a@b.example}\nproducers: [" + strings.Repeat("{},", 600_000) + "]\n"), "p:2: producers: more than 500000 values"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Read("p", c.reader, engines())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %.300v, want %s", err, c.want)
			}
		})
	}
}

// bomb repeats a text ten thousand million times.
func bomb() string {
	var b strings.Builder
	b.WriteString("site: {contact: a@b.example}\nprofiles:\n")
	b.WriteString("  a0: &a0 {title: x, objectives: []}\n")
	fmt.Fprintf(&b, "apis: &b0 [{probes: [{assert: [{json: {path: $, in: &l0 [x, x]}}]}]}]\n")
	for i := range 10 {
		fmt.Fprintf(&b, "u%d: &l%d [%s]\n", i, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d,", i), 10), ","))
	}
	b.WriteString("demarches: [{probes: [{assert: [{json: {path: $, in: *l10}}]}]}]\n")
	return b.String()
}

func TestManyFaults(t *testing.T) {
	text := "site: {contact: a@b.example}\nproducers:\n" + strings.Repeat("  - {}\n", 3000)
	_, err := config.Read("p", strings.NewReader(text), engines())
	faults, ok := errors.AsType[*config.Faults](err)
	if !ok || len(faults.List) != 1000 || faults.LeftOut != 5001 || !strings.HasSuffix(err.Error(), "and 5001 more faults") {
		t.Errorf("got %d faults and %d more", len(faults.List), faults.LeftOut)
	}
}

func TestSeveralEngines(t *testing.T) {
	two := engines()
	two["other"] = func() storage.Opener { return &drawer{} }
	_, err := config.Read("p", strings.NewReader(good), two)
	if want := "p:1: storage: no engine kind; known kinds are other, sqlite"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := config.Read("p", strings.NewReader(good+"storage: {other: {path: x}}\n"), two); err != nil {
		t.Error(err)
	}
}
