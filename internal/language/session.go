package language

import (
	"slices"
	"strings"
)

// OfLocale returns the language of the locale of messages, or Unknown for C, for POSIX
// and for a locale without a language. If LANGUAGE begins with a different language, the
// programs of the session are in that one: it comes first. env looks up a variable.
// Source: locale(7), setlocale(3), and The LANGUAGE variable in the manual of gettext.
func OfLocale(env func(string) (string, bool)) Choice {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale, _ := env(name)
		if locale == "" {
			continue
		}
		code := ofLocale(locale)
		if code == "" {
			return Unknown // the first that is set counts, and C turns LANGUAGE off
		}
		codes := []string{code}
		list, _ := env("LANGUAGE")
		first, _, _ := strings.Cut(list, ":")
		if more := ofLocale(first); more != "" && more != code {
			codes = []string{more, code}
		}
		return Choice{Codes: codes, Assumed: true}
	}
	return Unknown
}

// ofLocale returns the language of the name of a locale, or "".
func ofLocale(name string) string {
	name, _, _ = strings.Cut(name, ".")
	name, _, _ = strings.Cut(name, "@")
	code, err := Parse(name)
	if err != nil || name == "C" {
		return ""
	}
	return code
}

// OfSession returns the languages that a user who named none may speak: that of the
// locale, alone if no keyboard layout is made for a different one. Many people have an
// English session and speak another language, which a recognizer that is asked for English
// translates or garbles. layouts has the languages of each layout.
//
// An English layout adds nothing, because many people have one for another language. It
// is the same without a locale: the recognizer detects the language.
func OfSession(locale Choice, layouts [][]string) Choice {
	codes, _, other := ofLayouts(locale, layouts)
	if !other || len(locale.Known()) == 0 {
		return locale
	}
	return Choice{Codes: codes, Assumed: true, Task: locale.Task}
}

// Proposed returns the languages that setup proposes: those of OfSession, and English if
// there is reason for it. Without any, it returns Unknown.
//
// An English layout adds English if nothing else is known. If there are layouts for other
// languages too, it adds English only if all proposed languages use Latin script: a user
// with another script needs English keys for other reasons.
func Proposed(locale Choice, layouts [][]string) Choice {
	codes, english, other := ofLayouts(locale, layouts)
	isOther := func(code string) bool { return !IsLatin(code) }
	if english && !slices.Contains(codes, "en") && (len(codes) == 0 || other && !slices.ContainsFunc(codes, isOther)) {
		codes = append(codes, "en")
	}
	switch {
	case len(codes) == 0:
		return Unknown
	case slices.Equal(codes, locale.Codes):
		return locale
	}
	return Of(codes...)
}

// ofLayouts returns the languages of the locale that Whisper knows, then those of the
// layouts that are not English. It reports whether there are English and other layouts.
//
//   - A layout for several languages adds nothing if one of them is there already.
//   - An English layout with the accents of other languages counts as English. Its first
//     language is "en".
func ofLayouts(locale Choice, layouts [][]string) (codes []string, english, other bool) {
	for _, code := range locale.Known() {
		if InWhisper(code) {
			codes = append(codes, code)
		}
	}
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
	return codes, english, other
}

// likely returns the languages of a layout. For Norway's layout it returns only "no",
// because recognizers write Bokmål for both Norwegian languages.
func likely(group []string) []string {
	if slices.Contains(group, "no") {
		return []string{"no"}
	}
	return group
}
