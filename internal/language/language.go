// Package language names the languages that people speak and recognizers know.
package language

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Auto stands for a language in place of a code: the recognizer finds out.
const Auto = "auto"

// A Choice says in which languages an utterance may be. The zero Choice names
// no language.
type Choice struct {
	// Codes are the languages, the likeliest first, or Auto alone.
	Codes []string
	// Assumed means that the user named none of them: they follow from the
	// locale or the keyboard layout.
	Assumed bool
}

// Of returns the Choice of a user who named these languages.
func Of(codes ...string) Choice { return Choice{Codes: codes} }

// Unknown is the Choice that leaves the language to the recognizer.
var Unknown = Choice{Codes: []string{Auto}, Assumed: true}

// One returns the language if there is one alone, else nothing.
func (c Choice) One() string {
	if known := c.Known(); len(known) == 1 {
		return known[0]
	}
	return ""
}

// Known returns the languages, none if the recognizer finds out.
func (c Choice) Known() []string {
	if slices.Contains(c.Codes, Auto) {
		return nil
	}
	return c.Codes
}

// String returns the codes with commas between them.
func (c Choice) String() string { return strings.Join(c.Codes, ",") }

// Parse returns the code of a language: that of ISO 639-1 where it has one, else
// that of ISO 639-3. It takes any code of ISO 639, whatever its case, a tag with
// script and region (en-US, zh-Hans, pt_BR), and the English name that Whisper
// gives it.
func Parse(name string) (string, error) {
	lower := strings.ToLower(strings.TrimSpace(name))
	if code, is := byName[lower]; is {
		return code, nil
	}
	tag, err := language.Parse(strings.ReplaceAll(lower, "_", "-"))
	if err != nil || lower == "und" || strings.HasPrefix(lower, "und-") || strings.HasPrefix(lower, "x-") {
		return "", fmt.Errorf("%q, want a code such as en or de", name)
	}
	base, _ := tag.Base()
	code := base.String()
	if same, is := whisperHas[code]; is {
		return same, nil
	}
	return code, nil
}

// ParseChoice returns what a setting says: one code or several, with commas or
// spaces between them, or Auto. It is not Assumed.
func ParseChoice(text string) (Choice, error) {
	var c Choice
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		if strings.EqualFold(name, Auto) {
			c.Codes = append(c.Codes, Auto)
			continue
		}
		code, err := Parse(name)
		if err != nil {
			return Choice{}, err
		}
		if !slices.Contains(c.Codes, code) {
			c.Codes = append(c.Codes, code)
		}
	}
	switch {
	case len(c.Codes) == 0:
		return Choice{}, errors.New("want a code such as en or de")
	case len(c.Codes) > 1 && slices.Contains(c.Codes, Auto):
		return Choice{}, fmt.Errorf("%q, want either auto or languages", strings.TrimSpace(text))
	}
	return c, nil
}

// OfLocale returns the language of the locale that messages are in; Unknown for
// C and POSIX and for a locale without a language. env looks up a variable.
// Source: locale(7), setlocale(3).
func OfLocale(env func(string) (string, bool)) Choice {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale, _ := env(name)
		if locale == "" {
			continue
		}
		locale, _, _ = strings.Cut(locale, ".")
		locale, _, _ = strings.Cut(locale, "@")
		if code, err := Parse(locale); err == nil && locale != "C" {
			return Choice{Codes: []string{code}, Assumed: true}
		}
		return Unknown // the first that is set counts
	}
	return Unknown
}

// Name returns the English name of a language, or its code if Whisper has no
// name for it.
func Name(code string) string {
	if name, is := names[code]; is {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return code
}

// Names returns the English names of languages as a person lists them.
func Names(codes []string) string {
	var all []string
	for _, c := range codes {
		all = append(all, Name(c))
	}
	return strings.Join(all, ", ")
}

// IsLatin reports whether a language is usually written in Latin script.
func IsLatin(code string) bool {
	tag, err := language.Parse(code)
	if err != nil {
		return false
	}
	script, _ := tag.Script()
	return script.String() == "Latn"
}

// WithMarks returns the languages in which the spoken names of punctuation marks are
// known.
func WithMarks() []string { return []string{"en", "de", "fr", "es", "it", "pt", "nl"} }
