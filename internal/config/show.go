package config

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Show returns the settings in effect as a settings file that has the same
// meaning, with a comment at each that says where it comes from. An error is
// one of the settings.
func Show(src Source) (string, error) {
	c, _, err := Load(src)
	if err != nil {
		return "", err
	}
	f := file{name: src.File}
	all := f.entries(src.Text)
	var p page
	for i, s := range settings {
		value, from, inFile := s.value, "default", false
		if n := slices.IndexFunc(all, func(e entry) bool { return e.name == s.name }); n >= 0 {
			value, inFile = f.value(all[n].value, s)
			from = f.place(all[n].at)
		}
		over, by, is := override(src, i)
		if is {
			value, from = over, by
		}
		switch list := coveredBy(all, s.name); {
		case list == "" || s.name == "whisper_url" && is && len(c.Whisper) == 1:
			p.put(s.name, s.written(value), from)
		case inFile && !is: // stands beside the list
		case is:
			p.put(s.name, s.written(value), from+", beside the list "+list)
		}
	}
	for _, e := range all {
		i := slices.IndexFunc(settings, func(s setting) bool { return s.name == e.name })
		_, _, replaced := override(src, max(i, 0))
		switch {
		case e.value.Type() == ast.SequenceType && (e.name == "bindings" || e.name == "whisper" && len(c.Whisper) > 1):
			p.list(e.name, e.value)
		case i >= 0 && !replaced && coveredBy(all, e.name) == "bindings":
			v, _ := f.value(e.value, settings[i])
			p.put(e.name, settings[i].written(v), f.place(e.at))
		}
	}
	return strings.TrimPrefix(p.text.String(), "\n"), nil
}

// override returns what the environment or the flags say of the i-th setting.
func override(src Source, i int) (value, from string, is bool) {
	s := settings[i]
	if v, ok := src.Flags[s.name]; ok {
		return v, "--" + Settings()[i].Flag(), true
	}
	for _, name := range append([]string{Settings()[i].Env()}, s.env...) {
		if v, ok := env(src, name); ok {
			return v, "environment " + name, true
		}
	}
	return "", "", false
}

// coveredBy returns the name of the list in a file that takes the place of a
// setting, or nothing.
func coveredBy(all []entry, name string) string {
	for _, e := range all {
		if e.value.Type() != ast.SequenceType {
			continue
		}
		switch {
		case e.name == "bindings" && slices.Contains([]string{"key", "device", "mode", "grab"}, name),
			e.name == "whisper" && (name == "whisper_url" || strings.HasPrefix(name, "whisper.")):
			return e.name
		}
	}
	return ""
}
