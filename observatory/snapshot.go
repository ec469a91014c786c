package observatory

import (
	"fmt"
	"time"

	"observatoire/catalogue"
	"observatoire/probes"
	"observatoire/slo"
)

// State is how a service is now.
type State uint8

// The states.
const (
	Unknown State = iota // nothing can be said
	Up
	Degraded    // a non-critical assertion fails, or some of its probes fail and others do not
	Down        // all of its probes fail
	Maintenance // announced beforehand
)

var stateNames = [...]string{"unknown", "up", "degraded", "down", "maintenance"}

// String returns the state's name, such as "up".
func (s State) String() string { return stateNames[s] }

// MarshalText returns the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *State) UnmarshalText(text []byte) error {
	for i, name := range stateNames {
		if name == string(text) {
			*s = State(i)
			return nil
		}
	}
	return fmt.Errorf("unknown state %q", text)
}

// Kind says what a service is.
type Kind string

// The kinds of service.
const (
	API      Kind = "api"
	Demarche Kind = "demarche"
)

// Snapshot is all that the observatory says at one moment. It is never changed.
type Snapshot struct {
	Time      time.Time      // when it was made
	Blind     time.Time      // since when most of what is measured fails through a fault of ours; zero when it does not
	Since     time.Time      // first measurement of all; zero before it
	Zone      *time.Location // of days and of calendar windows
	Producers []catalogue.Producer
	Services  []*Service // APIs first, then démarches, as catalogued
	Incidents []Incident // the open ones and the latest others, newest first
	ByID      map[string]*Service
}

// Service is what is said of one API or démarche.
type Service struct {
	catalogue.Service
	Kind         Kind
	API          *catalogue.API      // nil for a démarche
	Demarche     *catalogue.Demarche // nil for an API
	ProducerName string
	State        State
	Probes       []Probe
	Verdicts     []slo.Verdict // one for each indicator, availability first
	Strip        Strip         // the last 90 days
	DependsOn    []Dependency  // of a démarche: how the APIs are that it cannot do without
	UsedBy       []string      // of an API: ids of the démarches that cannot do without it
}

// Verdict returns the verdict on one indicator, or nil.
func (s *Service) Verdict(i slo.Indicator) *slo.Verdict {
	for n := range s.Verdicts {
		if s.Verdicts[n].Indicator == i {
			return &s.Verdicts[n]
		}
	}
	return nil
}

// Affected reports whether an API that the démarche depends on is down.
func (s *Service) Affected() bool {
	for _, d := range s.DependsOn {
		if d.State == Down {
			return true
		}
	}
	return false
}

// Dependency is an API that a démarche cannot do without, and how it is.
type Dependency struct {
	ID           string
	Name         string
	Source       string // where it is publicly said
	State        State
	Availability slo.Verdict
}

// Probe is how one probe of a service is.
type Probe struct {
	ID     string        // such as "api-geo/communes"
	Period time.Duration // between two runs
	Kind   string        // such as "http"
	Target string        // such as its address
	Latest probes.Result // zero before the first
	Hint   slo.Hint      // what its address looks like: dead or moved
}

// Incident is an incident and the service that it struck.
type Incident struct {
	slo.Incident
	Service     string // id
	ServiceName string
}
