package typing

import (
	"fmt"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/text"
)

// A Style is how the settings want texts to be typed.
type Style struct {
	config.Typing
	fixed *keymap.Table // of a layout that the settings name; nil for the one in effect
}

// NewStyle returns the style of settings. An error is a *config.Error.
func NewStyle(cfg settings.Loaded) (Style, error) {
	fixed, err := fixedLayout(cfg.Typing.Layout, cfg.Typing.DeadKeys != "false")
	if err != nil {
		return Style{}, cfg.Fault("typing.layout", err.Error())
	}
	return Style{cfg.Typing, fixed}, nil
}

// rules returns what is done to each text before it is typed.
func (s Style) rules() inject.Rules {
	return inject.Rules{Newline: inject.Newline(s.Newline), ASCIIPunctuation: s.ASCIIPunctuation}
}

// Spacing returns the rules for a text that no other text comes before.
func (s Style) Spacing() text.Rules { return text.Rules{TrailingSpace: s.TrailingSpace} }

// fixedLayout returns what can be typed with the layout that a setting names, nil if
// it names none.
func fixedLayout(name string, deadKeys bool) (*keymap.Table, error) {
	switch name {
	case "auto", "":
		return nil, nil
	case "us":
		return keymap.US().Table(0, keymap.Locks{}, nil), nil
	}
	m, err := ReadKeymap(name)
	if err != nil {
		return nil, err
	}
	use := noDeadKeys
	if deadKeys {
		use = forAll
	}
	return m.Table(0, keymap.Locks{}, composeOf(keymap.DeadKeys(), use)), nil
}

// ReadKeymap reads a file that xkbcomp or xkbcli wrote.
func ReadKeymap(name string) (*keymap.Map, error) {
	text, err := atomicfile.ReadUpTo(name, keymap.MaxText)
	if err != nil {
		return nil, err
	}
	m, err := keymap.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func composeOf(c *keymap.Compose, use deadKeyUse) *keymap.Compose {
	switch use {
	case noDeadKeys:
		return c.WithoutDeadKeys()
	case forLetters:
		return c.WithoutSpace()
	}
	return c
}
