package probes

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// server is an address that the paths of an operation follow.
type server struct {
	host string   // with port; "" when it is that of the document, "{x}" where it is a variable
	base []string // segments
}

// newServers takes the addresses apart. A variable stands for any text in a
// host or a segment.
func newServers(servers openapi3.Servers) (list []server) {
	for _, s := range servers {
		if s == nil {
			continue
		}
		var one server
		_, rest, absolute := strings.Cut(s.URL, "://")
		if !absolute {
			rest = s.URL
			if after, ok := strings.CutPrefix(rest, "//"); ok {
				rest, absolute = after, true
			}
		}
		if absolute {
			one.host, rest, _ = strings.Cut(rest, "/")
		}
		one.base = segments(rest)
		list = append(list, one)
	}
	if len(list) == 0 {
		list = []server{{}}
	}
	return list
}

// segments takes a path or its template apart. A slash at the end makes no
// difference, and neither does one too many.
func segments(path string) []string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// find returns the operation with the ID, or without one that of the request.
func (c *contract) find(id, method, address string) (*operation, error) {
	if id != "" {
		return c.named(id)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("the request has no address to find the operation by")
	}
	path := segments(u.EscapedPath())
	for i, segment := range path {
		if plain, err := url.PathUnescape(segment); err == nil {
			path[i] = plain
		}
	}
	found := c.matching(method, u, path)
	if len(found) == 0 && method == http.MethodHead {
		found = c.matching(http.MethodGet, u, path)
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("the document has no operation for %s %s", method, shorten(u.EscapedPath(), 100))
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%s and %s of the document both match %s: name the operation", found[0], found[1], shorten(u.EscapedPath(), 100))
}

func (c *contract) named(id string) (*operation, error) {
	for _, op := range c.operations {
		if op.id == id {
			return op, nil
		}
	}
	return nil, fmt.Errorf("the document has no operation %q", shorten(id, 100))
}

// matching returns the operations that match best: first those of a server
// with the request's host; then, of those, the ones whose path says most.
func (c *contract) matching(method string, u *url.URL, path []string) (best []*operation) {
	var nearest match
	for _, op := range c.operations {
		if op.method != method {
			continue
		}
		for _, s := range op.servers {
			m, ok := s.match(u, path, op.path)
			if !ok {
				continue
			}
			switch order := m.compare(nearest); {
			case best == nil || order > 0:
				best, nearest = []*operation{op}, m
			case order == 0 && !slices.Contains(best, op):
				best = append(best, op)
			}
		}
	}
	return best
}

var parameter = regexp.MustCompile(`{[^}]*}`)

// match says how well an operation fits a request.
type match struct {
	host  int   // 2: the request's, 1: any, 0: another, as behind a gateway
	plain []int // of each segment, the bytes that are no parameter
}

// compare is positive when m fits better than other: where they first differ,
// plain text says more than a parameter.
func (m match) compare(other match) int {
	return cmp.Or(cmp.Compare(m.host, other.host), slices.Compare(m.plain, other.plain))
}

func (s server) match(u *url.URL, path, template []string) (match, bool) {
	if len(path) != len(s.base)+len(template) {
		return match{}, false
	}
	m := match{plain: make([]int, len(path))}
	for i, segment := range path {
		wanted := ""
		if i < len(s.base) {
			wanted = s.base[i]
		} else {
			wanted = template[i-len(s.base)]
		}
		if !fits(wanted, segment) {
			return match{}, false
		}
		if m.plain[i] = len(wanted); strings.Contains(wanted, "{") {
			m.plain[i] = len(parameter.ReplaceAllString(wanted, ""))
		}
	}
	switch {
	case s.host == "":
		m.host = 1
	case strings.Contains(s.host, "{"):
		if fits(strings.ToLower(s.host), strings.ToLower(u.Host)) {
			m.host = 1
		}
	case strings.EqualFold(s.host, u.Host), strings.EqualFold(s.host, u.Hostname()) && u.Port() == "",
		strings.EqualFold(s.host, address(u)):
		m.host = 2
	}
	return m, true
}

// fits reports whether a segment is of the template, in which each parameter
// stands for one character at least.
func fits(template, segment string) bool {
	for {
		before, rest, ok := strings.Cut(template, "{")
		after, found := strings.CutPrefix(segment, before)
		if !ok {
			return template == segment
		}
		if !found || after == "" {
			return false
		}
		_, rest, ok = strings.Cut(rest, "}")
		if !ok {
			return template == segment
		}
		if rest == "" {
			return true
		}
		literal, _, _ := strings.Cut(rest, "{")
		if literal == rest { // the last text: it ends the segment
			return len(after) > len(literal) && strings.HasSuffix(after, literal)
		}
		if literal == "" { // two parameters without a text between them: one is as good as both
			template, segment = rest, after
			continue
		}
		i := strings.Index(after[1:], literal)
		if i < 0 {
			return false
		}
		template, segment = rest, after[1+i:]
	}
}
