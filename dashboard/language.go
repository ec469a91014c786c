package dashboard

import (
	"reflect"
	"regexp"
	"strings"
)

// language is one of the site's languages: its texts and how it writes figures.
type language struct {
	*texts
	code   string // "fr"
	prefix string // of its addresses: "" or "/en"
	marks  marks
}

// marks are how a language writes figures.
type marks struct {
	decimal  string // between units and tenths
	thousand string // between groups of three digits
	percent  string // after a percentage, with its space
}

const narrow = "\u202f" // the narrow no-break space
const fixed = "\u00a0"  // the no-break space

// languages returns the site's languages, French first.
func languages() []*language {
	fr, en := french(), english()
	typeset(reflect.ValueOf(fr).Elem(), frenchSpaces)
	typeset(reflect.ValueOf(en).Elem(), englishSpaces)
	return []*language{
		{fr, "fr", "", marks{",", narrow, narrow + "%"}},
		{en, "en", "/en", marks{".", ",", "%"}},
	}
}

// typeset applies the rules of typography to every text, so that those who
// write texts need no invisible characters.
func typeset(v reflect.Value, rule func(string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(rule(v.String()))
	case reflect.Struct:
		for _, field := range v.Fields() {
			typeset(field, rule)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			typeset(v.Index(i), rule)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			changed := reflect.New(v.Type().Elem()).Elem()
			changed.Set(v.MapIndex(key))
			typeset(changed, rule)
			v.SetMapIndex(key, changed)
		}
	}
}

var (
	unitAfter  = regexp.MustCompile(`(\d) (ms|s|min|h|j|d|kB|jours|days|mois|months)\b`)
	groupAfter = regexp.MustCompile(`(\d) (\d{3})\b`)
)

var frenchPunctuation = strings.NewReplacer(
	" :", fixed+":", " ;", narrow+";", " !", narrow+"!", " ?", narrow+"?", " %", narrow+"%",
	"« ", "«"+fixed, " »", fixed+"»", " °", narrow+"°", "n° ", "n°"+fixed, "'", "’",
	"≥ ", "≥"+fixed, "≤ ", "≤"+fixed, "< ", "<"+fixed,
)

var englishPunctuation = strings.NewReplacer("'", "’", "≥ ", "≥"+fixed, "≤ ", "≤"+fixed, "< ", "<"+fixed)

func frenchSpaces(s string) string {
	return groupAfter.ReplaceAllString(units(frenchPunctuation.Replace(s)), "$1"+narrow+"$2")
}

func englishSpaces(s string) string { return units(englishPunctuation.Replace(s)) }

func units(s string) string { return unitAfter.ReplaceAllString(s, "$1"+fixed+"$2") }

// typeset applies the rules of French typography to what the catalogue says in
// French, in whatever language the page is.
func (l *language) typeset(s string) string { return frenchSpaces(s) }
