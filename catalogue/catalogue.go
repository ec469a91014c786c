package catalogue

import (
	"observatoire/slo"
)

// Catalogue is all that is watched, in the order in which it was declared.
type Catalogue struct {
	Producers []Producer
	APIs      []API
	Demarches []Demarche
}

// Producer is an administration that offers services.
type Producer struct {
	ID   string `yaml:"id" doc:"what services name it by" required:"true"`
	Name string `yaml:"name" doc:"for readers" required:"true"`
	URL  string `yaml:"url" doc:"official site"`
}

// Service is what an API and a démarche have in common.
type Service struct {
	ID          string            `yaml:"id" doc:"in addresses; lower-case letters, digits and hyphens" required:"true"`
	Name        string            `yaml:"name" doc:"for readers" required:"true"`
	Producer    string            `yaml:"producer" doc:"id of a producer" required:"true"`
	Profile     string            `yaml:"profile" doc:"recommended levels that it is held against"`
	Commitment  *Commitment       `yaml:"commitment" doc:"what its producer promises"`
	Maintenance []slo.Maintenance `yaml:"maintenance" doc:"announced interruptions"`
}

// API is a programming interface that an administration offers.
type API struct {
	Service       `yaml:",inline"`
	Access        Access `yaml:"access" doc:"open, account or restricted" required:"true"`
	Documentation string `yaml:"documentation" doc:"address of its documentation for readers"`
	OpenAPI       string `yaml:"openapi" doc:"address of its OpenAPI document"`
	StatusPage    string `yaml:"status_page" doc:"address of its public state"`
	RateLimit     Rate   `yaml:"rate_limit" doc:"declared admissible load, such as 10/s"`
}

// Demarche is an online procedure for the public.
type Demarche struct {
	Service   `yaml:",inline"`
	URL       string       `yaml:"url" doc:"where the public begins it" required:"true"`
	JDMA      int          `yaml:"jdma" doc:"its number at Je donne mon avis"`
	DependsOn []Dependency `yaml:"depends_on" doc:"APIs that it cannot do without"`
}

// Dependency is an API that a démarche cannot do without, and who says so.
type Dependency struct {
	API    string `yaml:"api" doc:"id of an API" required:"true"`
	Source string `yaml:"source" doc:"where this is publicly said"`
}

// Commitment is a service level that a producer promises.
type Commitment struct {
	Availability Ratio      `yaml:"availability" doc:"promised availability in percent" required:"true"`
	Window       slo.Window `yaml:"window" doc:"day, month, quarter or a number of days such as 90d" required:"true"`
	Source       string     `yaml:"source" doc:"address of the promise" required:"true"`
	Seen         Date       `yaml:"seen" doc:"date on which the source was read" required:"true"`
}
