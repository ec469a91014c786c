package probes

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxRetryAfter    = time.Hour // the longest that a service may ask to be left alone
	maxRetryHeader   = 1 << 10   // bytes that are read of such a header
	epochFrom        = 1e9       // a reset from here on is a Unix time, below it seconds from now
	retryAfterHeader = "Retry-After"
)

// retryAfter returns how long the service asks to be left alone; zero when it
// does not. Only the statuses that refuse for now (429, 503) ask so. What is
// asked in vain, for the past or beyond reading, is not asked.
func retryAfter(status int, header http.Header, now time.Time) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date // dates of one answer are by one clock, theirs
	}
	if d := secondsOrDate(header.Get(retryAfterHeader), now); d > 0 {
		return d
	}
	for _, name := range []string{"RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset"} {
		if d := secondsOrDate(header.Get(name), now); d > 0 {
			return d
		}
	}
	var longest time.Duration
	for _, line := range header.Values("RateLimit") {
		longest = max(longest, rateLimitReset(line))
	}
	return longest
}

// secondsOrDate reads a number of seconds, a Unix time or an HTTP date.
func secondsOrDate(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxRetryHeader {
		return 0
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if seconds >= epochFrom {
			seconds -= float64(now.UnixMilli()) / 1000
		}
		return boundedSeconds(seconds)
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return boundedSeconds(date.Sub(now).Seconds())
}

func boundedSeconds(seconds float64) time.Duration {
	if !(seconds > 0) { // NaN too
		return 0
	}
	return time.Duration(math.Ceil(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second)))
}

// rateLimitReset reads a RateLimit header of the IETF draft, in the form of its
// later versions ("default";r=0;t=30, several with commas between) and in that
// of earlier ones (limit=100, remaining=0, reset=30). A quota of which something
// remains asks for nothing.
func rateLimitReset(line string) (longest time.Duration) {
	if len(line) > maxRetryHeader {
		return 0
	}
	whole := quota{remaining: -1} // what the earlier form says, one member at a time
	for _, member := range outsideQuotes(line, ',') {
		item := quota{remaining: -1}
		for _, parameter := range outsideQuotes(member, ';') {
			item.read(parameter)
			whole.read(parameter)
		}
		longest = max(longest, item.wait("t"))
	}
	return max(longest, whole.wait("reset"))
}

// quota is what is left of a quota, and until when.
type quota struct {
	remaining float64 // -1 when it is not said
	reset     float64 // seconds
	from      string  // the parameter that said so
}

func (q *quota) read(parameter string) {
	key, value, ok := strings.Cut(strings.TrimSpace(parameter), "=")
	if !ok {
		return
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return
	}
	switch key = strings.ToLower(strings.TrimSpace(key)); key {
	case "r", "remaining":
		q.remaining = n
	case "t", "reset":
		q.reset, q.from = n, key
	}
}

func (q *quota) wait(from string) time.Duration {
	if q.from != from || q.remaining > 0 {
		return 0
	}
	return boundedSeconds(q.reset)
}

// outsideQuotes splits a text at a separator that does not stand in a quoted string.
func outsideQuotes(text string, separator byte) []string {
	var parts []string
	begin, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == separator && !quoted:
			parts = append(parts, text[begin:i])
			begin = i + 1
		}
	}
	return append(parts, text[begin:])
}
