package recognition

import (
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
)

// Languages returns the languages of a setting. The language of the keyboard layout is
// known only at the press. Before that it is unknown, and the recognizer detects it.
func Languages(env environ.Env, setting string) language.Choice {
	switch setting {
	case config.FromLocale:
		return language.OfLocale(env.Lookup)
	case config.FromLayout, "":
		return language.Unknown
	}
	c, err := language.ParseChoice(setting)
	if err != nil {
		panic("vocoder: a language that was read cannot be read: " + err.Error())
	}
	return c
}
