package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ErrBindings says that a file binds its keys in a list, which is the user's to
// edit.
var ErrBindings = errors.New("the file has a list of bindings")

// Set returns the text of a settings file with a setting of the top level
// changed or added. All else, comments included, stays as it was.
func Set(text []byte, name, value string) ([]byte, error) {
	tree, err := parser.ParseBytes(text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse settings: %w", err)
	}
	line := name + ": " + value
	lines := strings.Split(string(text), "\n")
	for _, doc := range tree.Docs {
		for _, p := range topLevel(doc.Body) {
			at := p.Key.GetToken().Position.Line - 1
			switch p.Key.GetToken().Value {
			case "bindings":
				return nil, ErrBindings
			case name:
				if p.Value.Type() != ast.NullType && p.Value.GetToken().Position.Line != at+1 {
					return nil, fmt.Errorf("line %d: %s is not on one line", at+1, name)
				}
				lines[at] = line
				return []byte(strings.Join(lines, "\n")), nil
			}
		}
	}
	if n := len(lines); lines[n-1] == "" {
		lines = slices.Insert(lines, n-1, line)
	} else {
		lines = append(lines, line, "")
	}
	return []byte(strings.Join(lines, "\n")), nil
}

// topLevel returns the settings of a document, none if it is empty.
func topLevel(body ast.Node) []*ast.MappingValueNode {
	switch n := body.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}
