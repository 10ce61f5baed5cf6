package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/language"
)

func TestVocabulary(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("\ufeff# names\nKubernetes\n iPhone \n\nbtw => by the way\nby the by=>BTB\nnew par =>\\n\\n\nautumn => fall\narrow => ->\nnothing =>\n谢 => 謝\nC plus plus => C++\n"))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"I use kubernetes.":            "I use Kubernetes.",
		"KUBERNETES and my IPHONE":     "Kubernetes and my iPhone",
		"kubernetesish":                "kubernetesish",
		"Btw, I know.":                 "By the way, I know.",
		"btw by the by":                "by the way BTB",
		"one new par two":              "one \n\n two",
		"Autumn and autumns":           "Fall and autumns",
		"an arrow here":                "an -> here",
		"say nothing more":             "say  more",
		"多谢你":                          "多謝你",
		"c plus plus.":                 "C++.",
		"nothing of it is replaced by": " of it is replaced by",
		"":                             "",
	} {
		if got := v.replace(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := v.Prompt(); got != "Kubernetes, iPhone" {
		t.Errorf("prompt %q", got)
	}
}

func TestBadVocabulary(t *testing.T) {
	for in, want := range map[string]string{
		"a\n=> b\n":                              "line 2: nothing before =>",
		"caf\xe9":                                "line 1: it is not UTF-8",
		"a => " + strings.Repeat("b", 501):       "line 1: longer than 500 bytes",
		strings.Repeat("a\n", maxEntries+1):      "line 10001: more than 10000 entries",
		"# fine\n" + strings.Repeat("a", 70_000): "read vocabulary: ",
	} {
		if _, err := ReadVocabulary(strings.NewReader(in)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", in, err, want)
		}
	}
}

func TestPunctuate(t *testing.T) {
	for _, tt := range []struct{ language, in, want string }{
		{"", "Hello, comma, you.", "Hello, comma, you."},
		{"xx", "hello comma you", "hello comma you"},
		{"en", "hello comma how are you question mark", "hello, how are you?"},
		{"en", "Hello, comma, how are you? Question mark.", "Hello, how are you?"},
		{"en", "Hello. Comma. And you question mark fine exclamation point", "Hello, and you? Fine!"},
		{"en", "That is all period next one", "That is all period next one"},
		{"en", "That is all. Period. Next one.", "That is all. Next one."},
		{"en", "a long period of time", "a long period of time"},
		{"en", "It ends. Full stop. New paragraph. It begins.", "It ends.\n\nIt begins."},
		{"en", "First line, new line, second line", "First line\nSecond line"},
		{"en", "well hyphen known", "well-known"},
		{"en", "it works open parenthesis mostly close parenthesis today", "it works (mostly) today"},
		{"en", "she said, open quote, yes, close quote.", "she said, “yes”"},
		{"en", "new line", "\n"},
		{"en", "comma", ","},
		{"de", "Hallo Komma wie geht es dir Fragezeichen", "Hallo, wie geht es dir?"},
		{"de", "Das ist der Punkt an der Sache.", "Das ist der Punkt an der Sache."},
		{"de", "Erstens Doppelpunkt neue Zeile Haus", "Erstens\nHaus"},
		{"fr", "Bonjour virgule ça va point d'interrogation", "Bonjour, ça va\u202f?"},
		{"es", "abrir interrogación qué tal cerrar interrogación", "¿qué tal?"},
		{"es", "Hola. Punto y aparte. Adiós.", "Hola.\nAdiós."},
		{"it", "ciao virgola come stai punto interrogativo", "ciao, come stai?"},
		{"pt", "olá vírgula tudo bem ponto de interrogação", "olá, tudo bem?"},
		{"nl", "hallo komma hoe gaat het vraagteken", "hallo, hoe gaat het?"},
	} {
		if got := punctuate(tt.in, tt.language); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.language, tt.in, got, tt.want)
		}
	}
	for text, want := range map[string]string{
		"hello comma how are you question mark": "en", "Hallo Komma wie geht es dir Fragezeichen": "de", "Bonjour virgule ça va point d'interrogation": "fr",
		"olá vírgula tudo bem ponto de interrogação": "pt", "ciao virgola come stai punto interrogativo": "it", "new line": "en", "nueva línea": "es", "à la ligne": "fr",
		"neue Zeile": "de", "I think that the point of it is the point": "en", "first comma word": "en",
	} {
		if got := languageOfMarks(text, language.WithMarks()); got != want {
			t.Errorf("%q is detected as %q, want %q", text, got, want)
		}
	}
	for _, codes := range [][]string{nil, {"ru"}, {"ru", "xx"}} {
		if got := languageOfMarks("hello comma", codes); got != "" {
			t.Errorf("of %v: %q", codes, got)
		}
	}
	for _, code := range language.WithMarks() {
		for name, m := range marks[code] {
			if Plain(name) != name || len(strings.Fields(name)) > maxName || m.sign() == "" {
				t.Errorf("%s: %q cannot be spoken", code, name)
			}
		}
	}
	if len(language.WithMarks()) != len(marks) {
		t.Error("a language is missing")
	}
}

func TestRules(t *testing.T) {
	for _, tt := range []struct {
		name         string
		rules        Rules
		text, before string
		want         string
	}{
		{"none", Rules{}, "Hello.", "x", "Hello."},
		{"smart at the beginning", Rules{SmartSpace: true}, "Hello.", "", "Hello."},
		{"smart", Rules{SmartSpace: true}, "There.", "Hello.", " There."},
		{"smart after a space", Rules{SmartSpace: true}, "There.", "Hello. ", "There."},
		{"smart before a comma", Rules{SmartSpace: true, Punctuation: "en"}, "Comma.", "Hello", ","},
		{"smart in brackets", Rules{SmartSpace: true}, "there", "Hello (", "there"},
		{"smart in Chinese", Rules{SmartSpace: true}, "你好", "你好。", "你好"},
		{"smart and nothing", Rules{SmartSpace: true}, "", "Hello", ""},
		{"trailing", Rules{TrailingSpace: true}, "one", "", "one "},
		{"one trailing space is enough", Rules{TrailingSpace: true}, "one ", "", "one "},
		{"no trailing space on a new line", Rules{TrailingSpace: true, Punctuation: "en"}, "One. New line.", "", "One.\n"},
		{"smart on a new line", Rules{SmartSpace: true}, "Two.", "One.\n", "Two."},
		{"no trailing space of nothing", Rules{TrailingSpace: true}, "", "one", ""},
		{"lower", Rules{Casing: Lower}, "Hello Anna.", "", "hello anna."},
		{"sentence at the beginning", Rules{Casing: Sentence}, "“hello”", "", "“Hello”"},
		{"sentence after one", Rules{Casing: Sentence, SmartSpace: true}, "and so on.", "Hello.", " And so on."},
		{"sentence within one", Rules{Casing: Sentence, SmartSpace: true}, "And so on.", "Hello", " and so on."},
		{"a name within one", Rules{Casing: Sentence, SmartSpace: true}, "Anna is here.", "I know", " Anna is here."},
	} {
		if got := tt.rules.Continue(tt.rules.Write(tt.text, nil), tt.before); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// FuzzRules checks that rules which name nothing in the text change nothing but
// capitals and spaces, and that none panic.
func FuzzRules(f *testing.F) {
	f.Add("Hello, comma, you. New line.", "before", "comma => ;\nname")
	f.Add("Ǆ ß İ", "", "ß => ss\nİ")
	f.Fuzz(func(t *testing.T, text, before, file string) {
		for _, code := range language.WithMarks() {
			punctuate(text, code)
		}
		if v, err := ReadVocabulary(strings.NewReader(file)); err == nil {
			v.replace(text)
			if utf8.RuneCountInString(v.Prompt()) > maxPrompt {
				t.Fatal("the prompt is too long")
			}
		}
		text = Line(text)
		for _, space := range []bool{false, true} {
			got := Rules{Casing: Sentence, SmartSpace: space}.Continue(text, before)
			if !strings.EqualFold(strings.TrimSpace(got), strings.TrimSpace(text)) && !strings.ContainsAny(text, "ıſİẞǅǈǋǲK") {
				t.Fatalf("%q becomes %q", text, got)
			}
		}
	})
}
