package typing

import (
	"context"
	"log/slog"
	"time"

	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
)

// layoutLimit is how long the desktop may take to report which layout is in effect. After
// that the recognizer detects the language.
const layoutLimit = time.Second

// connectedLimit is layoutLimit of a command, which has to find the desktop first.
const connectedLimit = 5 * time.Second

// Language returns the languages that the layout in effect is made for.
func (d *Desktop) Language(ctx context.Context, log *slog.Logger) language.Choice {
	ctx, cancel := context.WithTimeout(ctx, layoutLimit)
	defer cancel()
	return d.language(ctx, log)
}

func (d *Desktop) language(ctx context.Context, log *slog.Logger) language.Choice {
	state, err := d.watcher.State(ctx)
	var codes []string
	if err == nil {
		codes, err = state.Languages("")
	}
	if err != nil {
		log.Debug("the layout does not tell the language", "err", err)
		return language.Unknown
	}
	return language.Choice{Codes: codes, Assumed: true}
}

// LayoutLanguage is Desktop.Language for a command, which has no Desktop.
func LayoutLanguage(ctx context.Context, env environ.Env, log *slog.Logger) language.Choice {
	ctx, cancel := context.WithTimeout(ctx, connectedLimit)
	defer cancel()
	c, d := language.Unknown, NewDesktop(env, log)
	_ = d.During(ctx, func() error { // without a desktop the recognizer detects it
		c = d.language(ctx, log)
		return nil
	})
	return c
}

// LayoutLanguages returns, for a command, the languages that each layout of the desktop is
// made for, and none if there is no desktop or it does not report them.
func LayoutLanguages(ctx context.Context, env environ.Env) (groups [][]string) {
	ctx, cancel := context.WithTimeout(ctx, connectedLimit)
	defer cancel()
	d := NewDesktop(env, slog.New(slog.DiscardHandler))
	_ = d.During(ctx, func() error { // without a desktop there are none
		groups = d.layoutLanguages(ctx)
		return nil
	})
	return groups
}

// LayoutLanguages is the function of this name for a desktop that runs.
func (d *Desktop) LayoutLanguages(ctx context.Context) [][]string {
	ctx, cancel := context.WithTimeout(ctx, layoutLimit)
	defer cancel()
	return d.layoutLanguages(ctx)
}

func (d *Desktop) layoutLanguages(ctx context.Context) [][]string {
	state, err := d.watcher.State(ctx)
	if err != nil {
		return nil
	}
	groups, err := state.GroupLanguages("")
	if err != nil {
		return nil
	}
	return groups
}
