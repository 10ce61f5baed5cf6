package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/whisper"
)

// spoken returns the languages that the user may speak while the key of a binding is held:
// those of the binding, else those that vocoderctl set, else the zero Choice. With that,
// each recognizer uses its own setting.
func (d *daemon) spoken(ctx context.Context, cfg config.Config, binding int) language.Choice {
	var of config.Binding
	if binding >= 0 && binding < len(cfg.Bindings) {
		of = cfg.Bindings[binding]
	}
	choice := d.languages(ctx, cfg, of.Language)
	if choice.Task = language.Task(of.Task); choice.Task == "" {
		choice.Task = d.taskSet()
	}
	return choice
}

// languages returns the languages of spoken. Setting is that of the binding, if it has one.
func (d *daemon) languages(ctx context.Context, cfg config.Config, setting string) language.Choice {
	if setting == "" {
		if set := d.languageSet(); len(set.Codes) > 0 {
			return set
		}
		choice := d.layouts().Spoken(ctx, d.Env, cfg)
		if recognition.IsFromLocale(cfg) {
			d.setSessionLanguages(choice)
		}
		return choice
	}
	choice := d.layouts().Languages(ctx, d.Env, setting)
	if setting == config.FromLocale {
		d.setSessionLanguages(choice)
	}
	return choice
}

// layouts returns the keyboard layouts of the session.
func (d *daemon) layouts() recognition.Keyboard {
	return recognition.Keyboard{
		InEffect: func(ctx context.Context) language.Choice { return d.desktop.Language(ctx, d.log) },
		All:      d.edges.layouts,
	}
}

// setSessionLanguages keeps the languages of the session. It shows them if they have changed.
func (d *daemon) setSessionLanguages(choice language.Choice) {
	d.mu.Lock()
	changed := !slices.Equal(choice.Codes, d.session.Codes)
	d.session = choice
	d.mu.Unlock()
	if changed {
		d.showLanguage()
	}
}

// sessionLanguages returns the languages of the session, the zero Choice before the first press.
func (d *daemon) sessionLanguages() language.Choice {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.session
}

// languageSet returns what vocoderctl set, or the zero Choice.
func (d *daemon) languageSet() language.Choice {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.language
}

// taskSet returns what vocoderctl set, or the empty Task.
func (d *daemon) taskSet() language.Task {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.task
}

// setTask sets what the recognizer makes of speech from the next press on.
func (d *daemon) setTask(want string) {
	if want == control.DefaultTask {
		want = ""
	}
	d.mu.Lock()
	d.task = language.Task(want)
	d.mu.Unlock()
	d.showLanguage()
}

var errOneLanguage = errors.New("there is no next language: whisper.language is no list")

// setLanguage sets the languages that the daemon expects from the next press on.
func (d *daemon) setLanguage(want string) error {
	var choice language.Choice
	var err error
	switch want {
	case control.DefaultLanguage:
	case control.NextLanguage:
		choice, err = nextLanguage(d.current().cfg.Whisper[0].Language, d.languageSet())
	default:
		choice, err = language.ParseChoice(want)
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.language = choice
	d.mu.Unlock()
	d.showLanguage()
	return nil
}

// nextLanguage returns what follows after the languages that are set now. It goes through
// the list in the settings one by one, and then returns to the whole list.
func nextLanguage(setting string, now language.Choice) (language.Choice, error) {
	list, err := language.ParseChoice(setting)
	if err != nil || len(list.Codes) < 2 {
		return language.Choice{}, errOneLanguage
	}
	next := 1 + slices.Index(list.Codes, now.One()) // the first if now is not in the list
	if next == len(list.Codes) {
		return language.Choice{}, nil
	}
	return language.Of(list.Codes[next]), nil
}

// usual returns what the settings say of the languages, or what the session says if they
// leave it to that.
func (d *daemon) usual(p *pipeline) language.Choice {
	usual := p.recognizer.Usual()
	if recognition.IsFromLocale(p.cfg.Config) {
		return d.sessionLanguages().Over(usual)
	}
	return usual
}

// written returns the languages that a text may be in, whichever key it was spoken with; none
// if that is not known. A text continues the one before it by their rules.
func (d *daemon) written(p *pipeline) (codes []string) {
	usual := d.usual(p)
	for _, b := range p.cfg.Bindings {
		choice := d.languageSet()
		if b.Language != "" {
			choice = recognition.Languages(d.Env, b.Language)
		}
		if b.Language == config.FromLocale {
			choice = d.sessionLanguages().Over(choice)
		}
		choice.Task = cmp.Or(language.Task(b.Task), d.taskSet())
		all := choice.Over(usual).Written()
		if len(all) == 0 {
			return nil
		}
		codes = append(codes, all...)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// showLanguage shows which languages the daemon expects, and whether a recognizer does not
// know one. The texts that follow are written in these languages.
func (d *daemon) showLanguage() {
	p := d.current()
	if p == nil {
		return
	}
	rules := p.recognizer.Rules()
	rules.Languages = d.written(p)
	d.keyboard.Configure(rules)
	choice := d.usual(p)
	text := choice.String()
	if p.cfg.Whisper[0].Language == config.FromLayout {
		text = config.FromLayout
	}
	set := d.languageSet()
	chosen := len(set.Codes) > 0
	if chosen {
		choice, text = set, set.String()
	}
	note := unknownLanguage(choice, p.recognizer.Client().Health())
	if (language.Choice{Task: d.taskSet()}).Over(p.recognizer.Usual()).Task == language.Translate {
		note = strings.TrimPrefix(note+"; translated into English", "; ")
	}
	d.status.setLanguages(text, chosen, note)
}

// showFallback has the status say which recognizer answers in place of the first.
func (d *daemon) showFallback() {
	if p := d.current(); p != nil {
		d.status.setFallback(p.recognizer.Client().Fallback())
	}
}

// unknownLanguage returns a note if a recognizer does not know the expected language. It
// is empty if all know it, or have not reported what they know.
func unknownLanguage(choice language.Choice, all []whisper.Health) string {
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
