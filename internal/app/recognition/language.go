package recognition

import (
	"context"
	"slices"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
)

// Languages returns the languages of a setting, as far as they are known without the
// keyboard layouts. If the setting is the layout, the recognizer detects the language.
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

// A Keyboard tells for which languages the keyboard layouts of the session are made.
type Keyboard struct {
	InEffect func(context.Context) language.Choice // those of the layout in effect, or language.Unknown
	All      func(context.Context) [][]string      // those of each layout, or none
}

// Languages returns the languages that a setting means in the session, now.
func (k Keyboard) Languages(ctx context.Context, env environ.Env, setting string) language.Choice {
	switch setting {
	case config.FromLocale:
		return language.OfSession(language.OfLocale(env.Lookup), k.All(ctx))
	case config.FromLayout:
		return k.InEffect(ctx)
	}
	return Languages(env, setting)
}

// Spoken returns the languages that the user may speak now, if they follow from the
// session. Otherwise it returns the zero Choice, with which each recognizer uses its own
// setting.
func (k Keyboard) Spoken(ctx context.Context, env environ.Env, cfg config.Config) language.Choice {
	first := cfg.Whisper[0].Language
	if first == config.FromLayout || IsFromLocale(cfg) {
		return k.Languages(ctx, env, first)
	}
	return language.Choice{}
}

// IsFromLocale reports whether no recognizer has a language of its own.
func IsFromLocale(cfg config.Config) bool {
	return !slices.ContainsFunc(cfg.Whisper, func(w config.Whisper) bool { return w.Language != config.FromLocale })
}
