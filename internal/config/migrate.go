package config

import (
	"errors"
	"fmt"

	"strconv"
	"strings"
	"time"
)

// Migrate turns a settings file of vocoder 1.0, the Python program, into one of this
// version. Settings that have a meaning here keep it. For each of the others a comment
// and a Warning say its place, its value and the reason. Check, unless it is nil, returns why
// the daemon would not run with the text of a settings file. An error is an *Error with the
// place where the file is no settings file.
func Migrate(name string, old []byte, check func(text []byte) error) (string, []Warning, error) {
	f := newFile(Source{File: name, Text: old})
	all, at, err := parse(old)
	if err != nil {
		return "", nil, f.err(at, err.Error())
	}
	m := migration{file: f, check: check}
	m.page.text.WriteString("# Settings of vocoder, taken over from " + oneLine(name) + ".\n# `vocoder config reference` prints all there are.\n")
	for _, s := range settings { // in the order of the reference
		taken := false
		for _, e := range all {
			if e.name != s.Name {
				continue
			}
			switch v, _, err := text(e.value, s.list); {
			case err != nil:
				m.leave(e, "it is not one value")
			case taken:
				m.leave(e, "it is in the file twice")
			default:
				taken = m.take(e, func(p *page) { p.describe(s, inUnits(s, v)) })
			}
		}
	}
	for _, e := range all {
		switch _, ok := lookup(e.name); {
		case ok, e.isGroup():
		case e.isList():
			m.take(e, func(p *page) { p.list(e) })
		case dropped[e.name] != "":
			m.leave(e, dropped[e.name])
		default:
			m.leave(e, Unknown(e.name))
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

// A migration is one call of Migrate.
type migration struct {
	file  *file
	check func(text []byte) error
	page  page
	left  []Warning
}

// leave records that an entry is not taken over, and why.
func (m *migration) leave(e entry, why string) {
	m.left = append(m.left, Warning{m.file.place(e.key), withoutSecrets(fmt.Sprintf("%s: %s", e.name, oneLine(e.value.String()))) + ": " + why})
}

// take writes an entry to the page if a settings file of it alone is right, and reports
// whether it is.
func (m *migration) take(e entry, write func(*page)) bool {
	var alone page
	write(&alone)
	text := []byte(alone.text.String())
	_, _, err := Load(Source{Text: text})
	if err == nil && m.check != nil {
		err = m.check(text)
	}
	if wrong, ok := errors.AsType[*Error](err); ok {
		m.leave(e, strings.TrimPrefix(oneLine(wrong.Msg), e.name+": "))
		return false
	}
	write(&m.page)
	return true
}

// inUnits returns a number of seconds with its unit, if s is a duration.
func inUnits(s Setting, v string) string {
	if _, err := time.ParseDuration(s.Default); err != nil || s.Default == "0" { // a number
		return v
	}
	seconds, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return v
	}
	return time.Duration(seconds * float64(time.Second)).String()
}

// oneLine returns a text as one line, which does not end a comment.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
