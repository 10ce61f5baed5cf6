package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A field is a key of the entries of a list.
type field[T any] struct {
	name string
	list bool // it may be a list
	set  func(*T, string) error
}

var bindingFields = []field[Binding]{
	{name: "key", set: func(b *Binding, v string) error { return errors.Join(given(v), keys(&b.Keys, v)) }},
	{name: "device", set: func(b *Binding, v string) error { b.Device = v; return nil }},
	{name: "mode", set: func(b *Binding, v string) error { return oneOf(&b.Mode, v, modes...) }},
	{name: "grab", set: func(b *Binding, v string) error { return boolean(&b.Grab, v) }},
	{name: "language", list: true, set: func(b *Binding, v string) error { return spoken(&b.Language, v) }},
}

var applicationFields = []field[Application]{
	{name: "app", set: func(a *Application, v string) error { a.App = v; return given(v) }},
	{name: "pace", set: func(a *Application, v string) error { return oneOf(&a.Pace, v, paces...) }},
	{name: "paste_chord", set: func(a *Application, v string) error { return keys(&a.PasteChord, v) }},
	{name: "dead_keys", set: func(a *Application, v string) error { return maybe(&a.DeadKeys, v) }},
}

// given refuses an empty value.
func given(v string) error {
	if v == "" {
		return errors.New("want a value")
	}
	return nil
}

// bindings reads the list of keys that replaces key, device, mode and grab.
func (f *file) bindings(n ast.Node) {
	usual := Binding{Mode: f.config.Bindings[0].Mode}
	f.config.Bindings = entries(f, n, "bindings", bindingFields, usual)
}

// applications reads the list of programs that are typed into in another way.
func (f *file) applications(n ast.Node) {
	f.config.Typing.Applications = entries(f, n, "typing.applications", applicationFields, Application{})
}

// entries reads a list of entries, each of which is as usual but for its fields.
// The first field has to be there.
func entries[T any](f *file, n ast.Node, name string, fields []field[T], usual T) (all []T) {
	first := fields[0].name
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		f.fail(n.GetToken(), name+": want a list, each entry beginning with - "+first+":")
		return nil
	}
	for _, entry := range list.Values {
		one, named := usual, false
		for _, p := range f.pairs(entry) {
			named = named || p.Key.GetToken().Value == first
			setField(f, &one, name, fields, p)
		}
		if !named {
			f.fail(entry.GetToken(), name+": an entry without "+first)
		}
		all = append(all, one)
	}
	return all
}

func setField[T any](f *file, one *T, list string, fields []field[T], p *ast.MappingValueNode) {
	name := p.Key.GetToken().Value
	i := slices.IndexFunc(fields, func(it field[T]) bool { return it.name == name })
	if i < 0 {
		var names []string
		for _, it := range fields {
			names = append(names, it.name)
		}
		f.fail(p.Key.GetToken(), unknown(name, names))
		return
	}
	v, ok := f.value(p.Value, setting{name: name, list: fields[i].list})
	if !ok {
		return
	}
	if err := fields[i].set(one, v); err != nil {
		f.fail(p.Value.GetToken(), list+": "+name+": "+err.Error())
	}
}

// recognizers reads the list that replaces whisper_url and the settings of one
// recognizer. A credential is sent only where it is named: it is meant for one
// of them.
func (f *file) recognizers(at *token.Token, list *ast.SequenceNode) {
	if f.url || len(list.Values) == 0 {
		f.fail(at, oneOrList)
		return
	}
	f.several, f.config.Whisper = true, nil
	for _, entry := range list.Values {
		one := Default()
		one.Whisper[0].URL, one.Whisper[0].Credential = "", ""
		for _, p := range f.pairs(entry) {
			f.recognizer(&one, p)
		}
		if one.Whisper[0].URL == "" {
			f.fail(entry.GetToken(), "whisper: an entry without a url")
		}
		f.config.Whisper = append(f.config.Whisper, one.Whisper...)
	}
}

func (f *file) recognizer(one *Config, p *ast.MappingValueNode) {
	name := p.Key.GetToken().Value
	known := []string{"url"}
	for _, s := range settings {
		rest, ok := strings.CutPrefix(s.name, "whisper.")
		if ok {
			known = append(known, rest)
		}
		if ok && rest == name || name == "url" && s.name == "whisper_url" {
			f.set(one, s, p.Value)
			return
		}
	}
	f.fail(p.Key.GetToken(), unknown(name, known))
}
