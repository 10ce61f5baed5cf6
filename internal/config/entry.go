package config

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// An entry is a setting as it stands in a file: its whole name, where it is
// and what it is set to. The lists bindings and whisper are one entry each.
type entry struct {
	name  string
	at    *token.Token
	value ast.Node
}

// entries returns what stands in a file, in order. A file that is no YAML is an
// error of f.
func (f *file) entries(text []byte) (all []entry) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		f.syntax(err)
		return nil
	}
	var walk func(prefix string, n ast.Node)
	walk = func(prefix string, n ast.Node) {
		for _, p := range topLevel(n) {
			name := prefix + p.Key.GetToken().Value
			if below := topLevel(p.Value); isGroup(name) && (len(below) > 0 || p.Value.Type() == ast.NullType) {
				walk(name+".", p.Value)
				continue
			}
			all = append(all, entry{name, p.Key.GetToken(), p.Value})
		}
	}
	for _, doc := range tree.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType:
		case len(topLevel(doc.Body)) == 0 && doc.Body.Type() != ast.MappingType:
			f.fail(doc.Body.GetToken(), "want settings, each as NAME: VALUE")
		default:
			walk("", doc.Body)
		}
	}
	return all
}

// bare are texts that need no quotes.
var bare = regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?|true|false|off|on|yes|no)$`)

// written returns a value so that YAML reads it again.
func (s setting) written(v string) string {
	entries, ok := strings.CutSuffix(v, "\n")
	switch {
	case bare.MatchString(v):
		return v // a text for us, whatever else YAML takes it for
	case !s.list || !ok:
		return plain(v)
	}
	var quoted []string
	for e := range strings.SplitSeq(entries, "\n") {
		b, err := json.Marshal(e)
		if err != nil {
			panic("config: text is not JSON: " + err.Error())
		}
		quoted = append(quoted, string(b)) // YAML reads it like JSON
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// A page is a settings file being written, group by group.
type page struct {
	text  strings.Builder
	group string
}

// put writes a setting below its comment lines, of which there may be none.
func (p *page) put(name, value, comment string) {
	indent := ""
	if group, rest, ok := strings.Cut(name, "."); ok {
		if group != p.group {
			p.text.WriteString("\n" + group + ":\n")
		}
		p.group, name, indent = group, rest, "  "
	} else {
		p.group = ""
	}
	for line := range strings.Lines(comment) {
		p.text.WriteString(indent + "# " + strings.TrimSuffix(line, "\n") + "\n")
	}
	p.text.WriteString(indent + name + ": " + value + "\n")
}

// list writes a list of the top level as it stood.
func (p *page) list(name string, n ast.Node) {
	p.group = ""
	p.text.WriteString("\n" + name + ":\n")
	for line := range strings.Lines(strings.TrimRight(n.String(), "\n") + "\n") {
		p.text.WriteString("  " + line)
	}
}
