package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/arealicehole/vocoder/internal/printable"
)

// An Error says why a setting cannot be used, and its place.
type Error struct {
	Place string // FILE:LINE:COLUMN, or the name in the environment or of the flag
	Line  string // the line of the file, if it is in one
	Msg   string
	Err   error // the cause, for errors.Is; Msg has its text. It may be nil.
}

func (e *Error) Error() string {
	text := e.Place + ": " + printable.Line(e.Msg, printable.MaxLine)
	if e.Line == "" {
		return text
	}
	return text + "\n\t" + printable.Line(withoutSecrets(e.Line), maxExcerpt)
}

// maxExcerpt limits the line of the file in an error, in characters.
const maxExcerpt = 120

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
	Names []string                    // of the variables in it; used to find misspelt ones
	Flags map[string]string           // by the name of the setting
}

// An override is a value that the environment or a flag gives to a setting. A foreign one
// has a name that other programs use too.
type override struct {
	value, place  string
	foreign, flag bool
}

// overrides returns the overrides of a setting. The last one wins.
func (src Source) overrides(s Setting) (all []override) {
	if src.Env != nil {
		for i, name := range s.envs() {
			if v, ok := src.Env(name); ok {
				all = append(all, override{v, "environment " + name, i > 0, false})
				break
			}
		}
	}
	if v, ok := src.Flags[s.Name]; ok {
		all = append(all, override{v, "--" + s.Flag(), false, true})
	}
	return all
}

// Load returns the settings of a source. Its error joins all errors, each an *Error.
func Load(src Source) (Config, []Warning, error) {
	f := newFile(src)
	all, at, err := parse(src.Text)
	for i := range all {
		f.read(all, i)
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
			value, err := s.expand(o.value, src.Env)
			if err == nil && !o.flag {
				err = s.checkWhole(value)
			}
			if err == nil {
				err = s.apply(c, value)
			}
			switch {
			case err != nil && o.foreign:
				f.warnings = append(f.warnings, Warning{o.place, fmt.Sprintf("%v: not used, as it may be for another program; %s is for this one", err, s.Env())})
			case err != nil:
				f.errs = append(f.errs, &Error{Place: o.place, Msg: err.Error()})
			}
		}
	}
	f.warnings = append(f.warnings, src.misspelt()...)
	if len(f.errs) == 0 {
		f.errs = contradictions(src, *c)
	}
	return *c, f.warnings, errors.Join(f.errs...)
}

// read reads the entry i of all: a setting, a group or a list. It has read those before.
func (f *file) read(all []entry, i int) {
	e, before := all[i], all[:i]
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
		if coveredBy(all, s) == "bindings" {
			f.warnCovered(e, coveredBy(before, s) != "")
		}
		f.set(&f.config, s, s.Name, e.value)
	}
}

// warnCovered warns of a setting of a key in a file that has the list bindings too. The mode
// before the list is that of entries without one.
func (f *file) warnCovered(e entry, afterList bool) {
	switch {
	case afterList:
		f.warnings = append(f.warnings, Warning{f.place(e.key), e.name + " below the list bindings changes only its first entry"})
	case e.name != "mode":
		f.warnings = append(f.warnings, Warning{f.place(e.key), e.name + " has no effect: the list bindings has the keys"})
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
		at = n.GetToken()
		v, err = s.expand(v, f.env)
	}
	if err == nil {
		err = s.checkWhole(v)
	}
	if err == nil {
		err = s.apply(c, v)
	}
	if err != nil {
		f.fail(at, label+": "+err.Error())
	}
	return v, err == nil
}
