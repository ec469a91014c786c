package alerts

import (
	"context"
	"time"

	"observatoire/observatory"
)

// Kind says what an alert is about.
type Kind string

// The kinds of alert.
const (
	Outage     Kind = "outage"     // a probe of a service is down, confirmed
	Level      Kind = "level"      // an indicator is weak against the recommended level
	Commitment Kind = "commitment" // an indicator is below what the producer promised
	Staleness  Kind = "staleness"  // the data is older than declared
	Blind      Kind = "blind"      // the observatory sees nothing, through a fault of its own; of no service
)

// State says whether an alert lasts.
type State string

// The states of an alert.
const (
	Firing   State = "firing"
	Resolved State = "resolved"
)

// Alert is one breach of a service level. Its JSON form is what a webhook
// receives and what is kept while it waits to be delivered.
type Alert struct {
	Key           string    `json:"key"` // identity of the breach, such as "level/api-geo/availability"
	Kind          Kind      `json:"kind"`
	State         State     `json:"state"`
	Start         time.Time `json:"start"`
	End           time.Time `json:"end,omitzero"`
	Time          time.Time `json:"time"`           // of the snapshot that told of this state
	Zone          string    `json:"zone,omitempty"` // IANA name of the site's time zone; messages say times in it
	Service       string    `json:"service"`        // id
	ServiceName   string    `json:"service_name"`
	Producer      string    `json:"producer"` // name
	Probe         string    `json:"probe,omitempty"`
	Cause         string    `json:"cause,omitempty"` // error class of an outage
	Detail        string    `json:"detail,omitempty"`
	Hint          string    `json:"hint,omitempty"` // what an outage looks like: dead or moved
	Indicator     string    `json:"indicator,omitempty"`
	Value         float64   `json:"value"`  // unrounded
	Target        float64   `json:"target"` // the level or promise that is missed
	Unit          string    `json:"unit,omitempty"`
	Window        string    `json:"window,omitempty"`
	Measurements  int64     `json:"measurements,omitempty"`
	Coverage      float64   `json:"coverage,omitempty"` // share of the window that was measured, 0 to 1
	Profile       string    `json:"profile,omitempty"`
	Source        string    `json:"source,omitempty"`         // who set the level
	Affected      []string  `json:"affected,omitempty"`       // ids of the démarches that depend on the service
	AffectedNames []string  `json:"affected_names,omitempty"` // and their names, in the same order
	URL           string    `json:"url,omitempty"`            // page of the service
}

// Notifier tells one channel. Its exported fields are its settings.
type Notifier interface {
	// Notify delivers one alert. id stays the same when a delivery is tried again.
	// retry says whether trying again may help; err names no secret.
	Notify(ctx context.Context, id string, a Alert) (retry bool, err error)
}

// Channel is a notifier under the name that the configuration gives it.
type Channel struct {
	Name     string
	Notifier Notifier
}

// Ledger keeps which alerts fire.
type Ledger interface {
	// Firing returns the alerts that fire.
	Firing(ctx context.Context) ([]Alert, error)
	// Apply keeps the new state of alerts and one delivery of each to each channel, in one transaction.
	// No key is in changed twice.
	Apply(ctx context.Context, changed []Alert, channels []string) error
}

// Outbox keeps what is still to be delivered.
type Outbox interface {
	// Due returns deliveries to one channel that are due at now, oldest first, at most limit.
	Due(ctx context.Context, channel string, now time.Time, limit int) ([]Delivery, error)
	// Settle keeps the outcome of an attempt: delivered, to try again at Next, or given up.
	Settle(ctx context.Context, d Delivery) error
}

// Delivery is one alert on its way to one channel.
type Delivery struct {
	ID       int64
	Channel  string
	Alert    Alert
	Attempts int
	Next     time.Time // next attempt
	Status   Status
	Error    string // of the last attempt
}

// Status is how far a delivery is.
type Status uint8

// The statuses. Their numbers are stored: they are never reused.
const (
	Waiting Status = iota
	Delivered
	GivenUp
)

// Snapshots gives the present snapshot.
type Snapshots func() *observatory.Snapshot
