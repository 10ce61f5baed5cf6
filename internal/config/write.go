package config

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/arealicehole/vocoder/internal/printable"
)

// A page is a settings file that is being written.
type page struct {
	text  strings.Builder
	flat  bool   // write the whole path of each setting; else group by group
	group string // that is being written; empty for the top level
}

// put writes a setting below its comment lines, of which there may be none.
func (p *page) put(s Setting, value, comment string) {
	name, indent, group := s.Name, "", ""
	if g, rest, ok := strings.Cut(s.Name, "."); ok && !p.flat {
		name, indent, group = rest, "  ", g
	}
	if group != "" && group != p.group {
		p.text.WriteString("\n" + group + ":\n")
	}
	p.group = group
	for line := range strings.Lines(comment) {
		p.text.WriteString(indent + "# " + strings.TrimSuffix(line, "\n") + "\n")
	}
	p.text.WriteString(indent + name + ": " + s.written(value) + "\n")
}

// list writes a list as it is in its file.
func (p *page) list(e entry) {
	p.group = ""
	p.text.WriteString("\n" + e.name + ":\n")
	for line := range strings.Lines(strings.TrimRight(e.value.String(), "\n") + "\n") {
		p.text.WriteString("  " + line)
	}
}

// unquoted matches texts that need no quotes although YAML takes them for other types.
var unquoted = regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?|true|false|off|on|yes|no)$`)

// written returns the YAML of a value.
func (s Setting) written(v string) string {
	entries, ok := strings.CutSuffix(v, "\n")
	switch {
	case s.list && v == "":
		return "[]"
	case s.list && ok:
		b, err := yaml.MarshalWithOptions(strings.Split(entries, "\n"), yaml.JSON())
		if err != nil {
			panic("config: a list has no YAML: " + err.Error())
		}
		return strings.TrimSuffix(string(b), "\n")
	case unquoted.MatchString(v):
		return v
	}
	return plain(v)
}

// plain returns the YAML of a text.
func plain(value string) string {
	if !printable.IsText(value) {
		return strconv.Quote(value)
	}
	b, err := yaml.Marshal(value)
	if text := strings.TrimSuffix(string(b), "\n"); err == nil && !strings.Contains(text, "\n") {
		return text
	}
	return strconv.Quote(value)
}

// Show returns the settings in effect as a settings file. A comment at each setting says
// where it comes from. An error is the one of Load.
func Show(src Source) (string, error) {
	if _, _, err := Load(src); err != nil {
		return "", err
	}
	f := newFile(src)
	all, _, _ := parse(src.Text) // Load had no error
	address, _ := lookup("whisper_url")
	replaced := coveredBy(all, address) != "" && len(src.overrides(address)) > 0
	covered := func(s Setting) bool { return coveredBy(all, s) != "" && !(replaced && s.in == "whisper") }

	// First the groups, each once, then lists, then what overrides fields of lists.
	var p page
	lists, last := page{flat: true}, page{flat: true}
	for _, s := range settings {
		value, from := s.Default, "default"
		for _, e := range all {
			if e.name == s.Name {
				value, _, _ = text(e.value, s.list)
				from = f.place(e.key)
			}
		}
		overrides := src.overrides(s)
		for _, o := range overrides {
			value, from = o.value, o.place
		}
		switch {
		case !covered(s):
			p.put(s, value, from)
		case len(overrides) > 0:
			last.put(s, value, from+", over the list "+s.in)
		}
	}
	for _, e := range all {
		s, ok := lookup(e.name)
		switch {
		case e.isList() && !(replaced && e.name == "whisper"):
			lists.list(e)
		case ok && covered(s) && len(src.overrides(s)) == 0: // before or after its list
			v, _, _ := text(e.value, s.list)
			lists.put(s, v, f.place(e.key))
		}
	}
	return strings.TrimPrefix(p.text.String()+lists.text.String()+last.text.String(), "\n"), nil
}
