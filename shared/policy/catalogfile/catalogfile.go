// Package catalogfile reads the catalog as people write it: YAML. No function imports it; they start with the Go that
// command generate makes of it, or read JSON such as it makes.
package catalogfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/keyward/keyward/shared/policy"
)

// Load reads and validates a catalog. Its error names each line, the field and the rule.
func Load(data []byte) (*policy.Catalog, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", unreadable(err))
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, errors.New("catalog: the file must hold one YAML document")
	}
	body := file.Docs[0].Body
	var anything any
	if err := yaml.NodeToValue(body, &anything); err != nil {
		return nil, fmt.Errorf("catalog: %w", unreadable(err))
	}
	text, err := json.Marshal(anything)
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	catalog, err := policy.Load(text)
	var invalid policy.Invalid
	if errors.As(err, &invalid) {
		return nil, withLines(invalid, body)
	}
	return catalog, err
}

// unreadable is a YAML reader's error with its line.
func unreadable(err error) error {
	var placed yaml.Error
	if !errors.As(err, &placed) || placed.GetToken() == nil {
		return err
	}
	return fmt.Errorf("line %d: %s", placed.GetToken().Position.Line, placed.GetMessage())
}

// withLines says before each rule on which line it is broken.
func withLines(invalid policy.Invalid, body ast.Node) policy.Invalid {
	placed := make(policy.Invalid, len(invalid))
	for i, broken := range invalid {
		rule := fmt.Sprintf("line %d: %s", lineOf(body, broken), broken.Rule)
		placed[i] = policy.Broken{At: broken.At, Rule: rule}
	}
	return placed
}

// lineOf is where the broken item begins; where it is missing, where that begins which lacks it.
func lineOf(node ast.Node, broken policy.Broken) int {
	line := beginning(node)
	for name := range broken.At.Tokens() {
		next, key := child(node, name)
		if next == nil {
			break
		}
		node, line = next, beginning(key)
	}
	return line
}

// child is what a mapping or a list holds under name, and what that begins with.
func child(node ast.Node, name string) (value, key ast.Node) {
	switch node := node.(type) {
	case *ast.MappingNode:
		for _, pair := range node.Values {
			if strings.Trim(pair.Key.String(), `"'`) == name {
				return pair.Value, pair.Key
			}
		}
	case *ast.SequenceNode:
		for i, item := range node.Values {
			if fmt.Sprint(i) == name {
				return item, item
			}
		}
	}
	return nil, nil
}

// beginning is the line of a node's first token.
func beginning(node ast.Node) int {
	first := node.GetToken()
	if mapping, ok := node.(*ast.MappingNode); ok && len(mapping.Values) > 0 && first.Type == token.MappingValueType {
		first = mapping.Values[0].Key.GetToken()
	}
	return first.Position.Line
}
