package config

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A list of the file describes several keys, recognizers or programs. The fields of its
// entries are the settings with its name in Setting.in, and its own.
type list struct {
	name     string
	first    string // the field that each entry must have
	own      []Setting
	optional bool // it may be empty, and is in addition to the settings, not in their place

	// entry returns an entry with the values that it has without fields. The file
	// has set c before the list.
	entry func(c Config) Config
	// add makes one the entry i of c, which is the last.
	add func(c *Config, i int, one Config)
}

var lists = []list{
	{
		name: "bindings", first: "key",
		own: []Setting{
			{Name: "language", list: true, set: func(c *Config, v string) error { return spoken(&c.Bindings[0].Language, v) }},
			{Name: "task", Choices: tasks, only: true, set: func(c *Config, v string) error { c.Bindings[0].Task = v; return nil }},
		},
		entry: func(c Config) Config { return Config{Bindings: []Binding{{Mode: c.Bindings[0].Mode}}} },
		add:   func(c *Config, i int, one Config) { c.Bindings = append(c.Bindings[:i:i], one.Bindings[0]) },
	},
	{
		name: "typing.applications", first: "app", optional: true,
		own: []Setting{
			{Name: "app", set: func(c *Config, v string) error { c.Typing.Applications[0].App = v; return nil }},
			{Name: "paste", Choices: []string{"always", "never"}, only: true, set: func(c *Config, v string) error { c.Typing.Paste = v; return nil }},
		},
		entry: func(Config) Config {
			return Config{Typing: Typing{Applications: make([]Application, 1), PasteLimit: -1}}
		},
		add: func(c *Config, i int, one Config) {
			t := one.Typing
			a := Application{App: t.Applications[0].App, Pace: t.Pace, PasteChord: t.PasteChord, DeadKeys: t.DeadKeys, PasteLimit: t.PasteLimit, Paste: t.Paste}
			c.Typing.Applications = append(c.Typing.Applications[:i:i], a)
		},
	},
	{
		name: "whisper", first: "url",
		entry: func(Config) Config {
			one := Default()
			// A credential is for one recognizer, so the others must not get it.
			one.Whisper[0].URL, one.Whisper[0].Credential = "", ""
			return one
		},
		add: func(c *Config, i int, one Config) { c.Whisper = append(c.Whisper[:i:i], one.Whisper[0]) },
	},
}

// IsList reports whether name is a list of the settings file that is no setting of its own.
func IsList(name string) bool {
	_, is := listNamed(name)
	return is
}

func listNamed(name string) (list, bool) {
	i := slices.IndexFunc(lists, func(l list) bool { return l.name == name })
	if i < 0 {
		return list{}, false
	}
	return lists[i], true
}

// coveredBy returns the name of the list in a file that takes the place of a setting,
// or nothing.
func coveredBy(all []entry, s Setting) string {
	l, ok := listNamed(s.in)
	if ok && !l.optional && slices.ContainsFunc(all, func(e entry) bool { return e.name == l.name && e.isList() }) {
		return l.name
	}
	return ""
}

// fields returns the fields of the entries and their names there: the last part of the
// path, and url for whisper_url.
func (l list) fields() (names []string, fields []Setting) {
	fields = slices.Clone(l.own)
	for _, s := range settings {
		if s.in == l.name {
			fields = append(fields, s)
		}
	}
	for i := range fields {
		name := fields[i].Name
		name = strings.TrimPrefix(name[strings.LastIndex(name, ".")+1:], "whisper_")
		names = append(names, name)
	}
	return names, fields
}

// readList reads a list. Its entries replace the one that the settings before the list
// describe.
func (f *file) readList(l list, value ast.Node) {
	seq, ok := value.(*ast.SequenceNode)
	if !ok || len(seq.Values) == 0 && !l.optional {
		f.fail(value.GetToken(), l.name+": want a list, each entry beginning with - "+l.first+":")
		return
	}
	names, fields := l.fields()
	before := f.config
	for i, n := range seq.Values {
		one, named := l.entry(before), false
		pairs, ok := mapping(n)
		if !ok {
			f.fail(n.GetToken(), wantMapping)
		}
		for _, p := range pairs {
			name := p.Key.GetToken().Value
			field := slices.Index(names, name)
			if field < 0 {
				f.fail(p.Key.GetToken(), unknown(name, names))
				continue
			}
			v, ok := f.set(&one, fields[field], l.name+": "+name, p.Value)
			if name == l.first {
				named = true
				if ok && v == "" { // the key of a binding has its own error
					f.fail(p.Value.GetToken(), l.name+": "+name+": want a value")
				}
			}
		}
		if !named {
			f.fail(n.GetToken(), l.name+": an entry without "+l.first)
		}
		l.add(&f.config, i, one)
	}
}
