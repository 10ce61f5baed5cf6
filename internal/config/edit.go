package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ErrBindings says that a file binds its keys in a list, which is the user's to
// edit.
var ErrBindings = errors.New("the file has a list of bindings")

// Set returns the text of a settings file with a setting, such as key or
// audio.tail, changed or added. All else, comments included, stays as it was.
// The value is not judged: Load does that.
func Set(text []byte, name, value string) ([]byte, error) {
	changed, err := set(text, name, value)
	if err != nil {
		return nil, err
	}
	// YAML has more ways to write than an edit of lines can know.
	before, errBefore := leaves(text)
	after, errAfter := leaves(changed)
	before[name] = value
	if errBefore != nil || errAfter != nil || !maps.Equal(before, after) {
		return nil, fmt.Errorf("%s cannot be changed in this file", name)
	}
	return changed, nil
}

// leaves returns the text of each scalar by its path.
func leaves(text []byte) (map[string]string, error) {
	all := map[string]string{}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return all, err
	}
	var walk func(path string, n ast.Node)
	walk = func(path string, n ast.Node) {
		for _, p := range topLevel(n) {
			walk(strings.TrimPrefix(path+"."+p.Key.GetToken().Value, "."), p.Value)
		}
		switch n := n.(type) {
		case nil, *ast.MappingNode, *ast.MappingValueNode, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.LiteralNode:
			all[path] = n.Value.Value
		case ast.ScalarNode:
			all[path] = n.GetToken().Value
		default:
			all[path] = n.String()
		}
	}
	for i, doc := range tree.Docs {
		walk(strings.Repeat("\n", i), doc.Body)
	}
	return all, nil
}

func set(text []byte, name, value string) ([]byte, error) {
	tree, err := parser.ParseBytes(text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse settings: %w", err)
	}
	lines := strings.Split(string(text), "\n")
	group, rest, nested := strings.Cut(name, ".")
	for _, doc := range tree.Docs {
		for _, p := range topLevel(doc.Body) {
			switch p.Key.GetToken().Value {
			case "bindings":
				if !nested {
					return nil, ErrBindings
				}
			case name:
				return put(lines, p, name, value)
			case group:
				return within(lines, p, rest, value)
			}
		}
	}
	added := []string{name + ": " + plain(value)}
	if nested {
		added = []string{group + ":", "  " + rest + ": " + plain(value)}
	}
	if n := len(lines); lines[n-1] == "" {
		lines = slices.Insert(lines, n-1, added...)
	} else {
		lines = append(append(lines, added...), "")
	}
	return []byte(strings.Join(lines, "\n")), nil
}

// put changes the value of an entry that stands on one line.
func put(lines []string, p *ast.MappingValueNode, name, value string) ([]byte, error) {
	k := p.Key.GetToken().Position
	if p.Value.Type() != ast.NullType && p.Value.GetToken().Position.Line != k.Line {
		return nil, fmt.Errorf("line %d: %s is not on one line", k.Line, name)
	}
	before := lines[k.Line-1][:k.Column-1]
	if strings.TrimSpace(before) != "" {
		return nil, fmt.Errorf("line %d: %s does not begin the line", k.Line, name)
	}
	lines[k.Line-1] = before + p.Key.GetToken().Value + ": " + plain(value)
	return []byte(strings.Join(lines, "\n")), nil
}

// within changes or adds an entry of a group.
func within(lines []string, group *ast.MappingValueNode, name, value string) ([]byte, error) {
	at, indent := group.Key.GetToken().Position.Line, "  "
	if group.Value.Type() != ast.NullType && group.Value.GetToken().Position.Line == at {
		if entries := topLevel(group.Value); len(entries) == 0 || entries[0].Key.GetToken().Position.Line == at {
			return nil, fmt.Errorf("line %d: %s is not one setting a line", at, group.Key.GetToken().Value)
		}
	}
	for i, p := range topLevel(group.Value) {
		k := p.Key.GetToken()
		if k.Value == name {
			return put(lines, p, name, value)
		}
		if i == 0 {
			indent = lines[k.Position.Line-1][:k.Position.Column-1]
		}
	}
	lines = slices.Insert(lines, at, indent+name+": "+plain(value))
	return []byte(strings.Join(lines, "\n")), nil
}

// plain writes a value so that YAML reads the same text.
func plain(value string) string {
	b, err := yaml.Marshal(value)
	if text := strings.TrimSuffix(string(b), "\n"); err == nil && !strings.Contains(text, "\n") {
		return text
	}
	return strconv.Quote(value)
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
