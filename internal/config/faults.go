package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/spell"
)

// Fault returns the error of a setting that Load has accepted and that still cannot be
// used. The place of a default is the name of the setting.
func (src Source) Fault(name, msg string) *Error { return src.FaultAt(name, 0, msg) }

// FaultAt is Fault for a setting of the entry i of a list, if the file has the list.
func (src Source) FaultAt(name string, i int, msg string) *Error {
	s, ok := lookup(name)
	if o := src.overrides(s); ok && len(o) > 0 {
		return &Error{Place: o[len(o)-1].place, Msg: msg}
	}
	all, _, _ := parse(src.Text) // Load reports the error
	if list := coveredBy(all, s); list != "" {
		return src.FaultIn(list, i, name, msg)
	}
	for _, e := range all {
		if e.name == name {
			return newFile(src).err(e.value.GetToken(), name+": "+msg)
		}
	}
	return &Error{Place: name, Msg: msg}
}

// FaultIn is Fault for a setting of the entry i of a list that the file has.
func (src Source) FaultIn(list string, i int, name, msg string) *Error {
	s, _ := lookup(name)
	all, _, _ := parse(src.Text) // Load reports the error
	for _, e := range all {
		if e.name == list {
			return newFile(src).err(fieldToken(e.value, s, i), name+": "+msg)
		}
	}
	return &Error{Place: name, Msg: msg}
}

// fieldToken returns where the entry i of a list has the setting s, else where the entry
// begins.
func fieldToken(value ast.Node, s Setting, i int) *token.Token {
	seq, is := value.(*ast.SequenceNode)
	if !is || i >= len(seq.Values) {
		return value.GetToken()
	}
	l, _ := listNamed(s.in)
	names, fields := l.fields()
	pairs, _ := mapping(seq.Values[i])
	for _, p := range pairs {
		if n := slices.Index(names, p.Key.GetToken().Value); n >= 0 && fields[n].Name == s.Name {
			return p.Value.GetToken()
		}
	}
	return seq.Values[i].GetToken()
}

// contradictions returns the errors of settings that are right alone, and together are not.
func contradictions(src Source, c Config) (all []error) {
	if c.MinHold >= c.MaxDuration {
		all = append(all, src.Fault("min_hold", fmt.Sprintf("%v is not shorter than max_duration, %v: nothing would ever be recorded", c.MinHold, c.MaxDuration)))
	}
	for i, b := range c.Bindings {
		if sameKeys(b.Keys, c.Cancel) {
			all = append(all, src.Fault("cancel_key", "it is a key to hold, too: each recording would be discarded"))
		}
		for _, other := range c.Bindings[:i] {
			if sameKeys(b.Keys, other.Keys) && (b.Device == other.Device || b.Device == "" || other.Device == "") {
				all = append(all, src.FaultAt("key", i, "another entry of bindings has the same key"))
			}
		}
	}
	return all
}

// sameKeys reports whether two chords are the same keys. No keys are not the same.
func sameKeys(a, b []key.Code) bool {
	return len(a) > 0 && slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// misspelt returns a warning for each variable whose name is nearly that of a setting.
func (src Source) misspelt() (all []Warning) {
	settingOf := map[string]string{} // names in the environment
	for _, s := range settings {
		settingOf[s.Env()] = s.Name
	}
	known := slices.Sorted(maps.Keys(settingOf))
	for _, name := range slices.Sorted(slices.Values(src.Names)) {
		if settingOf[name] != "" || !strings.HasPrefix(name, "VOCODER_") {
			continue
		}
		near := spell.Nearest(name, known, 3)
		for _, k := range known { // without its group
			if rest := strings.TrimPrefix(name, "VOCODER"); strings.HasSuffix(k, rest) {
				near = append([]string{k}, near...)
			}
		}
		if len(near) > 0 {
			all = append(all, Warning{"environment " + name, "it is no setting: did you mean " + near[0] + "?"})
		}
	}
	return all
}

// relative returns the relative name of a file or program in a value, if s is one. A program
// without a slash is found in $PATH.
func (s Setting) relative(v string) string {
	if !s.Home || len(s.Choices) > 0 { // which have a check of their own
		return ""
	}
	if s.list {
		words := splitWords(v)
		if len(words) == 0 || !strings.Contains(words[0], "/") {
			return ""
		}
		v = words[0]
	}
	if v == "" || filepath.IsAbs(v) || strings.HasPrefix(v, "~") {
		return ""
	}
	return v
}

// checkWhole returns an error for a relative name of a file, which the daemon would look for
// in another folder than the commands. A flag may have one: it is for one command.
func (s Setting) checkWhole(v string) error {
	if name := s.relative(v); name != "" {
		return fmt.Errorf("%s, want the whole path", quoted(name))
	}
	return nil
}

// Whole returns a value for the settings file: with a relative name of a file, it has the
// whole path, below a folder.
func Whole(name, value, folder string) string {
	s, _ := lookup(name)
	if file := s.relative(value); file != "" {
		return filepath.Join(folder, file) + strings.TrimPrefix(strings.TrimLeft(value, " "), file)
	}
	return value
}

// expand returns a value with the home folder in place of ~, if s is the name of a file.
func (s Setting) expand(v string, env func(string) (string, bool)) (string, error) {
	if !s.Home || !strings.Contains(v, "~") {
		return v, nil
	}
	separator := "\n"
	if s.list && !strings.HasSuffix(v, "\n") {
		separator = " "
	}
	words := strings.Split(v, separator)
	for i, word := range words {
		rest, is := strings.CutPrefix(word, "~")
		if !is || s.list && !strings.HasPrefix(rest, "/") { // an argument of a program
			continue
		}
		home := ""
		if env != nil {
			home, _ = env("HOME")
		}
		if home == "" || rest != "" && rest[0] != '/' {
			return v, fmt.Errorf("%s, want the whole path: only ~/ can be used, and only where HOME is set", quoted(word))
		}
		words[i] = home + rest
	}
	return strings.Join(words, separator), nil
}
