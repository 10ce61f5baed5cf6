package language

import (
	"reflect"
	"testing"
)

func TestParse(t *testing.T) {
	for name, want := range map[string]string{
		"en": "en", "EN": "en", "en-US": "en", "pt_BR": "pt", "zh-Hans": "zh", "zh-Hant-TW": "zh", " de ": "de",
		"spanish": "es", "Castilian": "es", "Haitian Creole": "ht", "deu": "de", "ger": "de", "fre": "fr", "iw": "he",
		"nb": "no", "nb-NO": "no", "nn": "nn", "no": "no", "jv": "jw", "fil": "tl", "cmn": "zh", "yue": "yue", "haw": "haw", "gsw": "gsw",
	} {
		if got, err := Parse(name); err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"", "english please", "xx", "und", "auto", "klingonisch", "123", "e", "-", "de_", "C", "POSIX", "x-private"} {
		if got, err := Parse(name); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", name, got)
		}
	}
}

// Every name that Whisper answers with is understood, and no two codes have one
// name.
func TestNames(t *testing.T) {
	seen := map[string]string{}
	for code, name := range names {
		if got, err := Parse(name); err != nil || got != code {
			t.Errorf("Parse(%q) = %q, %v, want %q", name, got, err, code)
		}
		if got, err := Parse(code); err != nil || got != code {
			t.Errorf("Parse(%q) = %q, %v", code, got, err)
		}
		if seen[name] != "" {
			t.Errorf("%s and %s are both %s", code, seen[name], name)
		}
		seen[name] = code
	}
	if len(names) != 100 {
		t.Errorf("%d languages, want the 100 of Whisper large-v3", len(names))
	}
	if got := Names([]string{"es", "gsw", "ht"}); got != "Spanish, gsw, Haitian creole" {
		t.Errorf("Names = %q", got)
	}
}

func TestParseChoice(t *testing.T) {
	for text, want := range map[string][]string{
		"de": {"de"}, "auto": {"auto"}, "AUTO": {"auto"}, "de,en": {"de", "en"}, "de, EN-gb\n": {"de", "en"}, "de\nen\n": {"de", "en"},
		"de de-AT": {"de"}, "english german": {"en", "de"},
	} {
		got, err := ParseChoice(text)
		if err != nil || !reflect.DeepEqual(got, Choice{Codes: want}) {
			t.Errorf("ParseChoice(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", ",", "de,xx", "auto,de", "de,auto"} {
		if got, err := ParseChoice(text); err == nil {
			t.Errorf("ParseChoice(%q) = %v, want an error", text, got)
		}
	}
}

func TestChoice(t *testing.T) {
	for _, c := range []struct {
		codes []string
		one   string
		known int
		text  string
	}{
		{nil, "", 0, ""}, {[]string{Auto}, "", 0, "auto"}, {[]string{"de"}, "de", 1, "de"}, {[]string{"de", "en"}, "", 2, "de,en"},
	} {
		got := Choice{Codes: c.codes}
		if got.One() != c.one || len(got.Known()) != c.known || got.String() != c.text {
			t.Errorf("%v: one %q, known %v, text %q", c.codes, got.One(), got.Known(), got.String())
		}
	}
}

func TestOfLocale(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"nothing is set", nil, "auto"},
		{"LANG", map[string]string{"LANG": "es_MX.UTF-8"}, "es"},
		{"a modifier", map[string]string{"LANG": "ca_ES.UTF-8@valencia"}, "ca"},
		{"a language alone", map[string]string{"LANG": "eo"}, "eo"},
		{"C", map[string]string{"LANG": "C"}, "auto"},
		{"C with an encoding", map[string]string{"LANG": "C.UTF-8"}, "auto"},
		{"POSIX", map[string]string{"LANG": "POSIX"}, "auto"},
		{"LC_ALL before the others", map[string]string{"LC_ALL": "fr_FR", "LC_MESSAGES": "it_IT", "LANG": "de_DE"}, "fr"},
		{"LC_MESSAGES before LANG", map[string]string{"LC_MESSAGES": "it_IT", "LANG": "de_DE"}, "it"},
		{"an empty one does not count", map[string]string{"LC_ALL": "", "LANG": "ru_RU.UTF-8"}, "ru"},
		{"LC_ALL=C before LANG", map[string]string{"LC_ALL": "C", "LANG": "de_DE"}, "auto"},
		{"LC_CTYPE says nothing of it", map[string]string{"LC_CTYPE": "de_DE.UTF-8"}, "auto"},
		{"Norwegian", map[string]string{"LANG": "nb_NO.UTF-8"}, "no"},
		{"Serbian in Latin letters", map[string]string{"LANG": "sr_RS@latin"}, "sr"},
		{"LANGUAGE first", map[string]string{"LANG": "en_US.UTF-8", "LANGUAGE": "de:en"}, "de,en"},
		{"programs in English alone", map[string]string{"LANG": "de_DE.UTF-8", "LANGUAGE": "en_US:en"}, "en,de"},
		{"LANGUAGE as the locale", map[string]string{"LANG": "de_DE.UTF-8", "LANGUAGE": "de_DE:de:en"}, "de"},
		{"LANGUAGE without a language", map[string]string{"LANG": "de_DE.UTF-8", "LANGUAGE": ":C"}, "de"},
		{"C turns LANGUAGE off", map[string]string{"LANG": "C.UTF-8", "LANGUAGE": "de"}, "auto"},
		{"LANGUAGE alone", map[string]string{"LANGUAGE": "de"}, "auto"},
		{"no locale at all", map[string]string{"LANG": "..."}, "auto"},
	} {
		got := OfLocale(func(name string) (string, bool) { v, is := c.env[name]; return v, is })
		if got.String() != c.want || !got.Assumed {
			t.Errorf("%s: %v, want %s, assumed", c.name, got, c.want)
		}
	}
}

func TestIsLatin(t *testing.T) {
	for code, want := range map[string]bool{
		"es": true, "vi": true, "tr": true, "jw": true, "haw": true, "ru": false, "sr": false, "el": false, "ja": false, "zh": false, "yue": false, "ar": false, "xxxx-": false,
	} {
		if got := IsLatin(code); got != want {
			t.Errorf("%s: %v, want %v", code, got, want)
		}
	}
}
