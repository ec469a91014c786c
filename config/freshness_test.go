package config_test

import (
	"strings"
	"testing"
	"time"

	"observatoire/config"
)

// friday is a date that limits are tried on.
var friday = time.Date(2026, time.August, 21, 15, 0, 0, 0, time.UTC)

func TestReadFreshness(t *testing.T) {
	const dated = "apis:\n  - {id: a, name: A, producer: p, access: open, probes: [{name: x, every: 5m, http: {url: \"https://a.example/\"}, freshness: FRESHNESS}]}\n"
	const rest = "site: {title: T, operator: O, contact: a@b.example}\nproducers: [{id: p, name: P}]\n"
	for written, want := range map[string]string{ // until when data of Friday counts as fresh; a fault; empty: not judged
		`{header: Date}`:                  "",
		`{xml: "//date", max_age: 1d12h}`: "2026-08-23T03:00:00Z",
		`{csv: {column: maj, separator: ";"}, pick: first, frequency: daily}`: "2026-08-23T15:00:00Z",
		`{feed: true, frequency: irregular}`:                                  "",
		`{changed: true, json: $.data, working_days: 2}`:                      "2026-08-25T22:00:00Z",
		`{json: $.date, working_days: 1, alsace_moselle: true}`:               "2026-08-24T22:00:00Z",
		`{csv: {separator: ";"}}`:                                             `freshness: csv: column: required`,
		`{csv: {column: a, separator: ";;"}}`:                                 `freshness: csv: separator: ";;": want one character, and no quote`,
		`{header: Date, frequency: dayly}`:                                    `freshness: frequency: unknown word "dayly"`,
		`{header: Date, frequency: daily, max_age: 1d}`:                       `freshness: frequency: not together with max_age`,
		`{header: Date, working_days: 1.5}`:                                   `freshness: working_days: "1.5": want a whole number`,
	} {
		t.Run(written, func(t *testing.T) {
			c, err := config.Read("probes.yaml", strings.NewReader(rest+strings.Replace(dated, "FRESHNESS", written, 1)), engines())
			if err != nil {
				if want == "" || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %q", err, want)
				}
				return
			}
			watched := c.Jobs[0].Watched
			got := ""
			if due, judged := watched.Limit.Due(friday); judged {
				got = due.UTC().Format(time.RFC3339)
			}
			if got != want || !watched.Dated {
				t.Errorf("due %q, want %q", got, want)
			}
		})
	}
}

func TestADatasetIsDatedByItself(t *testing.T) {
	c := read(t, `
site: {contact: test@example.fr}
producers: [{id: dinum, name: DINUM}]
apis:
  - {id: sirene, name: Sirene, producer: dinum, access: open, probes: [{name: base, every: 1h, dataset: {id: base-sirene}}]}
`)
	if w := c.Jobs[0].Watched; !w.Dated || w.Limit != nil {
		t.Errorf("watched %+v", w)
	}
}
