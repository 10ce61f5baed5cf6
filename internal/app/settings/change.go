package settings

import (
	"errors"
	"fmt"
	"slices"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/usage"
)

// A Check returns why the daemon would not run with settings of a store, or nil. Its error
// joins errors of the type *config.Error.
type Check func(Store, Loaded) error

// Change writes settings, each a name and a value, to the settings file: all of them or
// none. A wrong value is an error, and so is one with which the daemon would not run. Change
// does not report mistakes that are in the file already, so that a user can mend one after
// the other.
func (s Store) Change(changes [][2]string, check Check) error {
	file, text, err := s.File()
	if err != nil {
		return err
	}
	before := s.mistakes(config.Source{File: file, Text: text, Env: s.Env.Lookup}, check)
	if text, err = s.edit(file, text, changes, check); err != nil {
		return err
	}
	for _, e := range s.mistakes(config.Source{File: file, Text: text, Env: s.Env.Lookup}, check) {
		if !slices.ContainsFunc(before, func(old *config.Error) bool { return old.Msg == e.Msg }) {
			return e
		}
	}
	return atomicfile.Write(file, text)
}

// Edit returns the text of a settings file with some settings changed. The daemon runs with
// the result, or there is an error. Edit writes nothing.
func (s Store) Edit(file string, text []byte, changes [][2]string, check Check) ([]byte, error) {
	text, err := s.edit(file, text, changes, check)
	if err != nil {
		return nil, err
	}
	var all []error
	for _, e := range s.mistakes(config.Source{File: file, Text: text, Env: s.Env.Lookup}, check) {
		all = append(all, e)
	}
	return text, errors.Join(all...)
}

func (s Store) edit(file string, text []byte, changes [][2]string, check Check) ([]byte, error) {
	for _, c := range changes {
		if !slices.ContainsFunc(config.Settings(), func(k config.Setting) bool { return k.Name == c[0] }) {
			if config.IsList(c[0]) {
				return nil, &config.Error{Place: file, Msg: c[0] + " is a list: write it there yourself"}
			}
			return nil, usage.Error{Err: errors.New(config.Unknown(c[0]))}
		}
		if all := s.mistakes(config.Source{Env: s.home(), Flags: map[string]string{c[0]: c[1]}}, check); len(all) > 0 {
			all[0].Place = c[0]
			return nil, all[0]
		}
		var err error
		if text, err = config.Set(text, c[0], c[1]); err != nil {
			return nil, &config.Error{Place: file, Msg: fmt.Sprintf("%v: write it there yourself: %s: %s", err, c[0], c[1])}
		}
	}
	return text, nil
}

// home returns the environment with nothing but the home folder.
func (s Store) home() func(string) (string, bool) {
	return func(name string) (string, bool) {
		if name != "HOME" {
			return "", false
		}
		return s.Env.Lookup(name)
	}
}

// mistakes returns what is wrong with the settings of a source.
func (s Store) mistakes(src config.Source, check Check) []*config.Error {
	l, _, err := Of(src)
	if err == nil {
		err = errors.Join(checkKeys(src, l.Config), check(s, l))
	}
	return Mistakes(err)
}

// Mistakes returns the errors of settings that err joins.
func Mistakes(err error) (all []*config.Error) {
	switch e := err.(type) {
	case nil:
	case *config.Error:
		return []*config.Error{e}
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			all = append(all, Mistakes(one)...)
		}
	}
	return all
}
