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
	case s.in == nil, s.isFixed("whisper.language"):
		s.spoken = s.languagesOf(ctx, now)
		return nil
	}
	proposed := now
	if now == config.FromLocale {
		proposed = language.Proposed(language.OfLocale(s.env.Lookup), s.layouts(ctx)).String()
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
	anyLayout := func(ctx context.Context) language.Choice {
		if all := slices.Concat(s.layouts(ctx)...); len(all) > 0 {
			return language.Of(all...)
		}
		return language.Of(language.Auto)
	}
	return recognition.Keyboard{InEffect: anyLayout, All: s.layouts}.Languages(ctx, s.env, setting)
}
