package recognition

import (
	"context"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
)

// TestSpoken checks which languages count where no key and no command names one: those of
// the session, unless a recognizer has its own.
func TestSpoken(t *testing.T) {
	german := [][]string{{"de"}}
	for _, tt := range []struct {
		name, locale string
		layouts      [][]string
		settings     []string // of each recognizer
		want         string
		assumed      bool
	}{
		{"plain English", "en_US.UTF-8", [][]string{{"en"}}, []string{"locale"}, "en", true},
		{"no desktop", "en_US.UTF-8", nil, []string{"locale"}, "en", true},
		{"a German keyboard", "en_US.UTF-8", german, []string{"locale"}, "en,de", true},
		{"no locale", "C.UTF-8", german, []string{"locale"}, "auto", true},
		{"the layout in effect", "en_US.UTF-8", german, []string{"layout"}, "fr", true},
		{"a language", "en_US.UTF-8", german, []string{"en"}, "", false},
		{"a list", "en_US.UTF-8", german, []string{"en,it"}, "", false},
		{"two recognizers", "en_US.UTF-8", german, []string{"locale", "locale"}, "en,de", true},
		{"the second has its own", "en_US.UTF-8", german, []string{"locale", "fr"}, "", false},
		{"the first has its own", "en_US.UTF-8", german, []string{"fr", "locale"}, "", false},
	} {
		cfg := settings.Default().Config
		usual := cfg.Whisper[0]
		cfg.Whisper = nil
		for _, l := range tt.settings {
			usual.Language = l
			cfg.Whisper = append(cfg.Whisper, usual)
		}
		env := environ.Env{Lookup: func(name string) (string, bool) { return tt.locale, name == "LANG" }}
		k := Keyboard{
			InEffect: func(context.Context) language.Choice { return language.Choice{Codes: []string{"fr"}, Assumed: true} },
			All:      func(context.Context) [][]string { return tt.layouts },
		}
		if got := k.Spoken(t.Context(), env, cfg); got.String() != tt.want || got.Assumed != tt.assumed {
			t.Errorf("%s: %+v, want %q, assumed %v", tt.name, got, tt.want, tt.assumed)
		}
	}
}
