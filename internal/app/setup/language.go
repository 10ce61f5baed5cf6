package setup

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
)

// parseLanguage returns the setting whisper.language for an answer, which may have any
// form that the settings file allows.
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

// askLanguage asks which languages the user speaks. It proposes the setting or, if that
// is the default, the languages of the locale and the keyboard layouts.
func (s *Setup) askLanguage(ctx context.Context) error {
	now := s.cfg.Whisper[0].Language
	switch {
	case s.Language != "":
		return s.setLanguage(ctx, s.Language)
	case s.in == nil, len(s.cfg.Whisper) > 1: // the user wrote a list of recognizers
		s.spoken = s.languagesOf(ctx, now)
		return nil
	}
	proposed := now
	if now == config.FromLocale {
		proposed = proposedLanguages(language.OfLocale(s.env.Lookup), s.layouts(ctx)).String()
	}
	for ctx.Err() == nil {
		answer, err := s.ask(ctx, "Which language do you speak, or which ones? [%s]", strings.ReplaceAll(proposed, ",", ", "))
		switch {
		case err != nil:
			return err
		case answer != "":
			if err := s.setLanguage(ctx, answer); err != nil {
				s.printLine("%v.", err)
				continue
			}
		case proposed == now:
			s.spoken = s.languagesOf(ctx, now)
		case proposed == language.OfLocale(s.env.Lookup).String():
			s.spoken, _ = language.ParseChoice(proposed) // the setting stays locale
		default:
			return s.setLanguage(ctx, proposed)
		}
		return nil
	}
	return ctx.Err()
}

// setLanguage sets the language to an answer. An error says what is wrong with the answer.
func (s *Setup) setLanguage(ctx context.Context, answer string) error {
	setting, err := parseLanguage(answer)
	if err != nil {
		return err
	}
	s.set("whisper.language", strings.ReplaceAll(setting, ",", ", "))
	s.spoken = s.languagesOf(ctx, setting)
	return nil
}

// languagesOf returns the languages that a setting can mean. The setting layout means
// those of all layouts.
func (s *Setup) languagesOf(ctx context.Context, setting string) language.Choice {
	if setting != config.FromLayout {
		return recognition.Languages(s.env, setting)
	}
	all := slices.Concat(s.layouts(ctx)...)
	if len(all) == 0 {
		return language.Of(language.Auto)
	}
	return language.Of(all...)
}

// proposedLanguages returns the languages that the user probably speaks: that of the
// locale, then those of the keyboard layouts. Without any, it returns Unknown. layouts
// has the languages of each layout.
//
//   - A layout for several languages adds nothing if one of them is already proposed.
//   - An English layout proves little, because many people have one for other languages.
//     It adds English if nothing else is known. If there are layouts for other languages
//     too, it adds English only if all proposed languages use Latin script: a user with
//     another script needs English keys for other reasons.
//   - An English layout with the accents of other languages counts as English. Its first
//     language is "en".
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

// likely returns the languages of a layout. For Norway's layout it returns only "no",
// because recognizers write Bokmål for both Norwegian languages.
func likely(group []string) []string {
	if slices.Contains(group, "no") {
		return []string{"no"}
	}
	return group
}
