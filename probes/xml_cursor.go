package probes

import (
	"errors"
	"strings"

	"github.com/antchfx/xpath"
)

// maxXPathSteps bounds the work of one XPath on one document, in moves from
// node to node: about a second.
const maxXPathSteps = 10_000_000

var errXPathWork = errors.New("takes more work on this answer than we do")

// xmlWork counts down the work that is left. It panics at its end, since the
// evaluation of a path can be stopped in no other way.
type xmlWork struct{ left int }

func (w *xmlWork) spend(steps int) {
	if w.left -= steps; w.left < 0 {
		panic(errXPathWork)
	}
}

// xmlCursor is a place in a document, as package xpath walks it. Names have no
// prefix: a path that names a namespace is compared by NamespaceURL.
type xmlCursor struct {
	at        *xmlNode
	attribute int // of the element at; -1 for the node itself
	document  *xmlNode
	work      *xmlWork
}

func newXMLCursor(document *xmlNode) *xmlCursor {
	return &xmlCursor{at: document, attribute: -1, document: document, work: &xmlWork{left: maxXPathSteps}}
}

// NodeType implements [xpath.NodeNavigator].
func (c *xmlCursor) NodeType() xpath.NodeType {
	if c.attribute >= 0 {
		return xpath.AttributeNode
	}
	return c.at.kind
}

// LocalName implements [xpath.NodeNavigator].
func (c *xmlCursor) LocalName() string {
	if c.attribute >= 0 {
		return c.at.attributes[c.attribute].Name.Local
	}
	return c.at.name.Local
}

// Prefix implements [xpath.NodeNavigator].
func (c *xmlCursor) Prefix() string { return "" }

// NamespaceURL returns the namespace of an element or attribute.
func (c *xmlCursor) NamespaceURL() string {
	if c.attribute >= 0 {
		return c.at.attributes[c.attribute].Name.Space
	}
	return c.at.name.Space
}

// Value implements [xpath.NodeNavigator].
func (c *xmlCursor) Value() string {
	const bytesPerStep = 64
	var value string
	switch {
	case c.attribute >= 0:
		value = c.at.attributes[c.attribute].Value
	case c.at.kind == xpath.TextNode || c.at.kind == xpath.CommentNode:
		value = c.at.text
	default:
		value = c.innerText()
	}
	c.work.spend(1 + len(value)/bytesPerStep)
	return value
}

// innerText returns the texts inside an element, one after the other.
func (c *xmlCursor) innerText() string {
	var b strings.Builder
	node := c.at
	for {
		c.work.spend(1)
		if node.kind == xpath.TextNode {
			b.WriteString(node.text)
		}
		if node.child != nil {
			node = node.child
			continue
		}
		for node != c.at && node.next == nil {
			node = node.parent
		}
		if node == c.at {
			return b.String()
		}
		node = node.next
	}
}

// Copy implements [xpath.NodeNavigator].
func (c *xmlCursor) Copy() xpath.NodeNavigator {
	c.work.spend(1)
	other := *c
	return &other
}

// MoveToRoot implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveToRoot() { c.at, c.attribute = c.document, -1 }

// MoveToParent implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveToParent() bool {
	if c.attribute >= 0 {
		c.attribute = -1
		return true
	}
	return c.move(c.at.parent)
}

// MoveToNextAttribute implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveToNextAttribute() bool {
	c.work.spend(1)
	if c.attribute+1 >= len(c.at.attributes) {
		return false
	}
	c.attribute++
	return true
}

// MoveToChild implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveToChild() bool { return c.attribute < 0 && c.move(c.at.child) }

// MoveToFirst implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveToFirst() bool {
	if c.attribute >= 0 || c.at.parent == nil {
		return false
	}
	return c.move(c.at.parent.child)
}

// MoveToNext implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveToNext() bool { return c.attribute < 0 && c.move(c.at.next) }

// MoveToPrevious implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveToPrevious() bool { return c.attribute < 0 && c.move(c.at.prev) }

// MoveTo implements [xpath.NodeNavigator].
func (c *xmlCursor) MoveTo(other xpath.NodeNavigator) bool {
	o, ok := other.(*xmlCursor)
	if !ok || o.document != c.document {
		return false
	}
	c.at, c.attribute = o.at, o.attribute
	return true
}

func (c *xmlCursor) move(to *xmlNode) bool {
	c.work.spend(1)
	if to == nil {
		return false
	}
	c.at = to
	return true
}
