package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// names are the keys that entries of lists are named by in messages.
var names = [...]string{"id", "name", "api", "indicator"}

// label names an entry of a list: by its id or name if it has one, by its number otherwise.
func label(n *yaml.Node, i int) string {
	n = resolve(n)
	if n.Kind == yaml.MappingNode {
		for _, name := range names {
			if _, value := lookup(n, name); value != nil && value.Kind == yaml.ScalarNode && value.Value != "" {
				return " " + quote(value.Value)
			}
		}
	}
	return fmt.Sprintf(" #%d", i+1)
}

// lookup returns the key and the value of a key of a mapping; nil when it has none.
func lookup(n *yaml.Node, key string) (k, v *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == key {
			return n.Content[i], resolve(n.Content[i+1])
		}
	}
	return nil, nil
}

// resolve returns what an alias stands for, and any other node itself.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// keyOf returns the key of the mapping that an error names first, if there is one.
func keyOf(n *yaml.Node, err error) *yaml.Node {
	name, _, ok := strings.Cut(err.Error(), ":")
	if !ok {
		return nil
	}
	key, _ := lookup(n, name)
	return key
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// kindOf says in words what a node is.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if !standard(n) {
		return "a value tagged " + cut(n.Tag, maxLabel)
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!null":
		return "nothing"
	}
	return "a text"
}

// standard reports whether a scalar has one of the tags that plain YAML gives.
func standard(n *yaml.Node) bool {
	return slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp"}, n.ShortTag())
}
