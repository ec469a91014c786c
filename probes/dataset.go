package probes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Dated is a prober whose answers carry the date of their data by themselves,
// so that a probe needs no freshness to tell it.
type Dated interface {
	// DataTime returns the date of the data, and whether the answer has one.
	DataTime(*Observation) (time.Time, bool)
}

// Dataset asks data.gouv.fr, or another catalogue that runs udata, for a
// dataset, and says how often its producer promises to renew it and when that
// was last done. With a resource, the date is that of the resource. The facts,
// each absent where the catalogue has none:
//
//   - title; frequency, the catalogue's word; last_update, of the dataset;
//   - expected_update: last_update and the delay of the word; overdue: whether
//     that is more than a day ago, as the catalogue's own criterion has it;
//   - resource_title, resource_last_modified, and what the catalogue's crawler
//     found: check_available, check_status, check_date, analysis_last_modified_at.
//
// Dates are texts as in RFC 3339, in UTC.
type Dataset struct {
	ID       string `yaml:"id" doc:"identifier or slug of the dataset" required:"true"`
	Resource string `yaml:"resource" doc:"identifier of one of its resources, whose date then counts"`
	API      string `yaml:"api" doc:"address of the catalogue's API, version 1"`

	once sync.Once
	http *HTTP
	err  error
}

const (
	defaultCatalogue       = "https://www.data.gouv.fr/api/1"
	maxDatasetBody   Bytes = 20e6 // a dataset may have thousands of resources
)

func newDataset() Prober { return &Dataset{API: defaultCatalogue} }

// Validate checks the settings.
func (d *Dataset) Validate() error {
	d.once.Do(func() { d.http, d.err = d.compile() })
	return d.err
}

func (d *Dataset) compile() (*HTTP, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, field := range []struct{ name, value string }{{"id", d.ID}, {"resource", d.Resource}} {
		switch {
		case field.name == "id" && field.value == "":
			fault("id: required")
		case strings.ContainsFunc(field.value, func(r rune) bool { return !strings.ContainsRune(slugRunes, r) }):
			fault("%s: %q is not an identifier: want letters, digits, - and _", field.name, field.value)
		}
	}
	api, err := parseURL(d.API)
	switch {
	case err != nil:
		fault("api: %w", err)
	case api.RawQuery != "" || api.Fragment != "" || api.User != nil:
		fault("api: must be an address alone, without user and parameters")
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	made, ok := newHTTP().(*HTTP)
	if !ok {
		return nil, errors.New("api: cannot be asked over HTTP")
	}
	made.URL, made.MaxBody = d.address(), maxDatasetBody
	return made, made.Validate()
}

const slugRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// address returns that of the dataset, which lists its resources.
func (d *Dataset) address() string {
	return strings.TrimSuffix(d.API, "/") + "/datasets/" + url.PathEscape(d.ID) + "/"
}

// Target returns the address that is asked.
func (d *Dataset) Target() string {
	u, err := url.Parse(d.address())
	if err != nil {
		return ""
	}
	return redact(u)
}

// Observe implements [Prober].
func (d *Dataset) Observe(ctx context.Context, from *Vantage) (Observation, error) {
	if err := d.Validate(); err != nil {
		return Observation{}, faultf(ClassLocal, err, "the probe's settings are wrong")
	}
	o, err := d.http.Observe(ctx, from)
	if err != nil || o.Status != http.StatusOK {
		return o, err // the status is judged as that of any answer
	}
	if fault := d.read(&o); fault != nil {
		return o, fault
	}
	return o, nil
}

// read takes the facts from the catalogue's answer.
func (d *Dataset) read(o *Observation) *Fault {
	document, err := o.json()
	if err != nil {
		return faultf(ClassProtocol, err, "the catalogue's answer: %v", err)
	}
	dataset, ok := document.(map[string]any)
	if _, known := dataset["frequency"]; !ok || !known {
		return faultf(ClassProtocol, nil, "the catalogue's answer is not a dataset: it has no frequency")
	}
	o.Facts = make(map[string]any)
	take(o.Facts, "title", dataset["title"], false)
	take(o.Facts, "frequency", frequency(dataset["frequency"]), false)
	take(o.Facts, "last_update", dataset["last_update"], true)
	d.expect(o)
	if d.Resource == "" {
		return nil
	}
	resources, _ := dataset["resources"].([]any)
	at := slices.IndexFunc(resources, func(r any) bool {
		resource, ok := r.(map[string]any)
		return ok && resource["id"] == d.Resource
	})
	if at < 0 {
		return faultf(ClassAssertion, nil, "the dataset has no resource %s any more, of %d", d.Resource, len(resources))
	}
	resource, _ := resources[at].(map[string]any)
	take(o.Facts, "resource_title", resource["title"], false)
	take(o.Facts, "resource_last_modified", resource["last_modified"], true)
	extras, _ := resource["extras"].(map[string]any)
	take(o.Facts, "check_available", extras["check:available"], false)
	take(o.Facts, "check_status", extras["check:status"], false)
	take(o.Facts, "check_date", extras["check:date"], true)
	take(o.Facts, "analysis_last_modified_at", extras["analysis:last-modified-at"], true)
	return nil
}

// expect derives when the next update is due from the date and the word.
func (d *Dataset) expect(o *Observation) {
	last, ok := factTime(o, "last_update")
	word, _ := o.Facts["frequency"].(string)
	delay, promised := Frequency(word).Delay()
	if !ok || !promised {
		return
	}
	due := last.Add(delay)
	o.Facts["expected_update"] = due.UTC().Format(time.RFC3339)
	o.Facts["overdue"] = o.Time.After(due.Add(grace))
}

// DataTime implements [Dated]: of a resource what the crawler found in it, else
// when its producer last changed it; without a resource the last update of the
// dataset.
func (d *Dataset) DataTime(o *Observation) (time.Time, bool) {
	names := []string{"last_update"}
	if d.Resource != "" {
		names = []string{"analysis_last_modified_at", "resource_last_modified"}
	}
	for _, name := range names {
		if t, ok := factTime(o, name); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

func factTime(o *Observation, name string) (time.Time, bool) {
	text, _ := o.Facts[name].(string)
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}

// frequency returns the word; the newest versions of udata put it in an object.
func frequency(value any) any {
	if object, ok := value.(map[string]any); ok {
		return object["id"]
	}
	return value
}

// take notes a value of the catalogue as a fact: a text, shortened; a whole
// number; a boolean; or a date, in UTC. Others are no fact.
func take(facts map[string]any, name string, value any, date bool) {
	text, isText := value.(string)
	if n, ok := whole(value); ok && !date {
		facts[name] = n
		return
	}
	if b, ok := value.(bool); ok && !date {
		facts[name] = b
		return
	}
	if !isText || text == "" {
		return
	}
	if !date {
		facts[name] = tidy(text[:min(len(text), maxShown)], nil)
		return
	}
	if t, err := udataTime(text); err == nil {
		facts[name] = t.UTC().Format(time.RFC3339)
	}
}

// udataTime reads a date of the catalogue, which is UTC where it says no zone.
func udataTime(text string) (time.Time, error) {
	for _, form := range [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return plausible(t)
		}
	}
	return parseDate(text)
}
