package probes

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/antchfx/xpath"
)

// XPath asserts what a path selects in a body of XML. Every node that it
// selects must hold to all the conditions, and there must be one (or as many as
// CountMin says). What is compared is the text of the node without the white
// space around it. A path whose result is no node, such as count(//item) > 3,
// must come to true (or a number other than 0, or a text) where there is no
// condition.
//
// A name without prefix matches whatever the namespace; a prefix means the
// namespace that Namespaces gives it, however the document writes it.
type XPath struct {
	Path       string            `yaml:"path" doc:"XPath 1.0; alone: it selects something, or is true" required:"true"`
	Namespaces map[string]string `yaml:"namespaces" doc:"the prefixes that the path uses, each with the address of its namespace"`
	Equals     *string           `yaml:"equals" doc:"the text of each selected node is this"`
	Matches    string            `yaml:"matches" doc:"the text of each selected node matches this regular expression (RE2)"`
	CountMin   int               `yaml:"count_min" doc:"the path selects at least so many nodes (default 1)"`

	once    sync.Once
	err     error
	matches pattern
}

// maxXPath is the most bytes of a path.
const maxXPath = 2000

// Validate checks the settings.
func (x *XPath) Validate() error {
	x.once.Do(func() { x.err = x.validate() })
	return x.err
}

func (x *XPath) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if x.Path == "" {
		fault("path: required")
	} else if _, err := x.compile(); err != nil {
		fault("path: %w", err)
	}
	for _, prefix := range slices.Sorted(maps.Keys(x.Namespaces)) {
		if x.Namespaces[prefix] == "" {
			fault("namespaces: %s: want the address of a namespace", prefix)
		}
	}
	if _, err := x.matches.compile(x.Matches); err != nil {
		fault("matches: %w", err)
	}
	if x.CountMin < 0 {
		fault("count_min: must not be negative")
	}
	return errors.Join(faults...)
}

// compile makes an expression for one evaluation: it keeps state.
func (x *XPath) compile() (expression *xpath.Expr, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.New("not an XPath")
		}
	}()
	if len(x.Path) > maxXPath {
		return nil, fmt.Errorf("longer than %d bytes", maxXPath)
	}
	namespaces := x.Namespaces
	if namespaces == nil {
		namespaces = map[string]string{} // so that an unknown prefix is a fault
	}
	if expression, err = xpath.CompileWithNS(x.Path, namespaces); err != nil {
		return nil, fmt.Errorf("not an XPath: %w", err)
	}
	return expression, nil
}

// Check implements [Assertion].
func (x *XPath) Check(o *Observation) error {
	if err := x.Validate(); err != nil {
		return undecided{err}
	}
	document, err := parseXML(o.Body)
	if err != nil {
		return err
	}
	return x.evaluate(document)
}

// evaluate tries the path. A panic on the way is one of package xpath, or the
// end of the work that we do.
func (x *XPath) evaluate(document *xmlNode) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = undecided{fmt.Errorf("xpath %s: %v", x.Path, v)}
		}
	}()
	expression, err := x.compile()
	if err != nil {
		return undecided{err}
	}
	switch result := expression.Evaluate(newXMLCursor(document)).(type) {
	case *xpath.NodeIterator:
		return x.nodes(result)
	case bool:
		return x.value(strconv.FormatBool(result), result)
	case float64:
		return x.value(plain(result), result != 0 && !math.IsNaN(result))
	case string:
		return x.value(result, result != "")
	default:
		return undecided{fmt.Errorf("xpath %s: has a result of type %T", x.Path, result)}
	}
}

func (x *XPath) nodes(selected *xpath.NodeIterator) error {
	count := 0
	for selected.MoveNext() {
		count++
		if x.Equals != nil || x.Matches != "" {
			if err := x.value(selected.Current().Value(), true); err != nil {
				return err
			}
		}
	}
	switch wanted := max(1, x.CountMin); {
	case count == 0:
		return fmt.Errorf("xpath %s: expected something, found nothing", x.Path)
	case count < wanted:
		return fmt.Errorf("xpath %s: expected: at least %d nodes; found: %d", x.Path, wanted, count)
	}
	return nil
}

// value tries the conditions on one text; where there is none, truth decides.
func (x *XPath) value(text string, truth bool) error {
	text = strings.TrimSpace(text)
	switch {
	case x.Equals != nil && text != strings.TrimSpace(*x.Equals):
		return fmt.Errorf("xpath %s: expected: equals %q; found: %s", x.Path, *x.Equals, show(text))
	case x.Matches != "" && !x.matches.compiled.MatchString(text):
		return fmt.Errorf("xpath %s: expected: matches %q; found: %s", x.Path, x.Matches, show(text))
	case x.Equals == nil && x.Matches == "" && !truth:
		return fmt.Errorf("xpath %s: expected: true; found: %s", x.Path, text)
	}
	return nil
}

// String implements [Assertion].
func (x *XPath) String() string {
	var parts []string
	if x.Equals != nil {
		parts = append(parts, "equals "+strconv.Quote(*x.Equals))
	}
	if x.Matches != "" {
		parts = append(parts, "matches "+strconv.Quote(x.Matches))
	}
	if x.CountMin > 0 {
		parts = append(parts, "selects at least "+strconv.Itoa(x.CountMin))
	}
	if len(parts) == 0 {
		parts = append(parts, "is present")
	}
	return "xpath " + x.Path + " " + strings.Join(parts, " and ")
}
