package dashboard

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// each calls visit with every text and the path to it.
func each(v reflect.Value, path string, visit func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		visit(path, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			each(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			each(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			each(v.MapIndex(key), fmt.Sprintf("%s[%v]", path, key), visit)
		}
	}
}

func flat(t *texts) map[string]string {
	all := map[string]string{}
	each(reflect.ValueOf(*t), "", func(path, text string) { all[path] = text })
	return all
}

// Both languages have every text, with the same places for values.
func TestTextsAreComplete(t *testing.T) {
	fr, en := flat(french()), flat(english())
	// What only one part of a structure needs.
	optional := regexp.MustCompile(`^\.Methodology\.Sections\[\d+\]\.Formula$`)
	place := regexp.MustCompile(`\{\d\}`)
	for path, text := range fr {
		other, there := en[path]
		if !there {
			t.Errorf("English has no %s", path)
		}
		if optional.MatchString(path) {
			if (text == "") != (other == "") {
				t.Errorf("%s is empty in one language", path)
			}
			continue
		}
		if text == "" || other == "" {
			t.Errorf("%s is empty", path)
		}
		a, b := place.FindAllString(text, -1), place.FindAllString(other, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s has places %v and %v", path, a, b)
		}
	}
	for path := range en {
		if _, there := fr[path]; !there {
			t.Errorf("French has no %s", path)
		}
	}
}

// The anchors of the methodology are the same, so that a link survives a change of language.
func TestSectionsHaveTheSameAnchors(t *testing.T) {
	fr, en := french().Methodology.Sections, english().Methodology.Sections
	for i := range fr {
		if fr[i].ID != en[i].ID {
			t.Errorf("section %d: %q and %q", i, fr[i].ID, en[i].ID)
		}
	}
}

// Every value that the other packages can hand over has a word in both languages.
func TestEveryValueHasWords(t *testing.T) {
	for _, l := range languages() {
		for c := probes.ErrorClass(0); !regexp.MustCompile(`^\d+$`).MatchString(c.String()); c++ {
			if l.Causes[c] == "" {
				t.Errorf("%s: no words for the cause %s", l.code, c)
			}
		}
		for s := observatory.Unknown; s <= observatory.Maintenance; s++ {
			if l.States[s.String()].Name == "" {
				t.Errorf("%s: no words for the state %s", l.code, s)
			}
		}
		for o := probes.Unknown; o <= probes.Down; o++ {
			if l.States[o.String()].Name == "" {
				t.Errorf("%s: no words for the outcome %s", l.code, o)
			}
		}
		for _, i := range []slo.Indicator{slo.Availability, slo.ServerTime, slo.PageTime, slo.Freshness} {
			if l.Indicators[i].Name == "" {
				t.Errorf("%s: no words for the indicator %s", l.code, i)
			}
		}
		for _, a := range []catalogue.Access{catalogue.Open, catalogue.Account, catalogue.Restricted} {
			if l.texts.Access[a] == "" {
				t.Errorf("%s: no words for access %s", l.code, a)
			}
		}
		for m := storage.Redirect; m <= storage.Transfer; m++ {
			if l.Phases[m] == "" {
				t.Errorf("%s: no words for phase %d", l.code, m)
			}
		}
		for _, text := range []string{"1/s", "1/min", "1/h", "1/d"} {
			var r catalogue.Rate
			if err := r.UnmarshalText([]byte(text)); err != nil {
				t.Fatal(err)
			}
			if l.texts.Service.Rates[r.Per] == "" {
				t.Errorf("%s: no words for the rate %s", l.code, text)
			}
		}
	}
}

func TestFrenchTypography(t *testing.T) {
	for from, want := range map[string]string{
		"Quoi ? Oui : « tout » ; 99,9 % !": "Quoi\u202f? Oui\u00a0: «\u00a0tout\u00a0»\u202f; 99,9\u202f%\u202f!",
		"moins de 1 012 ms":                "moins de 1\u202f012\u00a0ms",
		"l'API":                            "l’API",
		"le n° 976/2009":                   "le n\u00b0\u00a0976/2009",
	} {
		if got := frenchSpaces(from); got != want {
			t.Errorf("%q becomes %+q, want %+q", from, got, want)
		}
	}
	for path, text := range flat(languages()[0].texts) {
		if strings.Contains(text, "'") {
			t.Errorf("%s: straight apostrophe in %q", path, text)
		}
	}
}
