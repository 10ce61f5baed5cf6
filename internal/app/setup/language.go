package setup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
)

// parseLanguage returns what the setting of the language becomes of an answer, in
// the forms that the settings file takes.
func parseLanguage(answer string) (setting string, err error) {
	answer = strings.Trim(strings.TrimSpace(answer), "[]")
	cfg, _, err := config.Load(config.Source{Flags: map[string]string{"whisper.language": answer}})
	if e, is := errors.AsType[*config.Error](err); is {
		return "", errors.New(strings.TrimPrefix(e.Msg, "whisper.language: "))
	}
	if err != nil {
		return "", err
	}
	return cfg.Whisper[0].Language, nil
}

func (s *Setup) askLanguage(ctx context.Context) error {
	now := s.cfg.Whisper[0].Language
	switch {
	case s.Language != "":
		return s.setLanguage(ctx, s.Language)
	case s.in == nil, len(s.cfg.Whisper) > 1: // a list of the user's own
		s.spoken = s.means(ctx, now)
		return nil
	}
	proposed := now
	if now == config.FromLocale {
		proposed = proposedLanguages(language.OfLocale(s.env.Lookup), s.layouts(ctx)).String()
	}
	for ctx.Err() == nil {
		answer := s.ask("Which language do you speak, or which ones? [%s]", strings.ReplaceAll(proposed, ",", ", "))
		switch {
		case answer != "":
			if err := s.setLanguage(ctx, answer); err != nil {
				s.say("%v.", err)
				continue
			}
		case proposed == now:
			s.spoken = s.means(ctx, now)
		case proposed == language.OfLocale(s.env.Lookup).String():
			s.spoken, _ = language.ParseChoice(proposed) // it stays what the locale says
		default:
			return s.setLanguage(ctx, proposed)
		}
		return nil
	}
	return ctx.Err()
}

// setLanguage sets what was answered. An error is one of the answer.
func (s *Setup) setLanguage(ctx context.Context, answer string) error {
	setting, err := parseLanguage(answer)
	if err != nil {
		return err
	}
	s.set("whisper.language", strings.ReplaceAll(setting, ",", ", "))
	s.spoken = s.means(ctx, setting)
	return nil
}

// means returns the languages that a setting can lead to.
func (s *Setup) means(ctx context.Context, setting string) language.Choice {
	if setting != config.FromLayout {
		return recognition.Languages(s.env, setting)
	}
	all := slices.Concat(s.layouts(ctx)...)
	if len(all) == 0 {
		return language.Of(language.Auto)
	}
	return language.Of(all...)
}

// proposedLanguages returns which languages are the likeliest to be spoken: that
// of the locale, then those of the keyboard layouts; Unknown if none of them tells.
//
// An English layout tells less than another, as half the world has one: beside a
// layout for another language it counts if that is in Latin script, for which
// English keys are not needed. A layout for several languages tells nothing where
// one of them is known already. An English one with the accents of other languages
// is an English one.
func proposedLanguages(locale language.Choice, layouts [][]string) language.Choice {
	var codes []string
	if code := locale.One(); language.InWhisper(code) {
		codes = append(codes, code)
	}
	english, other := false, false
	for _, group := range layouts {
		switch {
		case len(group) == 0:
		case group[0] == "en":
			english = true
		default:
			other = true
			if !slices.ContainsFunc(group, func(code string) bool { return slices.Contains(codes, code) }) {
				codes = append(codes, likely(group)...)
			}
		}
	}
	isOther := func(code string) bool { return !language.IsLatin(code) }
	if english && !slices.Contains(codes, "en") && (len(codes) == 0 || other && !slices.ContainsFunc(codes, isOther)) {
		codes = append(codes, "en")
	}
	switch {
	case len(codes) == 0:
		return language.Unknown
	case slices.Equal(codes, locale.Codes):
		return locale
	}
	return language.Of(codes...)
}

// likely returns the languages of a layout without those that are rare beside
// another: of Norway's, the recognizer writes Bokmål for all.
func likely(group []string) []string {
	if slices.Contains(group, "no") {
		return []string{"no"}
	}
	return group
}

// The models of vocoder-engine that setup fetches, and how they are shown.
const smallModel = "moonshine-tiny-en"

var modelTitles = map[string]string{smallModel: "Moonshine tiny", recognition.WhisperBase: "Whisper base"}

// modelFor returns the model of vocoder-engine for some languages: the small one
// for English alone and where nothing is known, else that of many languages.
func modelFor(c language.Choice) string {
	if c.One() == "en" || len(c.Known()) == 0 && c.Assumed {
		return smallModel
	}
	return recognition.WhisperBase
}

// model returns the model that the engine is to have, and whether it is there.
// Whisper base is for all languages, and where it is there, the engine takes it.
func (s *Setup) model(ctx context.Context) (name string, there bool) {
	if s.engine.has(ctx, recognition.WhisperBase) {
		return recognition.WhisperBase, true
	}
	name = modelFor(s.spoken)
	return name, name == smallModel && s.engine.has(ctx, name)
}

// offer is the engine as one of the recognizers to choose from.
func (s *Setup) offer(ctx context.Context) string {
	const engine = "vocoder-engine: offline, on this machine, "
	switch name, there := s.model(ctx); {
	case there:
		return engine + "with its model " + modelTitles[name] + ", which is there"
	case name == smallModel:
		return engine + "English; its model is fetched once, 21 MB"
	}
	return engine + "99 languages; its model, " + modelTitles[recognition.WhisperBase] + ", is fetched once, 80 MB"
}

// modelError returns the error of a model of vocoder-engine that could not be fetched.
func modelError(model string, err error) error {
	h := "is the network there? `vocoder-engine models pull " + model + "` tries again"
	if model == recognition.WhisperBase {
		h += "; make model, in a clone of vocoder, makes it"
	}
	return hint.Wrap(fmt.Errorf("fetch the model %s of vocoder-engine: %w", model, err), h+"; then `vocoder setup --recogniser engine`")
}
