package text

import (
	"os"
	"slices"
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
	if got := v.Prompt(); got != "Kubernetes, iPhone" {
		t.Errorf("prompt %q", got)
	}
	for in, want := range map[string]string{
		"I use kubernetes.":            "I use Kubernetes.",
		"KUBERNETES and my IPHONE":     "Kubernetes and my iPhone",
		"kubernetesish":                "kubernetesish",
		"Btw, I know.":                 "By the way, I know.",
		"BTW, I know.":                 "By the way, I know.",
		"I said BTW again":             "I said by the way again",
		"(Btw, I know.)":               "(By the way, I know.)",
		"btw by the by":                "by the way BTB",
		"one new par two":              "one\n\ntwo",
		"Autumn and autumns":           "Fall and autumns",
		"an arrow here":                "an -> here",
		"say nothing more":             "say more",
		"多谢你":                          "多謝你",
		"c plus plus.":                 "C++.",
		"nothing of it is replaced by": "of it is replaced by",
		"":                             "",
	} {
		if got := v.replace(in, nil); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestVocabularyAddress: a name has no capitals within an address or the name of a file. What
// the user says to write is written everywhere.
func TestVocabularyAddress(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("Redis\nKafka\nKubernetes\nNode.js\nDebian\npostgres => pg\n"))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"edit redis.conf, then redis":          "edit redis.conf, then Redis",
		"open kubernetes.io.":                  "open kubernetes.io.",
		"see https://kubernetes.io/docs/redis": "see https://kubernetes.io/docs/redis",
		"mail me@debian.org, debian":           "mail me@debian.org, Debian",
		"in /etc/kafka and ~/redis/data":       "in /etc/kafka and ~/redis/data",
		"the redis_client":                     "the redis_client",
		"www.debian.org":                       "www.debian.org",
		"redis/kafka":                          "Redis/Kafka",
		"use redis. kafka too":                 "use Redis. Kafka too",
		"use redis.Kafka too":                  "use Redis.Kafka too",
		"redis... and kafka":                   "Redis... and Kafka",
		"node.js and redis":                    "Node.js and Redis",
		"(redis) \"kafka\", redis:":            "(Redis) \"Kafka\", Redis:",
		"kafka's":                              "Kafka's",
		"kubernetis.io":                        "kubernetis.io",
		"postgres.conf":                        "pg.conf",
		"@debian and #redis":                   "@Debian and #Redis",
	} {
		if got := v.replace(in, []string{"en"}); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A vocabulary matches words, whichever apostrophe or normal form the recognizer writes, and
// no parts of words.
func TestVocabularyWords(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("it => IT\nwe => ACME\ndon't know => dunno\no’brien => O'Brien\niPhone\nAcme\ncafé => bar\nZo\u0308e\n" +
		"um =>\nyou know =>\nnew line => \\n\nbullet => \\n-\ntab key => \\t\ns => ess\nt => tee\n"))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"It's raining, and we're wet.":   "It's raining, and we're wet.",
		"It’s raining, and we’ll see it": "It’s raining, and we’ll see IT",
		"we use it":                      "ACME use IT",
		"I don’t know":                   "I dunno",
		"I don't know him":               "I dunno him",
		"ask O'BRIEN":                    "ask O'Brien",
		"ask o’brien":                    "ask O'Brien",
		"the iphone's screen":            "the iPhone's screen",
		"the ‘iphone’ there":             "the ‘iPhone’ there",
		"l'iphone et l’acme":             "l'iPhone et l’Acme",
		"dell’iphone":                    "dell’iPhone",
		"acme’s and acme-based":          "Acme’s and Acme-based",
		"can't and it's":                 "can't and it's",
		"a cafe\u0301 there":             "a bar there",
		"CAFÉ":                           "Bar",
		"zoe and zo\u0308e and zöe":      "zoe and Zöe and Zöe",
		"I um think":                     "I think",
		"Um, I think.":                   "I think.",
		"Um, that works.":                "That works.",
		"Um... that works.":              "That works.",
		"So, um, I think":                "So, I think",
		"So um, I think":                 "So, I think",
		"I think, um.":                   "I think.",
		"It ends. Um, it begins.":        "IT ends. IT begins.",
		"Um.":                            "",
		"um um um":                       "",
		"Um, um, yes":                    "Yes",
		"the (um) end":                   "the () end",
		"It is, you know, um, late":      "IT is, late",
		"one new line two":               "one\ntwo",
		"one new line new line two":      "one\n\ntwo",
		"one bullet two":                 "one\n- two",
		"one tab key two":                "one \ttwo",
		"umbrella, gum":                  "umbrella, gum",
	} {
		if got := v.replace(in, nil); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// What the vocabulary wrote, and no-break spaces, are as they were after spoken marks.
func TestVocabularyAndMarks(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("next item => \\n\\t-\nclosing => \\n\\nYours,\\nAnna\nsmiley => ☺  ☺\n"))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"apples comma next item pears":              "apples,\n\t- pears",
		"one next item two comma three":             "one\n\t- two, three",
		"Goodbye. Closing":                          "Goodbye.\n\nYours,\nAnna",
		"Goodbye comma closing":                     "Goodbye,\n\nYours,\nAnna",
		"It costs 10\u202f000\u00a0€ comma I think": "It costs 10\u202f000\u00a0€, I think",
		"Vraiment\u202f? Yes question mark":         "Vraiment\u202f? Yes?",
		"«\u00a0Oui\u00a0» comma he said":           "«\u00a0Oui\u00a0», he said",
		"nothing":                                   "nothing",
	} {
		if got := (Rules{Vocabulary: v, Punctuation: "en"}).Write(in, nil); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
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
		{"en", "That is all period I know it.", "That is all period I know it."}, // "I" has its capital anywhere
		{"en", "That is all period It works.", "That is all. It works."},
		{"en", "The bag is full. Stop it.", "The bag is full. Stop it."},
		{"en", "one comma two comma three", "one comma two, three"},
		{"en", "the “comma” and (period) keys", "the “comma” and (period) keys"},
		{"en", "really question mark period", "really?."},
		{"de", "Zum Punkt Sicherheit Komma bitte", "Zum Punkt Sicherheit, bitte"},
		{"en", "It ends. Full stop. New paragraph. It begins.", "It ends.\n\nIt begins."},
		{"en", "First line, new line, second line", "First line\nSecond line"},
		{"en", "well hyphen known", "well-known"},
		{"en", "it works open parenthesis mostly close parenthesis today", "it works (mostly) today"},
		{"en", "she said, open quote, yes, close quote.", "she said, “yes”"},
		{"en", "new line", "\n"},
		{"en", "comma", ","},
		{"de", "Hallo Komma wie geht es dir Fragezeichen", "Hallo, wie geht es dir?"},
		{"de", "Das ist der Punkt an der Sache.", "Das ist der Punkt an der Sache."},
		{"de", "Erstens Doppelpunkt neue Zeile Haus", "Erstens:\nHaus"},
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
	for _, codes := range [][]string{nil, {"sv"}, {"sv", "xx"}} {
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

// The manual page has every name of a mark.
func TestNamesInManual(t *testing.T) {
	page, err := os.ReadFile("../packaging/vocoder.yaml.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range language.WithMarks() {
		_, names, _ := strings.Cut(string(page), "\n.It "+code+"\n")
		names, _, _ = strings.Cut(names, "\n.")
		var listed []string
		for name := range strings.SplitSeq(names, ",") {
			listed = append(listed, Plain(name))
		}
		for name := range marks[code] {
			if !slices.Contains(listed, name) {
				t.Errorf("%s: %q is not in vocoder.yaml(5)", code, name)
			}
		}
		if len(listed) != len(marks[code]) {
			t.Errorf("%s: vocoder.yaml(5) has %d names, want %d", code, len(listed), len(marks[code]))
		}
	}
}

// TestForeignCapitals: languages with capitals of their own, as the setting and the detection of the
// language have it.
func TestForeignCapitals(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("ijs => ijsje\nizmir => izmir'de\num =>\nοδός => δρόμος\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		codes      string
		rules      Rules
		text, want string
	}{
		{"tr", Rules{Casing: Lower}, "IŞIK İzmir'de.", "ışık izmir'de."},
		{"az", Rules{Casing: Lower}, "Işıq İki", "ışıq iki"},
		{"en", Rules{Casing: Lower}, "In İzmir", "in izmir"},
		{"", Rules{Casing: Lower}, "BUGÜN HAVA ÇOK GÜZEL VE IŞIK VAR, BEN EVE GİDİYORUM ÇÜNKÜ YORGUNUM.", "bugün hava çok güzel ve ışık var, ben eve gidiyorum çünkü yorgunum."},
		{"el", Rules{Casing: Lower}, "ΟΔΟΣ ΜΕΓΑΛΟΥ, ΑΣ. Σ", "οδος μεγαλου, ας. σ"},
		{"tr", Rules{Casing: Sentence}, "istanbul", "İstanbul"},
		{"tr", Rules{Casing: Sentence}, "ışık", "Işık"},
		{"de", Rules{Casing: Sentence}, "istanbul", "Istanbul"},
		{"nl", Rules{Casing: Sentence}, "“ijs is koud”", "“IJs is koud”"},
		{"nl", Rules{Casing: Sentence}, "zij is ijdel", "Zij is ijdel"},
		{"en", Rules{Casing: Sentence}, "ijtihad", "Ijtihad"},
		{"nl", Rules{Punctuation: "nl"}, "ja punt ijs is koud punt", "ja. IJs is koud."},
		{"nl", Rules{Vocabulary: v}, "IJs.", "IJsje."},
		{"nl", Rules{Vocabulary: v}, "Um, ijdel.", "IJdel."},
		{"tr", Rules{Vocabulary: v}, "İzmir", "İzmir'de"},
		{"el", Rules{Vocabulary: v}, "ΟΔΌΣ", "Δρόμος"},
	} {
		var codes []string
		if tt.codes != "" {
			codes = []string{tt.codes}
		}
		tt.rules.Languages = codes
		if got := tt.rules.Continue(tt.rules.Write(tt.text, codes), ""); got != tt.want {
			t.Errorf("%q %+v: %q becomes %q, want %q", tt.codes, tt.rules.Casing, tt.text, got, tt.want)
		}
	}
}

// TestLeftOut: words for which nothing is written take their comma along, in any script.
func TestLeftOut(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("um =>\n嗯 =>\nえーと =>\nيعني =>\n"))
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"So, um, yes.":  "So, yes.",
		"嗯，你好。":         "你好。",
		"你好，嗯，再见。":      "你好，再见。",
		"你好，嗯。":         "你好。",
		"えーと、コーヒーです":    "コーヒーです",
		"コーヒー、えーと、です。":  "コーヒー、です。",
		"نعم، يعني، لا": "نعم، لا",
	} {
		if got := v.replace(in, nil); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
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
		{"no trailing space in a bracket", Rules{TrailingSpace: true, Punctuation: "en"}, "See this, open parenthesis.", "", "See this, ("},
		{"no trailing space after a quotation mark", Rules{TrailingSpace: true, Punctuation: "en"}, "She said, open quote", "", "She said, “"},
		{"a trailing space after one that closes", Rules{TrailingSpace: true, Punctuation: "en"}, "yes close quote", "", "yes” "},
		{"no trailing space after an elision", Rules{TrailingSpace: true}, "il vient d’", "", "il vient d’"},
		{"no trailing space of nothing", Rules{TrailingSpace: true}, "", "one", ""},
		{"no trailing space in Chinese", Rules{TrailingSpace: true}, "你好。", "", "你好。"},
		{"nor after a Chinese quotation mark", Rules{TrailingSpace: true}, "他说“你好”", "", "他说“你好”"},
		{"nor after a long vowel in Japanese", Rules{TrailingSpace: true}, "コーヒー", "", "コーヒー"},
		{"a trailing space in Korean", Rules{TrailingSpace: true}, "안녕하세요.", "", "안녕하세요. "},
		{"a trailing space in Thai, between sentences", Rules{TrailingSpace: true}, "สวัสดีครับ", "", "สวัสดีครับ "},
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
	f.Add("Ça va, point d'interrogation ? Hola punto y coma: due punti", "l’", "um =>\n’s => x")
	f.Add("Ǆ ß İ", "", "ß => ss\nİ")
	f.Fuzz(func(t *testing.T, text, before, file string) {
		for _, code := range language.WithMarks() {
			punctuate(text, code)
			p := newPhrase(code, strings.ToValidUTF8(strings.ReplaceAll(text, "\n", " "), "")) // bytes of two words can be a letter
			kept, n := "", 0                                                                   // n is how many more words a mark has
			for i, w := range p.words {
				if n = max(n-1, p.marks[i].n); n == 0 {
					kept += w
				}
			}
			bare := func(s string) string { return strings.ReplaceAll(Plain(s), " ", "") }
			if got := p.write(); !strings.EqualFold(bare(got), bare(kept)) && !strings.ContainsAny(text, "ıİ") {
				t.Fatalf("%s: of %q stays %q, want %q", code, text, got, kept)
			}
		}
		if v, err := ReadVocabulary(strings.NewReader(file)); err == nil {
			v.replace(text, []string{"en"})
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

// TestNames: the names that were used last come first, then the newest. In a prompt they are
// last, because recognizers leave out its beginning.
func TestNames(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("Hyprland\nKubernetes\nbtw => by the way\nGrafana\nTerraform\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ said, want string }{
		{"", "Terraform Grafana Kubernetes Hyprland"},
		{"we use hyprland btw", "Hyprland Terraform Grafana Kubernetes"},
		{"grafana and Kubernetis", "Kubernetes Grafana Hyprland Terraform"},
		{"nothing of it", "Kubernetes Grafana Hyprland Terraform"},
	} {
		Rules{Vocabulary: v}.Write(tt.said, []string{"en"})
		if got := strings.Join(v.Names(), " "); got != tt.want {
			t.Errorf("after %q: %s, want %s", tt.said, got, tt.want)
		}
	}
	if got := v.Prompt(); got != "Terraform, Hyprland, Grafana, Kubernetes" {
		t.Errorf("prompt %q", got)
	}
	long, err := ReadVocabulary(strings.NewReader(strings.Repeat("Hyprland\n", 100) + "Newest\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := long.Names(); len(got) != 60 || got[0] != "Newest" || utf8.RuneCountInString(long.Prompt()) > maxPrompt {
		t.Errorf("%d names, first %s", len(got), got[0])
	}
}
