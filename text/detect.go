package text

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"

	"github.com/arealicehole/vocoder/internal/language"
)

// minTelling is how long a text is whose words tell its language, in characters. Of
// shorter texts, such as "nueva línea", the detector is sure and wrong.
const minTelling = 16

// detectable are the languages that can be detected, and codes is the reverse.
var detectable, codes = func() (map[string]whatlanggo.Lang, map[whatlanggo.Lang]string) {
	byCode, byLang := map[string]whatlanggo.Lang{}, map[whatlanggo.Lang]string{}
	for lang := range whatlanggo.Langs {
		if code, err := language.Parse(lang.Iso6391()); err == nil {
			byCode[code], byLang[lang] = lang, code
		}
	}
	return byCode, byLang
}()

func undetectable(code string) bool {
	_, is := detectable[code]
	return !is
}

// A Detection is what the script and the words of a text tell about its language.
type Detection struct {
	text string
	whatlanggo.Info
}

// Detect detects the language of a text.
func Detect(text string) Detection { return Detection{text, whatlanggo.Detect(text)} }

// Language returns the code of the language, or "" if the words do not tell it
// reliably.
func (d Detection) Language() string {
	if d.IsReliable() && utf8.RuneCountInString(d.text) >= minTelling {
		return codes[d.Lang]
	}
	return ""
}

// MayBe reports whether the text may be in one of some languages.
func (d Detection) MayBe(several []string) bool {
	code := d.Language()
	switch {
	case slices.ContainsFunc(several, undetectable), slices.Contains(several, code):
		return true
	case d.Script != nil && d.among(several) == "":
		return false // none of them is written in this script
	}
	return code == ""
}

// Likeliest returns the language of the text if it is in one of some languages, or
// the first of them if neither script nor words tell. There must be at least one.
func (d Detection) Likeliest(several []string) string {
	if code := codes[d.Lang]; slices.Contains(several, code) {
		return code
	}
	if i := slices.IndexFunc(several, undetectable); i >= 0 && d.IsReliable() {
		return several[i] // its words are like those of the detected language, as Catalan is like Spanish
	}
	return cmp.Or(d.among(several), several[0])
}

// among returns which of some languages the text is in, or "" if none of those that
// can be detected is written in its script.
func (d Detection) among(several []string) string {
	allowed := map[whatlanggo.Lang]bool{}
	for _, code := range several {
		if lang, is := detectable[code]; is {
			allowed[lang] = true
		}
	}
	if len(allowed) == 0 {
		return ""
	}
	code := codes[whatlanggo.DetectLangWithOptions(d.text, whatlanggo.Options{Whitelist: allowed})]
	if !slices.Contains(several, code) {
		return ""
	}
	return code
}
