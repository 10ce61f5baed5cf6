package language

import (
	"strings"
	"testing"
)

// TestProposed checks what locale and layouts propose.
func TestProposed(t *testing.T) {
	for _, tt := range []struct {
		locale  string // its language
		layouts string // the languages of each
		want    string
	}{
		{"es", "es", "es"},
		{"es", "", "es"},
		{"es", "es en", "es,en"}, // an English layout, and one with the same letters
		{"es", "en es", "es,en"},
		{"de", "en", "de"}, // the keyboard that was bought
		{"ru", "en ru", "ru"},
		{"el", "el en", "el"},
		{"zh", "en", "zh"},
		{"ja", "ja en", "ja"},
		{"ru", "en ru de", "ru,de"},
		{"en", "en", "en"},
		{"en", "en ru", "en,ru"},
		{"en", "de", "en,de"},
		{"en", "en de fr", "en,de,fr"},
		{"fr", "de,nl,fr", "fr"}, // Belgian
		{"en", "de,nl,fr", "en,de,nl,fr"},
		{"", "de,nl,fr", "de,nl,fr"},
		{"no", "no,nn", "no"},
		{"en", "no,nn", "en,no"},
		{"es", "en,fr,de", "es"}, // US with dead keys
		{"de", "de en,fr,de", "de,en"},
		{"", "", "auto"},
		{"", "en", "en"},
		{"", "en,fr,de", "en"},
		{"", "en ru", "ru"},
		{"", "en de", "de,en"},
		{"eo", "", "auto"}, // which Whisper does not know
		{"eo", "de", "de"},
		{"de", "- de -", "de"}, // layouts for no language
		{"de", "de de", "de"},
	} {
		locale := Unknown
		if tt.locale != "" {
			locale = Choice{Codes: []string{tt.locale}, Assumed: true}
		}
		var layouts [][]string
		for _, l := range strings.Fields(tt.layouts) {
			layouts = append(layouts, strings.FieldsFunc(l, func(r rune) bool { return r == ',' || r == '-' }))
		}
		got := Proposed(locale, layouts)
		if got.String() != tt.want || got.Assumed != (tt.want == tt.locale || tt.want == "auto") {
			t.Errorf("locale %q, layouts %q: %+v, want %s", tt.locale, tt.layouts, got, tt.want)
		}
	}
}

// TestOfSession checks which languages are expected of a user who named none.
func TestOfSession(t *testing.T) {
	for _, tt := range []struct {
		name, locale, layouts, want string
	}{
		{"plain English", "en", "en", "en"},
		{"plain German", "de", "de", "de"},
		{"no layout is known", "de", "", "de"},
		{"a German with the keyboard that was bought", "de", "en", "de"},
		{"a German with a second layout for programs", "de", "de en", "de"},
		{"an English session, a German keyboard", "en", "de", "en,de"},
		{"an English session, both", "en", "en de", "en,de"},
		{"an English session, US with dead keys", "en", "en,fr,de", "en"},
		{"an English session, Russian too", "en", "en ru", "en,ru"},
		{"a German session, a French keyboard", "de", "fr", "de,fr"},
		{"a Belgian keyboard", "fr", "de,nl,fr", "fr"},
		{"an English session, Norwegian", "en", "no,nn", "en,no"},
		{"programs in English, the rest in German", "en,de", "de", "en,de"},
		{"a language that Whisper does not know", "eo", "", "eo"},
		{"the same, with a keyboard for one", "eo", "de", "de"},
		{"no locale", "", "de", "auto"},
		{"no locale, English", "", "en", "auto"},
		{"a layout for no language", "en", "-", "en"},
	} {
		locale := Unknown
		if tt.locale != "" {
			locale = Choice{Codes: strings.Split(tt.locale, ","), Assumed: true}
		}
		var layouts [][]string
		for _, l := range strings.Fields(tt.layouts) {
			layouts = append(layouts, strings.FieldsFunc(l, func(r rune) bool { return r == ',' || r == '-' }))
		}
		if got := OfSession(locale, layouts); got.String() != tt.want || !got.Assumed {
			t.Errorf("%s: %+v, want %s, assumed", tt.name, got, tt.want)
		}
	}
}
