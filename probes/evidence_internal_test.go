package probes

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func FuzzExcerpt(f *testing.F) {
	for _, body := range []string{"", "plain", "a\xffb\x00\u202e", `{"api_key": "abc\"def`, "token=abcdefgh&x=1", "Bearer abcdefgh", "eyJhbGciOi.eyJzdWIi.x", strings.Repeat("é", 3000)} {
		f.Add(body, "hush-hush", true)
	}
	f.Fuzz(func(t *testing.T, body, secret string, cut bool) {
		e := &Evidence{Body: body[:min(len(body), evidenceWindow)], BodyCut: cut}
		var secrets []string
		if len(secret) >= 4 && !strings.Contains(redacted, secret) {
			secrets = []string{secret}
		}
		e.excerpt(secrets)
		if len(e.Body) > MaxEvidence || !utf8.ValidString(e.Body) {
			t.Errorf("%d bytes: %q", len(e.Body), e.Body)
		}
		for _, r := range e.Body {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf)) {
				t.Errorf("holds %q", r)
			}
		}
	})
}
