package probes

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// secretPairs are values under a name that says what they are, in JSON, in a
	// form, in a header and in a page.
	secretPairs = regexp.MustCompile(`(?i)([\w-]*(?:token|secret|passw(?:or)?d|jwt|session|signature|credential|api[_-]?key|authorization)[\w-]*["']?\s*[:=]\s*|\bbearer\s+)` +
		`(?:(?:bearer|basic)\s+)?("(?:[^"\\]|\\.)*"?|'[^']*'?|[\w.~+/%-]{6,}=*)`)
	// webTokens are JSON web tokens.
	webTokens = regexp.MustCompile(`eyJ[\w-]{8,}\.[\w-]*\.?[\w-]*`)
)

// withoutCredentials blanks what looks like a credential, whoever's it is.
func withoutCredentials(text string) string {
	if low := strings.ToLower(text); slices.ContainsFunc(secretWords[:], func(w string) bool { return strings.Contains(low, w) }) {
		text = secretPairs.ReplaceAllString(text, "${1}"+redacted)
	}
	return webTokens.ReplaceAllString(text, redacted)
}

// secretWords are the words without one of which secretPairs finds nothing: to
// look for them takes a hundredth of its time.
var secretWords = [...]string{
	"token", "secret", "passw", "jwt", "session", "signature", "credential", "apikey", "api_key", "api-key", "authorization", "bearer",
}

// printable returns valid UTF-8 without control and formatting characters but
// line breaks and tabs, and how many characters were not text.
func printable(text string) (string, int) {
	var b strings.Builder
	odd := 0
	for i, r := range text {
		switch {
		case r == '\n' || r == '\t':
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			odd++
		case r == '\r':
			continue
		case unicode.IsControl(r):
			odd++
			continue
		case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			continue
		}
		b.WriteRune(r)
	}
	return b.String(), odd
}
