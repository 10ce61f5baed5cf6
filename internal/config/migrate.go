package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Migrate turns a settings file of the program that vocoder replaces into one
// of vocoder. What is taken over stands there with its meaning; of all the rest
// a comment says where it stood, what it was and why it is left out, and so does
// a Warning. An error says where the file is no settings file.
func Migrate(name string, text []byte) (string, []Warning, error) {
	f := file{name: name, lines: strings.Split(string(text), "\n")}
	all := f.entries(text)
	if len(f.errs) > 0 {
		return "", nil, errors.Join(f.errs...)
	}
	m := migration{file: &f, taken: map[string]bool{}}
	m.page.text.WriteString("# Settings of vocoder, taken over from " + oneLine(name) + ".\n# `vocoder config reference` prints all there are.\n")
	for _, s := range settings { // in the order of the reference
		for _, e := range all {
			if e.name == s.name {
				m.take(e, s)
			}
		}
	}
	for _, e := range all {
		switch {
		case slices.ContainsFunc(settings, func(s setting) bool { return s.name == e.name }):
		case (e.name == "bindings" || e.name == "whisper") && e.value.Type() == ast.SequenceType:
			m.takeList(e)
		case dead[e.name] != "":
			m.leave(e, dead[e.name])
		default:
			m.leave(e, unknown(e.name, names()))
		}
	}
	if len(m.left) > 0 {
		m.page.text.WriteString("\n# Not taken over:\n")
	}
	for _, w := range m.left {
		m.page.text.WriteString("# " + oneLine(w.String()) + "\n")
	}
	return m.page.text.String(), m.left, nil
}

// A migration is a file on its way from one program to the other.
type migration struct {
	file  *file
	page  page
	left  []Warning
	taken map[string]bool
}

// leave notes what is not taken over, and why.
func (m *migration) leave(e entry, why string) {
	m.left = append(m.left, Warning{m.file.place(e.at), fmt.Sprintf("%s: %s: %s", e.name, oneLine(e.value.String()), why)})
}

// take takes over a setting if it is one here too and its value is right.
func (m *migration) take(e entry, s setting) {
	v, ok := m.file.value(e.value, s)
	if !ok {
		m.file.errs = nil // it is told here
		m.leave(e, "it is not one value")
		return
	}
	written := s.written(inUnits(s, v))
	var alone page
	alone.put(s.name, written, "")
	switch why := refused(&alone); {
	case why != "":
		m.leave(e, strings.TrimPrefix(why, s.name+": "))
	case m.taken[s.name]:
		m.leave(e, "it stands there twice")
	default:
		m.taken[s.name] = true
		if !strings.Contains(s.name, ".") {
			m.page.text.WriteString("\n")
		}
		m.page.put(s.name, written, s.help)
	}
}

// refused returns what is wrong with a file of one setting, or nothing.
func refused(p *page) string {
	_, _, err := Load(Source{Text: []byte(p.text.String())})
	if e, ok := errors.AsType[*Error](err); ok {
		return oneLine(e.Msg)
	}
	return ""
}

// takeList takes over a list that is of this program already.
func (m *migration) takeList(e entry) {
	var alone page
	alone.list(e.name, e.value)
	if why := refused(&alone); why != "" {
		m.leave(e, why)
		return
	}
	m.page.list(e.name, e.value)
}

// inUnits writes a bare number of seconds as a duration.
func inUnits(s setting, v string) string {
	if _, err := time.ParseDuration(s.value); err != nil || s.value == "0" { // which is no duration only
		return v
	}
	seconds, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return v
	}
	return time.Duration(seconds * float64(time.Second)).String()
}

// oneLine keeps a text from ending a comment.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
