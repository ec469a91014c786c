package probes

import (
	"fmt"
	"strings"

	"github.com/antchfx/xpath"
)

// xmlPath returns the expression of the XPath for one evaluation.
func (f *Freshness) xmlPath() (*xpath.Expr, error) { return (&XPath{Path: f.XML}).compile() }

// xmlValues hands the texts of what the XPath selects to take, or the text or
// number that it computes. A panic on the way is one of package xpath, or the
// end of the work that we do.
func (f *Freshness) xmlValues(body []byte, take func(any) bool) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%s: %v", f.XML, v)
		}
	}()
	path, err := f.xmlPath()
	if err != nil {
		return err
	}
	document, err := parseXML(body)
	if err != nil {
		return err
	}
	switch found := path.Evaluate(newXMLCursor(document)).(type) {
	case *xpath.NodeIterator:
		for found.MoveNext() {
			if !take(strings.TrimSpace(found.Current().Value())) {
				break
			}
		}
	case string:
		take(strings.TrimSpace(found))
	case float64:
		take(plain(found))
	default:
		return fmt.Errorf("%s gives a %T: want nodes, a text or a number", f.XML, found)
	}
	return nil
}
