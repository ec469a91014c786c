package config

import (
	"time"

	"observatoire/alerts"
	"observatoire/catalogue"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// document is what can be written, in the order in which it is best written.
type document struct {
	Site      Site                    `yaml:"site" doc:"whose observatory it is" required:"true"`
	Network   Network                 `yaml:"network" doc:"what probes may reach"`
	Profiles  map[string]*slo.Profile `yaml:"profiles" doc:"recommended levels by name, in place of the built-in ones or beside them"`
	Producers []catalogue.Producer    `yaml:"producers" doc:"administrations that offer services"`
	APIs      []api                   `yaml:"apis" doc:"interfaces that are watched"`
	Demarches []demarche              `yaml:"demarches" doc:"online procedures that are watched"`
	Alerts    alertRules              `yaml:"alerts" doc:"when to tell whom"`
	Storage   keeping                 `yaml:"storage" doc:"where measurements are kept"`
}

func (d *document) setDefaults() {
	d.Site.setDefaults()
	d.Network.setDefaults()
	d.Alerts.setDefaults()
	d.Storage.setDefaults()
}

type api struct {
	catalogue.API `yaml:",inline"`
	Probes        []probe `yaml:"probes" each:"probe" doc:"what is asked of it, and how often" required:"true"`
}

type demarche struct {
	catalogue.Demarche `yaml:",inline"`
	Probes             []probe `yaml:"probes" each:"probe" doc:"without any, its address is asked for every 5m"`
}

// probe is one probe of a service.
type probe struct {
	Name      string               `yaml:"name" doc:"its own among those of the service; lower-case letters, digits and hyphens" required:"true"`
	Every     time.Duration        `yaml:"every" doc:"time between two runs, from 5s to 1d; or cron"`
	Cron      string               `yaml:"cron" doc:"when it runs, in five fields such as */5 6-22 * * MON-FRI; or every"`
	Timeout   time.Duration        `yaml:"timeout" doc:"deadline of one run, at most 1m and the time between two runs"`
	Prober    probes.Prober        `yaml:",kind" required:"true"`
	Assert    []probes.Expectation `yaml:"assert" doc:"what must hold of the answer"`
	Freshness *probes.Freshness    `yaml:"freshness" doc:"where the answer says how old its data is"`
}

func (p *probe) setDefaults() { p.Timeout = defaultTimeout }

type alertRules struct {
	Confirmations int           `yaml:"confirmations" doc:"failures in a row that make an outage, from 1 to 10"`
	Recheck       time.Duration `yaml:"recheck" doc:"time from a failure to the run that confirms it, give or take a fifth; from 5s to 5m"`
	Channels      []channel     `yaml:"channels" each:"channel" doc:"whom to tell"`
}

func (a *alertRules) setDefaults() { a.Confirmations, a.Recheck = 2, 20*time.Second }

type channel struct {
	Name     string          `yaml:"name" doc:"its own among the channels; lower-case letters, digits and hyphens" required:"true"`
	Notifier alerts.Notifier `yaml:",kind" required:"true"`
}

// keeping is where measurements are kept: an engine by its name, and for how long.
type keeping struct {
	Engine    storage.Opener `yaml:",kind"`
	Retention retention      `yaml:"retention" doc:"how long what is kept; 0 means for ever"`
}

func (k *keeping) setDefaults() { k.Retention.setDefaults() }

type retention struct {
	storage.Retention `yaml:",inline"`
}

func (r *retention) setDefaults() {
	r.Retention = storage.Retention{Raw: 90 * day, FiveMinutes: 14 * day, Rollups: 5 * 365 * day}
}

const day = 24 * time.Hour
