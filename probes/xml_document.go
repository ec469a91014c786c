package probes

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/antchfx/xpath"
	"golang.org/x/net/html/charset"
)

// The bounds of a document of XML: they decide the memory that it takes.
const (
	maxTreeDepth = 256
	maxTreeNodes = 300_000 // elements, attributes, texts and comments
)

// xmlNode is one node of a document. Attributes are no nodes of their own.
type xmlNode struct {
	kind                      xpath.NodeType
	name                      xml.Name // of an element; its Space is the namespace
	text                      string   // of a text or a comment
	attributes                []xml.Attr
	parent, child, next, prev *xmlNode
}

// xmlReader builds a document.
type xmlReader struct {
	at, last   *xmlNode // the element that is open, and its last child
	depth      int
	nodes      int
	root       bool // was seen
	doctype    bool // was seen
	unreadable error
}

// parseXML reads a document, with or without namespaces. A document type is
// passed over: nothing is fetched, and no entity is known but those of XML
// itself, so none can grow.
func parseXML(body []byte) (*xmlNode, error) {
	if bytes.HasPrefix(body, []byte("\xfe\xff")) || bytes.HasPrefix(body, []byte("\xff\xfe")) {
		return nil, undecided{errors.New("the body is XML in UTF-16, which we do not read")}
	}
	document := &xmlNode{kind: xpath.RootNode}
	r := &xmlReader{at: document}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	d.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		decoded, err := charset.NewReaderLabel(label, input)
		if err != nil {
			r.unreadable = fmt.Errorf("the body is XML in an encoding that we do not read: %w", err)
		}
		return decoded, err
	}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = r.add(token)
		}
		if err != nil {
			return nil, r.fault(err)
		}
	}
	if !r.root {
		return nil, errors.New("the body is not XML: it has no element")
	}
	return document, nil
}

// fault says whether it is the document that is at fault or we.
func (r *xmlReader) fault(err error) error {
	if _, ok := errors.AsType[undecided](err); ok {
		return err
	}
	if r.unreadable != nil {
		return undecided{r.unreadable}
	}
	if r.doctype && strings.Contains(err.Error(), "character entity") {
		return undecided{fmt.Errorf("the body is XML whose entities we do not expand: %w", err)}
	}
	return fmt.Errorf("the body is not XML: %w", err)
}

func (r *xmlReader) add(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return r.open(t)
	case xml.EndElement:
		r.last, r.at = r.at, r.at.parent
		r.depth--
	case xml.CharData:
		if r.depth > 0 {
			return r.append(&xmlNode{kind: xpath.TextNode, text: string(t)})
		}
		if len(bytes.TrimSpace(t)) > 0 {
			return errors.New("text outside the root element")
		}
	case xml.Comment:
		return r.append(&xmlNode{kind: xpath.CommentNode, text: string(t)})
	case xml.Directive:
		r.doctype = true
	}
	return nil
}

func (r *xmlReader) open(t xml.StartElement) error {
	if r.depth == 0 && r.root {
		return errors.New("more than one root element")
	}
	r.root = true
	node := &xmlNode{kind: xpath.ElementNode, name: t.Name}
	for _, a := range t.Attr {
		if a.Name.Space != "xmlns" && (a.Name.Space != "" || a.Name.Local != "xmlns") {
			node.attributes = append(node.attributes, a)
		}
	}
	r.nodes += len(node.attributes)
	if err := r.append(node); err != nil {
		return err
	}
	if r.depth++; r.depth > maxTreeDepth {
		return undecided{fmt.Errorf("the body is XML deeper than the %d levels that we read", maxTreeDepth)}
	}
	r.at, r.last = node, nil
	return nil
}

// append makes a node the next child of the element that is open.
func (r *xmlReader) append(node *xmlNode) error {
	if r.nodes++; r.nodes > maxTreeNodes {
		return undecided{fmt.Errorf("the body is XML of more than the %d nodes that we read", maxTreeNodes)}
	}
	node.parent, node.prev = r.at, r.last
	if r.last == nil {
		r.at.child = node
	} else {
		r.last.next = node
	}
	r.last = node
	return nil
}
