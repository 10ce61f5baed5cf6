package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// An entry is one key of a settings file with its value. Groups are entries too; their
// settings follow them. A list is one entry.
type entry struct {
	name  string // the whole path, with dots between its parts
	key   *token.Token
	value ast.Node
}

// parse returns the entries of a settings file, in order. With an error it returns
// those before the error, and where the error is; that token may be nil.
func parse(text []byte) (all []entry, at *token.Token, err error) {
	if at, err := checkText(text); err != nil {
		return nil, at, err
	}
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(text, bom)))
	if at, err := checkTokens(tokens); err != nil {
		return nil, at, err
	}
	tree, err := parser.Parse(tokens, 0)
	if y, is := errors.AsType[yaml.Error](err); is {
		if strings.HasPrefix(y.GetMessage(), "found character '\t'") {
			return nil, y.GetToken(), errors.New("a tab: YAML takes only spaces before a setting")
		}
		return nil, y.GetToken(), errors.New(y.GetMessage())
	}
	if err != nil {
		return nil, nil, err
	}
	n := 0 // documents before this one
	for _, doc := range tree.Docs {
		if doc.Body != nil && doc.Body.Type() == ast.DirectiveType {
			continue // %YAML 1.2
		}
		n++
		switch pairs, ok := mapping(doc.Body); {
		case isEmpty(doc.Body):
		case n > 1:
			return all, doc.Body.GetToken(), errors.New("a second document, want one")
		case !ok:
			return all, doc.Body.GetToken(), errors.New(wantMapping)
		default:
			all = appendEntries(all, "", pairs)
		}
	}
	return all, nil, nil
}

const wantMapping = "want settings, each as NAME: VALUE"

func appendEntries(all []entry, prefix string, pairs []*ast.MappingValueNode) []entry {
	for _, p := range pairs {
		e := entry{prefix + p.Key.GetToken().Value, p.Key.GetToken(), p.Value}
		all = append(all, e)
		if e.isGroup() {
			below, _ := mapping(e.value)
			all = appendEntries(all, e.name+".", below)
		}
	}
	return all
}

// mapping returns the pairs of a YAML mapping, and whether n is one.
func mapping(n ast.Node) (pairs []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func isEmpty(n ast.Node) bool {
	return n == nil || n.Type() == ast.NullType || n.Type() == ast.CommentType
}

// isGroup reports whether e is a group of settings, which may be empty.
func (e entry) isGroup() bool {
	_, ok := mapping(e.value)
	return isGroup(e.name) && (ok || e.value.Type() == ast.NullType)
}

// isList reports whether e is a list of keys, recognizers or programs.
func (e entry) isList() bool {
	_, ok := listNamed(e.name)
	return ok && e.value.Type() == ast.SequenceType
}

// text returns the text of the scalar n. If list is true, n may also be a list; its text
// is that of joinList. With an error text returns where the error is.
func text(n ast.Node, list bool) (v string, at *token.Token, err error) {
	switch n := n.(type) {
	case *ast.NullNode:
		return "", nil, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil, nil
	case ast.ScalarNode:
		return n.GetToken().Value, nil, nil
	case *ast.SequenceNode:
		if !list {
			break
		}
		var entries []string
		for _, e := range n.Values {
			v, at, err := text(e, false)
			if err == nil && strings.Contains(v, "\n") {
				at, err = e.GetToken(), errors.New("want one line an entry")
			}
			if err != nil {
				return "", at, err
			}
			entries = append(entries, v)
		}
		return joinList(entries), nil, nil
	}
	return "", n.GetToken(), errors.New("want one value")
}

// A file is a settings file that is being read.
type file struct {
	name     string
	lines    []string
	env      func(string) (string, bool)
	config   Config
	warnings []Warning
	errs     []error
}

func newFile(src Source) *file {
	return &file{name: src.File, env: src.Env, lines: strings.Split(string(bytes.TrimPrefix(src.Text, bom)), "\n"), config: Default()}
}

// place returns the place of a token for messages, FILE:LINE:COLUMN. A nil token is the
// whole file.
func (f *file) place(t *token.Token) string {
	if t == nil {
		return f.name
	}
	return fmt.Sprintf("%s:%d:%d", f.name, t.Position.Line, t.Position.Column)
}

// err returns an error with the place of a token, which may be nil.
func (f *file) err(at *token.Token, msg string) *Error {
	e := &Error{Place: f.place(at), Msg: msg}
	if at != nil && at.Position.Line >= 1 && at.Position.Line <= len(f.lines) {
		e.Line = f.lines[at.Position.Line-1]
	}
	return e
}

func (f *file) fail(at *token.Token, msg string) { f.errs = append(f.errs, f.err(at, msg)) }
