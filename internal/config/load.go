package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/arealicehole/vocoder/internal/spell"
)

// An Error is a setting that cannot be used, and where it stands.
type Error struct {
	Place string // FILE:LINE:COLUMN, or the name in the environment or of the flag
	Line  string // the line of the file, if it is in one
	Msg   string
}

func (e *Error) Error() string {
	if e.Line == "" {
		return e.Place + ": " + e.Msg
	}
	return e.Place + ": " + e.Msg + "\n\t" + strings.TrimSpace(e.Line)
}

// A Warning is a setting that is understood and has no effect.
type Warning struct{ Place, Msg string }

func (w Warning) String() string { return w.Place + ": " + w.Msg }

// A Source is where settings come from besides their defaults.
type Source struct {
	File  string                      // name of the file, for messages
	Text  []byte                      // what is in it
	Env   func(string) (string, bool) // the environment; nil for none
	Flags map[string]string           // by the name of the setting
}

// Fault returns the error of a setting that was read and cannot be used, with the
// place where it stands, which is its name alone if it is the default.
func (src Source) Fault(name, msg string) *Error {
	if i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name }); i >= 0 {
		if _, from, is := override(src, i); is {
			return &Error{Place: from, Msg: msg}
		}
	}
	f := file{name: src.File, lines: strings.Split(string(src.Text), "\n")}
	all := f.entries(src.Text)
	for _, e := range all {
		if e.name == cmp.Or(coveredBy(all, name), name) {
			f.errs = nil
			f.fail(e.value.GetToken(), name+": "+msg)
			return f.errs[0].(*Error)
		}
	}
	return &Error{Place: name, Msg: msg}
}

// Load returns the settings of a source. All errors are found at once, each an
// *Error in the chain.
func Load(src Source) (Config, []Warning, error) {
	c := Default()
	f := file{name: src.File, lines: strings.Split(string(src.Text), "\n"), config: &c}
	f.load(src.Text)
	fail := func(place string, err error) {
		f.errs = append(f.errs, &Error{Place: place, Msg: err.Error()})
	}
	for i, s := range settings {
		for _, name := range append([]string{Settings()[i].Env()}, s.env...) {
			if v, ok := env(src, name); ok {
				if err := c.override(s, v); err != nil {
					fail("environment "+name, err)
				}
				break
			}
		}
		if v, ok := src.Flags[s.name]; ok {
			if err := c.override(s, v); err != nil {
				fail("--"+Settings()[i].Flag(), err)
			}
		}
	}
	for i, b := range c.Bindings {
		if len(b.Keys) == 0 {
			fail(cmp.Or(src.File, "settings"), fmt.Errorf("binding %d has no key", i+1))
		}
	}
	return c, f.warnings, errors.Join(f.errs...)
}

// override takes a setting from elsewhere than the file. The address of a
// recognizer takes the place of a list of them.
func (c *Config) override(s setting, v string) error {
	if s.name == "whisper_url" && len(c.Whisper) > 1 {
		c.Whisper = Default().Whisper
	}
	return s.set(c, v)
}

func env(src Source, name string) (string, bool) {
	if src.Env == nil {
		return "", false
	}
	return src.Env(name)
}

// A file is a settings file being read.
type file struct {
	name     string
	lines    []string
	config   *Config
	url      bool // whisper_url was read
	several  bool // a list of recognizers was
	warnings []Warning
	errs     []error
}

func (f *file) load(text []byte) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		f.syntax(err)
		return
	}
	for i, doc := range tree.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType {
			continue
		}
		if i > 0 {
			f.fail(doc.Body.GetToken(), "a second document, want one")
			return
		}
		f.mapping("", doc.Body)
	}
}

// syntax reports an error of the YAML reader.
func (f *file) syntax(err error) {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		f.fail(y.GetToken(), y.GetMessage())
		return
	}
	f.errs = append(f.errs, &Error{Place: f.name, Msg: err.Error()})
}

func (f *file) place(t *token.Token) string {
	return fmt.Sprintf("%s:%d:%d", f.name, t.Position.Line, t.Position.Column)
}

func (f *file) fail(t *token.Token, msg string) {
	e := &Error{Place: f.place(t), Msg: msg}
	if n := t.Position.Line; n >= 1 && n <= len(f.lines) {
		e.Line = f.lines[n-1]
	}
	f.errs = append(f.errs, e)
}

// pairs returns the entries of a mapping, or reports that n is none.
func (f *file) pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	f.fail(n.GetToken(), "want settings, each as NAME: VALUE")
	return nil
}

// mapping reads the settings below prefix.
func (f *file) mapping(prefix string, n ast.Node) {
	for _, p := range f.pairs(n) {
		name := prefix + p.Key.GetToken().Value
		switch {
		case dead[name] != "":
			f.warnings = append(f.warnings, Warning{f.place(p.Key.GetToken()), name + " has no effect: " + dead[name]})
		case name == "bindings":
			f.bindings(p.Value)
		case name == "typing.applications":
			f.applications(p.Value)
		case name == "whisper" && p.Value.Type() == ast.SequenceType:
			f.recognizers(p.Key.GetToken(), p.Value.(*ast.SequenceNode))
		case isGroup(name):
			if p.Value.Type() != ast.NullType {
				f.mapping(name+".", p.Value)
			}
		default:
			f.scalar(p, name)
		}
	}
}

// isGroup reports whether settings stand below name.
func isGroup(name string) bool {
	for _, s := range settings {
		if strings.HasPrefix(s.name, name+".") {
			return true
		}
	}
	for d := range dead {
		if strings.HasPrefix(d, name+".") {
			return true
		}
	}
	return false
}

func (f *file) scalar(p *ast.MappingValueNode, name string) {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
	if i < 0 {
		f.fail(p.Key.GetToken(), unknown(name, names()))
		return
	}
	if name == "whisper_url" {
		f.url = true
		if f.several {
			f.fail(p.Key.GetToken(), oneOrList)
			return
		}
	}
	f.set(f.config, settings[i], p.Value)
}

// set gives a setting the value at n.
func (f *file) set(c *Config, s setting, n ast.Node) {
	v, ok := f.value(n, s)
	if !ok {
		return
	}
	if err := s.set(c, v); err != nil {
		f.fail(n.GetToken(), s.name+": "+err.Error())
	}
}

// value returns the text of a scalar or, where the setting is one, of a list.
func (f *file) value(n ast.Node, s setting) (string, bool) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok || !s.list {
		return f.text(n, s.name)
	}
	var entries []string
	for _, e := range seq.Values {
		v, ok := f.text(e, s.name)
		if !ok {
			return "", false
		}
		if strings.Contains(v, "\n") {
			f.fail(e.GetToken(), s.name+": want one line an entry")
			return "", false
		}
		entries = append(entries, v)
	}
	return listed(entries), true
}

// text returns the text of a scalar, or reports that n is none.
func (f *file) text(n ast.Node, name string) (string, bool) {
	if n.Type() == ast.NullType {
		return "", true
	}
	s, ok := n.(ast.ScalarNode)
	if !ok {
		f.fail(n.GetToken(), name+": want one value")
		return "", false
	}
	if l, ok := n.(*ast.LiteralNode); ok {
		return l.Value.Value, true
	}
	return s.GetToken().Value, true
}

const oneOrList = "whisper: want either one recognizer, at whisper_url, or a list of them, each beginning with - url:"

func names() []string {
	out := []string{"bindings", "typing.applications"}
	for _, s := range settings {
		out = append(out, s.name)
	}
	return out
}

// Unknown says that there is no setting of that name, and which was probably
// meant.
func Unknown(name string) string { return unknown(name, names()) }

// unknown says that there is no such setting, and which was probably meant.
func unknown(name string, known []string) string {
	found := ""
	if near := spell.Nearest(name, known, max(len(name)/2, 2)); len(near) > 0 {
		found = near[0]
	}
	for _, k := range known { // the right name in the wrong place
		if found == "" && (strings.HasSuffix(k, "."+name) || strings.HasSuffix(name, "."+k)) {
			found = k
		}
	}
	if found == "" {
		return fmt.Sprintf("unknown setting %s", name)
	}
	return fmt.Sprintf("unknown setting %s: did you mean %s?", name, found)
}
