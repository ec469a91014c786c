package probes

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// JSON asserts what a path selects in a body of JSON. Every node that it
// selects must hold to all the conditions, and there must be one (or as many
// as CountMin says). Numbers are compared as numbers: 1, 1.0 and 1e0 are equal.
// A number and a text are never equal.
type JSON struct {
	Path      string   `yaml:"path" doc:"RFC 9535 path; alone: it selects something" required:"true"`
	Equals    *any     `yaml:"equals" doc:"each selected node equals this value"`
	NotEquals *any     `yaml:"not_equals" doc:"no selected node equals this value"`
	In        []any    `yaml:"in" doc:"each selected node equals one of these values"`
	Matches   string   `yaml:"matches" doc:"each selected node is a text that this regular expression (RE2) matches"`
	Min       *float64 `yaml:"min" doc:"each selected node is a number, this or greater"`
	Max       *float64 `yaml:"max" doc:"each selected node is a number, this or less"`
	CountMin  int      `yaml:"count_min" doc:"the path selects at least so many nodes (default 1); for the elements of an array it ends in [*]"`

	path    query
	matches pattern
}

// Validate checks the settings.
func (j *JSON) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if j.Path == "" {
		fault("path: required")
	} else if _, err := j.path.compile(j.Path); err != nil {
		fault("path: %w", err)
	}
	if j.Equals != nil && !likeJSON(*j.Equals) {
		fault("equals: cannot be compared with JSON: put it in quotes")
	}
	if j.NotEquals != nil && !likeJSON(*j.NotEquals) {
		fault("not_equals: cannot be compared with JSON: put it in quotes")
	}
	for i, value := range j.In {
		if !likeJSON(value) {
			fault("in: [%d]: cannot be compared with JSON: put it in quotes", i)
		}
	}
	if _, err := j.matches.compile(j.Matches); err != nil {
		fault("matches: %w", err)
	}
	if j.Min != nil && j.Max != nil && *j.Min > *j.Max {
		fault("max: less than min")
	}
	if j.CountMin < 0 {
		fault("count_min: must not be negative")
	}
	return errors.Join(faults...)
}

// Check implements [Assertion].
func (j *JSON) Check(o *Observation) error {
	path, err := j.path.compile(j.Path)
	if err != nil {
		return err
	}
	if _, err = j.matches.compile(j.Matches); err != nil {
		return err
	}
	nodes, err := o.selectNodes(path)
	if err != nil {
		return err
	}
	if wanted := max(1, j.CountMin); len(nodes) < wanted {
		if len(nodes) == 0 {
			return fmt.Errorf("json %s: expected something, found nothing", j.Path)
		}
		return fmt.Errorf("json %s: expected: at least %d nodes; found: %d", j.Path, wanted, len(nodes))
	}
	for _, node := range nodes {
		if wanted := j.fails(node); wanted != "" {
			return fmt.Errorf("json %s: expected: %s; found: %s", j.Path, wanted, show(node))
		}
	}
	return nil
}

// fails returns the condition that the node does not hold to, if there is one.
func (j *JSON) fails(node any) string {
	is := func(value any) bool { return equal(value, node) }
	number, isNumber := numeric(node)
	text, isText := node.(string)
	switch {
	case j.Equals != nil && !is(*j.Equals):
		return "equals " + show(*j.Equals)
	case j.NotEquals != nil && is(*j.NotEquals):
		return "does not equal " + show(*j.NotEquals)
	case j.In != nil && !slices.ContainsFunc(j.In, is):
		return "is one of " + j.choices()
	case j.Matches != "" && (!isText || !j.matches.compiled.MatchString(text)):
		return "matches " + strconv.Quote(j.Matches)
	case j.Min != nil && (!isNumber || number < *j.Min):
		return "is at least " + plain(*j.Min)
	case j.Max != nil && (!isNumber || number > *j.Max):
		return "is at most " + plain(*j.Max)
	}
	return ""
}

// String implements [Assertion].
func (j *JSON) String() string {
	var parts []string
	if j.Equals != nil {
		parts = append(parts, "equals "+show(*j.Equals))
	}
	if j.NotEquals != nil {
		parts = append(parts, "does not equal "+show(*j.NotEquals))
	}
	if j.In != nil {
		parts = append(parts, "is one of "+j.choices())
	}
	if j.Matches != "" {
		parts = append(parts, "matches "+strconv.Quote(j.Matches))
	}
	if j.Min != nil {
		parts = append(parts, "is at least "+plain(*j.Min))
	}
	if j.Max != nil {
		parts = append(parts, "is at most "+plain(*j.Max))
	}
	if j.CountMin > 0 {
		parts = append(parts, "selects at least "+strconv.Itoa(j.CountMin))
	}
	if len(parts) == 0 {
		parts = append(parts, "is present")
	}
	return "json " + j.Path + " " + strings.Join(parts, " and ")
}

func (j *JSON) choices() string {
	texts := make([]string, len(j.In))
	for i, value := range j.In {
		texts[i] = show(value)
	}
	return strings.Join(texts, ", ")
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
