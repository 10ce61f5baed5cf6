// Package language has the languages that users speak and recognizers know: their codes,
// their names, and the choice among them.
package language

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Auto is a value in place of a code: the recognizer detects the language.
const Auto = "auto"

// A Task is what a recognizer makes of speech. The empty Task is that of the settings.
type Task string

// The tasks, as the setting whisper.task names them.
const (
	Transcribe Task = "transcribe" // the words as they were spoken
	Translate  Task = "translate"  // the words in English
)

// A Choice is the languages that an utterance may be in, and what is made of it. The zero
// Choice has neither.
type Choice struct {
	// Codes are the codes of the languages, the likeliest first, or Auto alone.
	Codes []string
	// Assumed means that the languages follow from the locale or the keyboard layout.
	// The user named none of them.
	Assumed bool
	Task    Task
}

// Of returns the Choice of a user who named these languages.
func Of(codes ...string) Choice { return Choice{Codes: codes} }

// Unknown is the Choice that leaves the language to the recognizer.
var Unknown = Choice{Codes: []string{Auto}, Assumed: true}

// One returns the language if there is exactly one, otherwise "".
func (c Choice) One() string {
	if known := c.Known(); len(known) == 1 {
		return known[0]
	}
	return ""
}

// Known returns the languages, or none if the recognizer detects them.
func (c Choice) Known() []string {
	if slices.Contains(c.Codes, Auto) {
		return nil
	}
	return c.Codes
}

// Written returns the languages that the words of the recognizer may be in, or none if the
// recognizer detects them.
func (c Choice) Written() []string {
	if c.Task == Translate {
		return []string{"en"}
	}
	return c.Known()
}

// Over returns c, with what it does not say as usual has it.
func (c Choice) Over(usual Choice) Choice {
	task := cmp.Or(c.Task, usual.Task)
	if len(c.Codes) == 0 {
		c = usual
	}
	c.Task = task
	return c
}

// String returns the codes with commas between them.
func (c Choice) String() string { return strings.Join(c.Codes, ",") }

// Parse returns the code of a language: the code of ISO 639-1 if there is one, otherwise
// the code of ISO 639-3. It accepts any code of ISO 639 in upper or lower case, a tag
// with script and region (en-US, zh-Hans, pt_BR), and Whisper's English name.
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

// ParseChoice parses a setting: one or several codes with commas or spaces between
// them, or Auto. The result is not Assumed.
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

// Name returns the English name of a language, or its code if Whisper has no
// name for it.
func Name(code string) string {
	if name, is := names[code]; is {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return code
}

// Names returns the English names of languages with commas between them.
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
func WithMarks() []string { return []string{"en", "de", "fr", "es", "it", "pt", "nl", "ru"} }
