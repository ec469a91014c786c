package probes

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const redacted = "***"

// tidy makes a text fit to be shown: without the secrets, valid UTF-8 in one
// line without control or formatting characters, at most MaxDetail bytes.
func tidy(text string, secrets []string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, redacted)
	}
	var b strings.Builder
	space := false
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r) // an invalid byte is read as U+FFFD
		if b.Len() > MaxDetail {
			return shorten(b.String(), MaxDetail)
		}
	}
	return b.String()
}

// shorten cuts a valid text to at most limit bytes, between two characters.
func shorten(text string, limit int) string {
	const ellipsis = "…"
	if len(text) <= limit {
		return text
	}
	cut := limit - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + ellipsis
}

// redact returns the URL for readers: without user and fragment, and without
// the values of parameters that look like secrets, or are named as such.
func redact(u *url.URL, named ...string) string {
	shown := *u
	shown.User, shown.Fragment, shown.RawFragment = nil, "", ""
	if shown.RawQuery != "" {
		var pairs []string
		for pair := range strings.SplitSeq(shown.RawQuery, "&") {
			if name, _, ok := strings.Cut(pair, "="); ok && secretName(name, named...) {
				pair = name + "=" + redacted
			}
			pairs = append(pairs, pair)
		}
		shown.RawQuery = strings.Join(pairs, "&")
	}
	return shown.String()
}

// secretName reports whether a parameter of that name holds a secret.
func secretName(name string, named ...string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	if name != "" && slices.Contains(named, name) {
		return true
	}
	name = strings.ToLower(name)
	switch name {
	case "auth", "authorization", "jwt", "pass", "pwd", "sid", "sig":
		return true
	}
	for _, part := range []string{"credential", "oauth", "passwd", "password", "secret", "session", "signature", "token"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return strings.HasSuffix(name, "key")
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
