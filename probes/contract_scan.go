package probes

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The bounds of what a document may hold. They are several times what the
// largest document known needs, and keep the work of loading one in seconds.
const (
	maxContractNodes = 2_000_000  // values, each as often as an alias repeats it
	maxContractDepth = 500        // of values within values
	maxContractWork  = 20_000_000 // values of what all references lead to
	maxContractRefs  = 20_000
	maxContractChain = 50 // of references that lead to nothing but a reference
)

// scan looks over a document before it is loaded: how much it holds once its
// aliases are followed, how deep it is, and how much its references lead to.
type scan struct {
	root    *yaml.Node
	extents map[*yaml.Node]extent
	members map[*yaml.Node]map[string]*yaml.Node // of those that references lead through
	refs    []string
}

// extent is how many values there are in one, itself included, and how deep.
// It is zero while they are counted.
type extent struct{ values, depth int }

// scanContract returns the document's own value.
func scanContract(data []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("the document is neither JSON nor YAML: %w", err)
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("the document is not an object")
	}
	s := scan{
		root: document.Content[0], extents: make(map[*yaml.Node]extent), members: make(map[*yaml.Node]map[string]*yaml.Node),
	}
	if _, err := s.extent(s.root); err != nil {
		return nil, err
	}
	work := 0
	for _, ref := range s.refs {
		target := s.target(ref)
		if target == nil {
			continue
		}
		work += s.extents[target].values
		if s.chain(target) > maxContractChain {
			return nil, errors.New("references in the document lead to references without end")
		}
		if work > maxContractWork {
			return nil, errors.New("the references in the document lead to more than can be loaded")
		}
	}
	return s.root, nil
}

// extent counts a value. The recursion is as deep as the parser of YAML
// allows, which is 10,000.
func (s *scan) extent(n *yaml.Node) (extent, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if e, ok := s.extents[n]; ok {
		if e.values == 0 {
			return e, errors.New("an alias in the document leads back to itself")
		}
		return e, nil
	}
	s.extents[n] = extent{}
	e := extent{values: 1}
	for i, child := range n.Content {
		within, err := s.extent(child)
		if err != nil {
			return e, err
		}
		e.values, e.depth = e.values+within.values, max(e.depth, within.depth+1)
		switch {
		case e.values > maxContractNodes:
			return e, fmt.Errorf("the document holds more than %d values", maxContractNodes)
		case e.depth > maxContractDepth:
			return e, fmt.Errorf("the document is nested deeper than %d", maxContractDepth)
		}
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "$ref" && strings.HasPrefix(child.Value, "#") {
			if s.refs = append(s.refs, child.Value); len(s.refs) > maxContractRefs {
				return e, fmt.Errorf("the document has more than %d references", maxContractRefs)
			}
		}
	}
	s.extents[n] = e
	return e, nil
}

// chain returns how many references follow, each of which leads to the next.
func (s *scan) chain(n *yaml.Node) (length int) {
	for n != nil && n.Kind == yaml.MappingNode && length <= maxContractChain {
		next := s.index(n)["$ref"]
		if next == nil {
			break
		}
		length++
		n = s.target(next.Value)
	}
	return length
}

// target returns what a reference within the document leads to; nil where it
// leads nowhere.
func (s *scan) target(ref string) *yaml.Node {
	n := s.root
	for token := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(ref, "#"), "/"), "/") {
		token = unescapePointer(token)
		switch n.Kind {
		case yaml.MappingNode:
			n = s.index(n)[token]
		case yaml.SequenceNode:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n.Content) {
				return nil
			}
			n = n.Content[i]
		default:
			return nil
		}
		if n == nil {
			return nil
		}
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
	}
	return n
}

// index returns the values of a mapping by their names.
func (s *scan) index(n *yaml.Node) map[string]*yaml.Node {
	if s.members[n] == nil {
		s.members[n] = make(map[string]*yaml.Node, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			s.members[n][n.Content[i].Value] = n.Content[i+1]
		}
	}
	return s.members[n]
}

// text returns the text of a member of a mapping.
func text(n *yaml.Node, name string) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1].Value
		}
	}
	return ""
}

// unescapePointer returns the name that a token of a JSON pointer in a URL
// stands for.
func unescapePointer(token string) string {
	if plain, err := url.PathUnescape(token); err == nil {
		token = plain
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}

// plainValue returns a node as encoding/json would decode it: all names are
// texts, and so are dates.
func plainValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.AliasNode:
		return plainValue(n.Alias)
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = plainValue(n.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, child := range n.Content {
			list[i] = plainValue(child)
		}
		return list
	}
	var value any
	switch n.ShortTag() {
	case "!!bool", "!!int", "!!float", "!!null":
		if n.Decode(&value) == nil {
			return value
		}
	}
	return n.Value
}
