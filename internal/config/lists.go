package config

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// bindings reads the list of keys that replaces key, device, mode and grab.
func (f *file) bindings(n ast.Node) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		f.fail(n.GetToken(), "bindings: want a list, each entry beginning with - key:")
		return
	}
	mode := f.config.Bindings[0].Mode
	f.config.Bindings = make([]Binding, 0, len(list.Values))
	for _, entry := range list.Values {
		b := Binding{Mode: mode}
		for _, p := range f.pairs(entry) {
			f.binding(&b, p)
		}
		if len(b.Keys) == 0 {
			f.fail(entry.GetToken(), "bindings: an entry without a key")
		}
		f.config.Bindings = append(f.config.Bindings, b)
	}
}

func (f *file) binding(b *Binding, p *ast.MappingValueNode) {
	name := p.Key.GetToken().Value
	v, ok := f.text(p.Value, name)
	if !ok {
		return
	}
	var err error
	switch name {
	case "key":
		b.Keys, err = chord(v)
	case "device":
		b.Device = v
	case "mode":
		err = oneOf(&b.Mode, v, "hold", "toggle", "auto")
	case "grab":
		err = boolean(&b.Grab, v)
	case "language":
		err = language(&b.Language, v)
	default:
		f.fail(p.Key.GetToken(), unknown(name, []string{"key", "device", "mode", "grab", "language"}))
		return
	}
	if err != nil {
		f.fail(p.Value.GetToken(), "bindings: "+name+": "+err.Error())
	}
}

// applications reads the list of programs that are typed into in another way.
func (f *file) applications(n ast.Node) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		f.fail(n.GetToken(), "typing.applications: want a list, each entry beginning with - app:")
		return
	}
	for _, entry := range list.Values {
		var a Application
		for _, p := range f.pairs(entry) {
			f.application(&a, p)
		}
		if a.App == "" {
			f.fail(entry.GetToken(), "typing.applications: an entry without an app")
		}
		f.config.Typing.Applications = append(f.config.Typing.Applications, a)
	}
}

func (f *file) application(a *Application, p *ast.MappingValueNode) {
	name := p.Key.GetToken().Value
	v, ok := f.text(p.Value, name)
	if !ok {
		return
	}
	var err error
	switch name {
	case "app":
		a.App = v
	case "pace":
		err = oneOf(&a.Pace, v, "auto", "careful", "brisk")
	case "paste_chord":
		err = keys(&a.PasteChord, v)
	case "dead_keys":
		a.DeadKeys = new(bool)
		err = boolean(a.DeadKeys, v)
	default:
		f.fail(p.Key.GetToken(), unknown(name, []string{"app", "pace", "paste_chord", "dead_keys"}))
		return
	}
	if err != nil {
		f.fail(p.Value.GetToken(), "typing.applications: "+name+": "+err.Error())
	}
}

// recognisers reads the list that replaces whisper_url and the settings of one
// recogniser. A credential is sent only where it is named: it is meant for one
// of them.
func (f *file) recognisers(at *token.Token, list *ast.SequenceNode) {
	if f.url || len(list.Values) == 0 {
		f.fail(at, oneOrList)
		return
	}
	f.several, f.config.Whisper = true, nil
	for _, entry := range list.Values {
		one := Default()
		one.Whisper[0].URL, one.Whisper[0].Credential = "", ""
		for _, p := range f.pairs(entry) {
			f.recogniser(&one, p)
		}
		if one.Whisper[0].URL == "" {
			f.fail(entry.GetToken(), "whisper: an entry without a url")
		}
		f.config.Whisper = append(f.config.Whisper, one.Whisper...)
	}
}

func (f *file) recogniser(one *Config, p *ast.MappingValueNode) {
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
