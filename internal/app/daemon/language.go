package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/whisper"
)

// spoken returns the languages that may be spoken while the key of a binding is
// held: those of the binding, else those that vocoderctl asked for, else the zero
// Choice, for which each recognizer has its own.
func (g *pipeline) spoken(ctx context.Context, binding int) language.Choice {
	setting := ""
	if binding >= 0 && binding < len(g.cfg.Bindings) {
		setting = g.cfg.Bindings[binding].Language
	}
	if setting == "" {
		if told := g.daemon.toldLanguage(); len(told.Codes) > 0 {
			return told
		}
		if setting = g.cfg.Whisper[0].Language; setting != config.FromLayout {
			return language.Choice{}
		}
	}
	if setting == config.FromLayout {
		return g.daemon.desktop.Language(ctx, g.daemon.log)
	}
	return recognition.Languages(g.daemon.env, setting)
}

// toldLanguage returns what vocoderctl asked for; the zero Choice if nothing.
func (d *daemon) toldLanguage() language.Choice {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.told
}

var errOneLanguage = errors.New("there is no next language: whisper.language is no list")

// speak expects other languages from the next press on.
func (d *daemon) speak(want string) error {
	var told language.Choice
	var err error
	switch want {
	case control.DefaultLanguage:
	case control.NextLanguage:
		told, err = nextLanguage(d.current().cfg.Whisper[0].Language, d.toldLanguage())
	default:
		told, err = language.ParseChoice(want)
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.told = told
	d.mu.Unlock()
	d.showLanguage()
	return nil
}

// nextLanguage returns what follows after the languages that were asked for last:
// one after the other of the list in the settings, and then the list.
func nextLanguage(setting string, now language.Choice) (language.Choice, error) {
	list, err := language.ParseChoice(setting)
	if err != nil || len(list.Codes) < 2 {
		return language.Choice{}, errOneLanguage
	}
	next := 1 + slices.Index(list.Codes, now.One()) // the first after anything else
	if next == len(list.Codes) {
		return language.Choice{}, nil
	}
	return language.Of(list.Codes[next]), nil
}

// showLanguage shows which languages are expected, and whether a recognizer is
// known not to know one.
func (d *daemon) showLanguage() {
	g := d.current()
	if g == nil {
		return
	}
	choice := g.recognizer.Usual()
	text := choice.String()
	if g.cfg.Whisper[0].Language == config.FromLayout {
		text = config.FromLayout
	}
	if told := d.toldLanguage(); len(told.Codes) > 0 {
		choice, text = told, told.String()
	}
	d.board.speak(text, ignorance(choice, g.recognizer.Client().Health()))
}

// ignorance says which recognizer does not know the language that is expected;
// nothing if all do, as far as is known.
func ignorance(choice language.Choice, all []whisper.Health) string {
	code := choice.One()
	for _, r := range all {
		refused := slices.Contains(r.Ignored, code)
		if code == "" || !refused && (len(r.Languages) == 0 || slices.Contains(r.Languages, code)) {
			continue
		}
		note := "the recognizer does not know " + language.Name(code)
		if n := len(r.Languages); n > 0 && n <= 5 {
			note += ", only " + language.Names(r.Languages)
		}
		if choice.Assumed {
			note += ", and is asked without it"
		}
		if len(all) > 1 {
			note = fmt.Sprintf("%s: %s", r.URL, note)
		}
		return note
	}
	return ""
}
