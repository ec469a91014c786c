package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"observatoire/alerts"
	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/scheduler"
	"observatoire/slo"
	"observatoire/storage"
)

// maxSize is the largest configuration that is read, in bytes.
const maxSize = 4 << 20

// Config is all that the configuration says, checked.
type Config struct {
	Site      Site
	Network   Network
	Profiles  map[string]slo.Profile // the built-in ones, and those of the configuration in their place or beside them
	Catalogue catalogue.Catalogue    // every service has a profile
	Jobs      []Job                  // in the order of the catalogue
	Alerts    Alerts
	Channels  []alerts.Channel
	Storage   Storage
}

// Site says whose observatory it is.
type Site struct {
	Title    string         `yaml:"title" doc:"name of the site"`
	Operator string         `yaml:"operator" doc:"who runs it, for readers"`
	Contact  string         `yaml:"contact" doc:"mail or web address; sent in the User-Agent of each probe, shown on the site" required:"true"`
	Language string         `yaml:"language" doc:"fr or en: of the pages at the root and of alerts"`
	ZoneName string         `yaml:"zone" doc:"IANA time zone of days, of cron and of daily maintenance"`
	URL      string         `yaml:"url" doc:"public address, for the links in alerts"`
	Vantage  string         `yaml:"vantage" doc:"name of the point that services are measured from, kept with each result"`
	Zone     *time.Location `yaml:"-"`
}

func (s *Site) setDefaults() {
	s.Title, s.Language, s.ZoneName, s.Vantage = "Observatoire", "fr", "Europe/Paris", "local"
}

// Network says what probes may reach.
type Network struct {
	AllowPrivate []netip.Prefix     `yaml:"allow_private" doc:"ranges that probes may reach although they are private"`
	Exclude      []probes.Host      `yaml:"exclude" doc:"hosts such as www.example.fr or *.example.fr that are never contacted, not by redirects either"`
	PerHost      int                `yaml:"per_host" doc:"runs at once that reach one host, from 1 to 1000"`
	RateShare    float64            `yaml:"rate_share" doc:"percent of an API's declared rate_limit that its probes may use, re-checks included; above 0, at most 100"`
	References   []probes.Reference `yaml:"references" doc:"targets such as www.data.gouv.fr:443 that are nearly always there: when none of them can be reached either, a service out of reach is unknown, not down"`
}

func (n *Network) setDefaults() { n.PerHost, n.RateShare = 2, 50 }

// Job is a probe of the catalogue: what the scheduler needs of it and what the
// observatory does.
type Job struct {
	scheduler.Job
	Watched observatory.Watched
}

// Alerts says when to alert.
type Alerts struct {
	Confirmations int           // failures in a row that make an outage
	Recheck       time.Duration // between a failure and the run that confirms it
}

// Storage says where measurements are kept, and for how long.
type Storage struct {
	Engine    storage.Opener
	Retention storage.Retention
}

// UserAgent returns what probes call themselves, such as
// "Observatoire/0.1 (+contact@observatoire.example)".
func (c *Config) UserAgent(version string) string {
	return "Observatoire/" + version + " (+" + c.Site.Contact + ")"
}

// Load reads the configuration in a file. engines are the storage engines by
// name. An error about what the file says is a [*Faults].
func Load(path string, engines map[string]func() storage.Opener) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(path, f, engines)
}

// Read reads a configuration that messages call by name.
func Read(name string, r io.Reader, engines map[string]func() storage.Opener) (*Config, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := newDecoder(name, families(engines))
	root, err := parse(text)
	if err != nil {
		line, cause := located(err, text)
		d.faults.add(Fault{File: name, Line: line, Err: cause})
		return nil, d.faults.sorted()
	}
	var doc document
	d.value(root, reflect.ValueOf(&doc).Elem(), "")
	c := &checker{decoder: d, doc: &doc, config: new(Config), crons: map[string]timing{}}
	c.check(root)
	if err := d.faults.sorted(); err != nil {
		return nil, err
	}
	return c.config, nil
}

var (
	errSize     = fmt.Errorf("larger than %d bytes", maxSize)
	errEmpty    = errors.New("empty: want at least site, and apis or demarches")
	errSeveral  = errors.New("several documents: want one")
	unknownName = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	lineOf      = regexp.MustCompile(`^(?:yaml: )?line ([0-9]+): (.*)$`)
)

// parse returns the root of the one document in the text.
func parse(text []byte) (*yaml.Node, error) {
	if len(text) > maxSize {
		return nil, errSize
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, errEmpty
	case err != nil:
		return nil, err
	}
	var next yaml.Node
	switch err := decoder.Decode(&next); {
	case err == nil:
		return nil, Fault{Line: next.Line, Err: errSeveral}
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return nil, errEmpty
	}
	return doc.Content[0], nil
}

// located returns the line of an error of parse, and the error without it. The
// parser itself gives no line for a missing anchor, and for an error of grammar
// that of the block that it is in.
func located(err error, text []byte) (int, error) {
	if fault, ok := errors.AsType[Fault](err); ok {
		return max(1, fault.Line), fault.Err
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := lineOf.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	if strings.HasPrefix(message, "did not find expected") {
		line = shortest(err, text)
	}
	if m := unknownName.FindStringSubmatch(message); m != nil {
		before, _, _ := bytes.Cut(text, []byte("*"+m[1]))
		line = 1 + bytes.Count(before, []byte("\n"))
	}
	return line, errors.New(message)
}

// shortest returns how many lines of the text suffice for the same error.
func shortest(err error, text []byte) int {
	var ends []int // of lines
	for i, c := range text {
		if c == '\n' {
			ends = append(ends, i+1)
		}
	}
	return 1 + sort.Search(len(ends), func(n int) bool {
		_, again := parse(text[:ends[n]])
		return again != nil && again.Error() == err.Error()
	})
}
