package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// An Error says why a setting cannot be used, and its place.
type Error struct {
	Place string // FILE:LINE:COLUMN, or the name in the environment or of the flag
	Line  string // the line of the file, if it is in one
	Msg   string
	Err   error // the cause, for errors.Is; Msg has its text. It may be nil.
}

func (e *Error) Error() string {
	if e.Line == "" {
		return e.Place + ": " + e.Msg
	}
	return e.Place + ": " + e.Msg + "\n\t" + strings.TrimSpace(e.Line)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// A Warning is about a setting that has no effect.
type Warning struct{ Place, Msg string }

func (w Warning) String() string { return w.Place + ": " + w.Msg }

// A Source has everything that settings come from, besides their defaults.
type Source struct {
	File  string                      // name of the file, for messages
	Text  []byte                      // its content
	Env   func(string) (string, bool) // the environment; nil for none
	Flags map[string]string           // by the name of the setting
}

// An override is a value that the environment or a flag gives to a setting.
type override struct{ value, place string }

// overrides returns the overrides of a setting. The last one wins.
func (src Source) overrides(s Setting) (all []override) {
	if src.Env != nil {
		for _, name := range s.envs() {
			if v, ok := src.Env(name); ok {
				all = append(all, override{v, "environment " + name})
				break
			}
		}
	}
	if v, ok := src.Flags[s.Name]; ok {
		all = append(all, override{v, "--" + s.Flag()})
	}
	return all
}

// Fault returns the error of a setting that Load has accepted and that still cannot be
// used. The place of a default is the name of the setting.
func (src Source) Fault(name, msg string) *Error {
	s, ok := lookup(name)
	if o := src.overrides(s); ok && len(o) > 0 {
		return &Error{Place: o[len(o)-1].place, Msg: msg}
	}
	all, _, _ := parse(src.Text) // Load reports the error
	for _, e := range all {
		if e.name == cmp.Or(coveredBy(all, s), name) {
			return newFile(src.File, src.Text).err(e.value.GetToken(), name+": "+msg)
		}
	}
	return &Error{Place: name, Msg: msg}
}

// Load returns the settings of a source. Its error joins all errors, each an *Error.
func Load(src Source) (Config, []Warning, error) {
	f := newFile(src.File, src.Text)
	all, at, err := parse(src.Text)
	for i, e := range all {
		f.read(e, all[:i])
	}
	if err != nil {
		f.fail(at, err.Error())
	}
	c := &f.config
	for _, s := range settings {
		for _, o := range src.overrides(s) {
			if s.Name == "whisper_url" && coveredBy(all, s) != "" {
				c.Whisper = Default().Whisper // one address replaces the list
			}
			if err := s.apply(c, o.value); err != nil {
				f.errs = append(f.errs, &Error{Place: o.place, Msg: err.Error()})
			}
		}
	}
	for i, b := range c.Bindings {
		if len(b.Keys) == 0 {
			f.errs = append(f.errs, &Error{Place: cmp.Or(src.File, "settings"), Msg: fmt.Sprintf("binding %d has no key", i+1)})
		}
	}
	return *c, f.warnings, errors.Join(f.errs...)
}

// read reads one entry: a setting, a group or a list. It has read the entries before.
func (f *file) read(e entry, before []entry) {
	l, isList := listNamed(e.name)
	switch {
	case dropped[e.name] != "":
		f.warnings = append(f.warnings, Warning{f.place(e.key), e.name + " has no effect: " + dropped[e.name]})
	case e.isGroup():
	case mixesRecognizers(e, before):
		f.fail(e.key, "whisper: want either one recognizer, at whisper_url, or a list of them, each beginning with - url:")
	case isList && (e.isList() || !isGroup(e.name)):
		f.readList(l, e.value)
	case isGroup(e.name):
		f.fail(e.value.GetToken(), wantMapping)
	default:
		s, ok := lookup(e.name)
		if !ok {
			f.fail(e.key, Unknown(e.name))
			return
		}
		f.set(&f.config, s, s.Name, e.value)
	}
}

// mixesRecognizers reports whether a file has both whisper_url and a list of recognizers:
// one as e, the other before it. An empty list is wrong too.
func mixesRecognizers(e entry, before []entry) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(before, func(o entry) bool { return o.name == name && !o.isGroup() })
	}
	switch seq, _ := e.value.(*ast.SequenceNode); e.name {
	case "whisper_url":
		return has("whisper")
	case "whisper":
		return seq != nil && (len(seq.Values) == 0 || has("whisper_url"))
	}
	return false
}

// set gives a setting the value at n. It returns the text of the value and whether it is
// right. The text of its error begins with label.
func (f *file) set(c *Config, s Setting, label string, n ast.Node) (string, bool) {
	v, at, err := text(n, s.list)
	if err == nil {
		at, err = n.GetToken(), s.apply(c, v)
	}
	if err != nil {
		f.fail(at, label+": "+err.Error())
	}
	return v, err == nil
}
