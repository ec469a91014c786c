package probes

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
)

// The bounds of what is kept of cookies; about those of browsers.
const (
	maxCookies = 180  // in all
	maxCookie  = 4096 // bytes of name, value and attributes of one
)

// cookies keeps what answers set, and gives requests what they should carry,
// as a browser does. A nil one keeps nothing. It is not safe for concurrent use.
type cookies struct {
	jar    *cookiejar.Jar
	known  map[[2]string]bool // host and name
	values []string           // of those that were set first, to be kept out of what is shown
}

func newCookies() *cookies {
	jar, _ := cookiejar.New(nil) // never an error without options
	return &cookies{jar: jar, known: map[[2]string]bool{}}
}

// keep takes what an answer from the URL sets, as far as there is room.
func (c *cookies) keep(from *url.URL, answer *http.Response) {
	if c == nil {
		return
	}
	var kept []*http.Cookie
	for _, cookie := range answer.Cookies() {
		id := [2]string{from.Hostname(), cookie.Name}
		if len(cookie.Raw) > maxCookie || !c.known[id] && len(c.known) >= maxCookies {
			continue
		}
		c.known[id] = true
		if len(c.values) < maxCookies {
			c.values = append(c.values, cookie.Value)
		}
		kept = append(kept, cookie)
	}
	if len(kept) > 0 {
		c.jar.SetCookies(from, kept)
	}
}

// send adds to a request what is kept for its URL.
func (c *cookies) send(request *http.Request) {
	if c == nil {
		return
	}
	for _, cookie := range c.jar.Cookies(request.URL) {
		request.AddCookie(cookie)
	}
}
