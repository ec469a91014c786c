package config

import (
	"errors"
	"maps"
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"observatoire/alerts"
	"observatoire/slo"
	"observatoire/storage"
)

// checker holds what was read against what must be true of it as a whole, and
// makes the configuration of it. What is missing or could not be read is a fault
// already, and is not judged again.
type checker struct {
	*decoder
	doc       *document
	config    *Config
	producers []string
	profiles  []string
	services  map[string]bool   // true for an API, false for a démarche
	crons     map[string]timing // by specification: a week of a busy one is long to walk
}

func (c *checker) check(root *yaml.Node) {
	c.site()
	c.network()
	c.levels()
	c.owners()
	c.list()
	for i := range c.doc.APIs {
		c.api(&c.doc.APIs[i])
	}
	for i := range c.doc.Demarches {
		c.demarche(&c.doc.Demarches[i])
	}
	if !given(root, "apis") && !given(root, "demarches") && root.Kind == yaml.MappingNode {
		c.faultf(root, "", "nothing is watched: want apis or demarches")
	}
	c.alerts()
	c.keeping()
}

// at returns where the value of a key of a struct was written, and its path: the
// struct itself where the key is missing.
func (c *checker) at(of any, key string) (*yaml.Node, string) {
	p, ok := c.places[of]
	if !ok {
		return &yaml.Node{Line: 1}, key
	}
	if k, value := lookup(p.node, key); k != nil {
		if value.Kind == yaml.ScalarNode && value.Line >= k.Line {
			return value, join(p.path, key)
		}
		return k, join(p.path, key)
	}
	return p.node, join(p.path, key)
}

// refuse says what is wrong with the value of a key of a struct.
func (c *checker) refuse(of any, key, format string, args ...any) {
	n, path := c.at(of, key)
	c.faultf(n, path, format, args...)
}

// has reports whether a struct was given a value for a key that could be read.
func (c *checker) has(of any, key string) bool {
	p, ok := c.places[of]
	if !ok {
		return false
	}
	_, value := lookup(p.node, key)
	return value != nil && !isNull(value) && !c.faulty[value]
}

// gave reports whether a struct was given a value for a key, even a faulty one.
func (c *checker) gave(of any, key string) bool { return given(c.places[of].node, key) }

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const maxID = 64

// id checks the form of an id, or of a name that is one.
func (c *checker) id(of any, key, id string) {
	if c.has(of, key) && id != "" && (len(id) > maxID || !idForm.MatchString(id)) {
		c.refuse(of, key, "%s: want lower-case letters, digits and single hyphens, at most %d", quote(id), maxID)
	}
}

// unique says that a name was given before. seen holds the lines of the first ones.
func (c *checker) unique(seen map[string]int, of any, key, name string) {
	if !c.has(of, key) || name == "" {
		return
	}
	n, _ := c.at(of, key)
	if line, ok := seen[name]; ok {
		c.refuse(of, key, "duplicate %s, first on line %d", quote(name), line)
		return
	}
	seen[name] = n.Line
}

// web checks an address.
func (c *checker) web(of any, key, address string) {
	if !c.has(of, key) || address == "" {
		return
	}
	if err := webAddress(address); err != nil {
		c.refuse(of, key, "%w", err)
	}
}

// webAddress does not repeat the address in its errors: it may hold a password.
func webAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("want an address that begins with https:// or http://")
	case u.User != nil:
		return errors.New("an address must not hold a user or a password")
	}
	return nil
}

func (c *checker) site() {
	site := &c.doc.Site
	switch zone, err := time.LoadLocation(site.ZoneName); {
	case err == nil && site.ZoneName != "Local" && site.ZoneName != "":
		site.Zone = zone
	default:
		site.Zone = time.UTC
		if c.has(site, "zone") {
			c.refuse(site, "zone", "unknown time zone %s: want an IANA name such as Europe/Paris", quote(site.ZoneName))
		}
	}
	if c.has(site, "language") && site.Language != "fr" && site.Language != "en" {
		c.refuse(site, "language", "%s: want fr or en", quote(site.Language))
	}
	if c.has(site, "contact") && site.Contact != "" && !contactable(site.Contact) {
		c.refuse(site, "contact", "%s: want a mail address or an address that begins with https://", quote(site.Contact))
	}
	if c.has(site, "title") && strings.TrimSpace(site.Title) == "" {
		c.refuse(site, "title", "must not be empty")
	}
	c.web(site, "url", site.URL)
	c.id(site, "vantage", site.Vantage)
	site.URL = strings.TrimSuffix(site.URL, "/")
	c.config.Site = *site
}

// contactable reports whether a text may stand in the comment of a User-Agent
// and leads to somebody.
func contactable(contact string) bool {
	if strings.ContainsFunc(contact, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`()\`, r) }) {
		return false
	}
	if webAddress(contact) == nil {
		return true
	}
	address, err := mail.ParseAddress(contact)
	return err == nil && address.Address == contact
}

// levels lays the profiles of the configuration over the built-in ones.
func (c *checker) levels() {
	c.config.Profiles = slo.Profiles()
	for name, p := range c.doc.Profiles {
		if p == nil {
			continue // null leaves the built-in one as it is
		}
		if at, ok := c.places[p]; ok && (!idForm.MatchString(name) || len(name) > maxID) {
			c.faultf(at.node, at.path, "want lower-case letters, digits and single hyphens as a name, at most %d", maxID)
		}
		seen := map[string]int{}
		for i := range p.Objectives {
			o := &p.Objectives[i]
			c.unique(seen, o, "indicator", string(o.Indicator))
		}
		p.Name = name
		if p.Title == "" {
			p.Title = c.config.Profiles[name].Title
		}
		c.config.Profiles[name] = *p
	}
	c.profiles = slices.Sorted(maps.Keys(c.config.Profiles))
}

func (c *checker) owners() {
	seen := map[string]int{}
	for i := range c.doc.Producers {
		p := &c.doc.Producers[i]
		c.id(p, "id", p.ID)
		c.unique(seen, p, "id", p.ID)
		c.web(p, "url", p.URL)
		c.producers = append(c.producers, p.ID)
	}
	c.config.Catalogue.Producers = c.doc.Producers
}

func (c *checker) alerts() {
	rules := &c.doc.Alerts
	if c.has(rules, "confirmations") && (rules.Confirmations < 1 || rules.Confirmations > 10) {
		c.refuse(rules, "confirmations", "%d: want a number from 1 to 10", rules.Confirmations)
	}
	if c.has(rules, "recheck") && (rules.Recheck < 5*time.Second || rules.Recheck > 5*time.Minute) {
		c.refuse(rules, "recheck", "%s: want a time from 5s to 5m", formatDuration(rules.Recheck))
	}
	c.config.Alerts = Alerts{Confirmations: rules.Confirmations, Recheck: rules.Recheck}
	seen := map[string]int{}
	for i := range rules.Channels {
		ch := &rules.Channels[i]
		c.id(ch, "name", ch.Name)
		c.unique(seen, ch, "name", ch.Name)
		c.config.Channels = append(c.config.Channels, alerts.Channel{Name: ch.Name, Notifier: ch.Notifier})
	}
}

// keeping takes the only engine where none is named.
func (c *checker) keeping() {
	keep := &c.doc.Storage
	engines := c.families[reflect.TypeFor[storage.Opener]()]
	if names := engines.kinds(); keep.Engine == nil && len(names) == 1 {
		only, _ := engines.make(names[0])
		keep.Engine, _ = only.(storage.Opener)
	}
	if keep.Engine == nil && (c.has(c.doc, "storage") || !c.gave(c.doc, "storage")) {
		c.refuse(c.doc, "storage", "no engine kind; known kinds are %s", list(engines.kinds()))
	}
	c.config.Storage = Storage{Engine: keep.Engine, Retention: keep.Retention.Retention}
}
