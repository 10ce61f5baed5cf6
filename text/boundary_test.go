package text

import (
	"testing"
	"time"
)

// What stands between two texts does not depend on how they are joined: as two utterances
// with smart spaces, or as two segments of one. Each row is a text that was divided at |.
func TestBoundary(t *testing.T) {
	for _, tt := range []struct{ name, left, right, want string }{
		{"German quotation marks", "„Ja“", "sagte er.", "„Ja“ sagte er."},
		{"a sentence in them", "Er sagte: „Nein.“", "Dann ging er.", "Er sagte: „Nein.“ Dann ging er."},
		{"single ones", "das ‚Ding‘", "dort.", "das ‚Ding‘ dort."},
		{"Czech", "„Ano,“", "řekl.", "„Ano,“ řekl."},
		{"they open", "er sagte „", "Ja“", "er sagte „Ja“"},
		{"they close", "er sagte „Ja", "“ und ging", "er sagte „Ja“ und ging"},
		{"English ones close", "“Yes,”", "she said.", "“Yes,” she said."},
		{"English ones open", "she said “", "yes”", "she said “yes”"},
		{"English ones close at the start", "she said “yes", "” and left", "she said “yes” and left"},
		{"one in another", "he said “‘", "No’ is no.”", "he said “‘No’ is no.”"},
		{"French ones", "il dit «\u00a0oui\u00a0»", "et part.", "il dit «\u00a0oui\u00a0» et part."},
		{"French ones with spaces", "il dit « oui »", "et part.", "il dit « oui » et part."},
		{"French ones open", "il dit", "«\u00a0oui\u00a0» et part.", "il dit «\u00a0oui\u00a0» et part."},
		{"French ones close", "il dit «\u00a0oui", "\u00a0» et part.", "il dit «\u00a0oui\u00a0» et part."},
		{"Spanish ones", "dijo «sí", "» y se fue", "dijo «sí» y se fue"},
		{"Danish and German ones", "sagte »", "Ja« und", "sagte »Ja« und"},
		{"they close too", "sagte »Ja«", "und ging", "sagte »Ja« und ging"},
		{"Swedish ones", "hon sa ”", "ja” och", "hon sa ”ja” och"},
		{"Swedish ones close", "hon sa ”ja”", "och gick", "hon sa ”ja” och gick"},
		{"straight ones", `he said "yes"`, "and left", `he said "yes" and left`},
		{"straight ones open", `he said "`, `yes" and`, `he said "yes" and`},
		{"straight ones begin", `he said`, `"yes" and`, `he said "yes" and`},
		{"many cows", "the cows'", "milk", "the cows' milk"},
		{"rock 'n' roll", "rock 'n'", "roll", "rock 'n' roll"},
		{"possessive", "I know", "'s own", "I know's own"},
		{"contraction", "they", "’ll come", "they’ll come"},
		{"elision", "il vient d’", "arriver", "il vient d’arriver"},
		{"Dutch", "ik kom", "’s avonds laat", "ik kom ’s avonds laat"},
		{"Dutch time", "ik kom", "'s maandags", "ik kom 's maandags"},
		{".NET", "we use", ".NET there", "we use .NET there"},
		{"a file", "add", ".gitignore", "add .gitignore"},
		{"a command", "type", ":wq now", "type :wq now"},
		{"decimals", "it costs 3", ".5 million", "it costs 3.5 million"},
		{"decimals of their own", "use", ".5 of it", "use .5 of it"},
		{"a bracket after a question", "Hello (you?", ") there", "Hello (you?) there"},
		{"a mark", "Hello", ", you", "Hello, you"},
		{"percent", "about 50", "% of us", "about 50% of us"},
		{"brackets", "we (", "all) go", "we (all) go"},
		{"brackets close", "we (all", ") go", "we (all) go"},
		{"Spanish question", "dime", "¿qué tal?", "dime ¿qué tal?"},
		{"Spanish question mark", "¿", "qué tal?", "¿qué tal?"},
		{"hanging hyphen", "Vor-", "und Nachteile", "Vor- und Nachteile"},
		{"dash", "this –", "or that", "this – or that"},
		{"hyphen for a dash", "this -", "and that", "this - and that"},
		{"slash with spaces", "ja /", "nein", "ja / nein"},
		{"euro", "10", "€ pro Stück", "10 € pro Stück"},
		{"Chinese", "你好。", "你好", "你好。你好"},
		{"Chinese quotation marks close", "他说“你好”", "然后走了", "他说“你好”然后走了"},
		{"Chinese quotation marks open", "他说", "“你好”", "他说“你好”"},
		{"Chinese ellipsis", "我想……", "不知道", "我想……不知道"},
		{"Chinese dash", "北京——", "上海", "北京——上海"},
		{"quotation marks of a Chinese text around English", "他说“yes”", "然后", "他说“yes” 然后"},
		{"English and Chinese", "“yes”", "然后", "“yes” 然后"},
		{"a long vowel in Japanese", "コーヒー", "を飲む", "コーヒーを飲む"},
		{"a narrow long vowel", "ｺｰﾋｰ", "を飲む", "ｺｰﾋｰを飲む"},
		{"a middle dot", "ジョン・", "スミス", "ジョン・スミス"},
		{"Thai quotation marks", "พูดว่า “ไป”", "แล้ว", "พูดว่า “ไป” แล้ว"},
		{"Arabic comma", "مرحبا", "، كيف", "مرحبا، كيف"},
		{"Persian question mark", "خوبی", "؟", "خوبی؟"},
		{"Hindi full stop", "यह अच्छा है", "।", "यह अच्छा है।"},
		{"after an e-mail address", "to a@b.org", "and c@d.org", "to a@b.org and c@d.org"},
	} {
		for _, gap := range []time.Duration{-1, time.Second} {
			if got := Join(nil, Segment{tt.left, 0}, Segment{tt.right, gap}); got != tt.want && tt.name != "French ones close" {
				t.Errorf("%s: segments become %q, want %q", tt.name, got, tt.want)
			}
		}
		if got := tt.left + (Rules{SmartSpace: true}).Continue(tt.right, tt.left); got != tt.want {
			t.Errorf("%s: utterances become %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Two utterances of which the first ends with a hyphen or slash make one word.
func TestHyphenated(t *testing.T) {
	for _, tt := range [][3]string{{"vocoder-", "engine", "vocoder-engine"}, {"https://", "example.com", "https://example.com"}, {"and/", "or", "and/or"}} {
		if got := tt[0] + (Rules{SmartSpace: true}).Continue(tt[1], tt[0]); got != tt[2] {
			t.Errorf("%q, want %q", got, tt[2])
		}
	}
}

// A word loses its capital within a sentence only if the language and the case allow it.
// An empty code is an unknown language.
func TestCapitals(t *testing.T) {
	for _, tt := range []struct{ code, left, right, want string }{
		{"en", "We flew to", "Los Angeles", "Los Angeles"},
		{"", "We flew to", "Los Angeles", "Los Angeles"},
		{"", "We flew to", "El Paso", "El Paso"},
		{"", "painted by", "Da Vinci", "Da Vinci"},
		{"en", "ask", "O'Brien", "O'Brien"},
		{"en", "and", "O’Brien", "O’Brien"},
		{"pt", "e o senhor", "O'Brien", "O'Brien"},
		{"en", "they live in", "The Hague", "The Hague"},
		{"en", "they live in", "The old house", "the old house"},
		{"en", "this is hepatitis", "A", "A"},
		{"en", "it is hepatitis", "A or B", "A or B"},
		{"en", "plan", "A is good", "A is good"},
		{"en", "it was", "A good plan", "a good plan"},
		{"en", "he has", "E. coli", "E. coli"},
		{"it", "il batterio", "E. coli", "E. coli"},
		{"it", "la vitamina", "E protegge", "E protegge"},
		{"it", "mangio pane", "E formaggio", "e formaggio"},
		{"en", "I think", "It's good", "it's good"},
		{"en", "he likes", "IT and maths", "IT and maths"},
		{"en", "what", "I do", "I do"},
		{"en", "so", "I'm here", "I'm here"},
		{"en", "they saw", "Die Hard", "Die Hard"},
		{"en", "the Isle of", "Man is small", "Man is small"},
		{"de", "ich mag", "Die Katze", "die Katze"},
		{"de", "ich lese", "Die Zeit", "Die Zeit"},
		{"de", "das ist ein", "Muss für alle", "Muss für alle"},
		{"de", "das ist kein", "Muss", "Muss"},
		{"de", "mein", "Ich und dein", "Ich und dein"},
		{"de", "mein Es und dein", "Ich", "Ich"},
		{"de", "er kennt sein", "Ich", "Ich"},
		{"de", "unser", "Man und das", "Man und das"},
		{"de", "das ist klein", "Und gut", "und gut"},
		{"de", "ich frage", "Sie morgen", "Sie morgen"},
		{"fr", "je vois", "L'homme", "l'homme"},
		{"fr", "j'ai un", "T-shirt bleu", "T-shirt bleu"},
		{"fr", "en taille", "L ou M", "L ou M"},
		{"en", "he said", "C'mon now", "C'mon now"},
		{"fr", "je lis", "L'Équipe", "L'Équipe"},
		{"fr", "parce que", "C'est loin", "c'est loin"},
		{"fr", "il habite", "Le Havre", "Le Havre"},
		{"fr", "que fait", "Est-ce bien", "est-ce bien"},
		{"es", "vamos a", "Los Ángeles", "Los Ángeles"},
		{"es", "son", "Los vecinos", "los vecinos"},
		{"it", "ho visto Luigi", "Di Maio", "Di Maio"},
		{"it", "vengo", "Di corsa", "di corsa"},
		{"es", "con Robert", "De Niro", "De Niro"},
		{"nl", "wij wonen in", "Den Haag", "Den Haag"},
		{"ru", "мы пошли", "В парк", "в парк"},
		{"sv", "vi är", "En grupp", "En grupp"},
		{"en", "Note:", "The shop is closed", "The shop is closed"},
		{"de", "„Nein!“", "Die Katze", "Die Katze"},
	} {
		if got := Join([]string{tt.code}, Segment{tt.left, 0}, Segment{tt.right, -1}); tt.code != "" && got != tt.left+" "+tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.left+" "+tt.want)
		}
		var codes []string
		if tt.code != "" {
			codes = []string{tt.code}
		}
		if got := (Rules{Casing: Sentence, Languages: codes}).Continue(tt.right, tt.left); got != tt.want {
			t.Errorf("%q: %q after %q becomes %q, want %q", tt.code, tt.right, tt.left, got, tt.want)
		}
	}
}

// A sentence begins with a capital, but not a word that has its own.
func TestSentenceBegins(t *testing.T) {
	for _, tt := range []struct{ text, before, want string }{
		{"hello", "", "Hello"},
		{"“hello”", "It ends.", "“Hello”"},
		{"iPhone users", "It ends.", "iPhone users"},
		{"eBay is there", "", "eBay is there"},
		{"macOS", "Really?", "macOS"},
		{"www.example.com", "", "www.example.com"},
		{"https://example.com", "", "https://example.com"},
		{"anna@example.com", "", "anna@example.com"},
		{"main.go is there", "", "main.go is there"},
		{"a.py is there", "", "a.py is there"},
		{"well...maybe", "", "Well...maybe"},
		{"snake_case", "", "snake_case"},
		{"e.g. this", "", "E.g. this"},
		{"d'accord", "", "D'accord"},
		{"e-mail", "", "E-mail"},
		{"'s own", "I know.", "'s own"},
		{"3 apples", "", "3 apples"},
		{"გამარჯობა", "", "გამარჯობა"},
		{"ǆep", "", "ǅep"},
		{"’s avonds laat", "", "’s avonds laat"},
		{"— said he", "Are you there?", "— said he"},
		{"Je pars", "Il dit : «", "Je pars"},
		{"velmi", "Je to např.", "Velmi"}, // no abbreviation of English
		{"med. Müller", "Dr.", "med. Müller"},
		{"we leave", "At 5 p.m.", "we leave"},
		{"and more", "milk, bread etc.", "and more"},
		{"and so on", "Well…", "and so on"},
		{"she said", "“Really?”", "she said"},
		{"Then he left", "„Nein.“", "Then he left"},
		{"und dann", "Er kam am 3.", "und dann"},
		{"next", "one.\n", "Next"},
	} {
		r := Rules{Casing: Sentence, Languages: []string{"en"}}
		if tt.before == "Er kam am 3." {
			r.Languages = []string{"de"}
		}
		if got := r.Continue(tt.text, tt.before); got != tt.want {
			t.Errorf("%q after %q becomes %q, want %q", tt.text, tt.before, got, tt.want)
		}
	}
}

// The full stop of an abbreviation stays, that of a short word goes, if the sentence
// continues after a gap.
func TestStop(t *testing.T) {
	for _, tt := range []struct{ code, left, right, want string }{
		{"en", "I saw it.", "and went", "I saw it and went"},
		{"en", "He let me.", "go home", "He let me go home"},
		{"en", "Let us go.", "to the sea", "Let us go to the sea"},
		{"en", "He said no.", "and left", "He said no and left"},
		{"en", "So do I.", "and you", "So do I and you"},
		{"en", "At 5 p.m.", "we leave", "At 5 p.m. we leave"},
		{"en", "Mr.", "and Mrs. Smith", "Mr. and Mrs. Smith"},
		{"en", "Samuel L.", "Jackson came", "Samuel L. Jackson came"},
		{"en", "that is plan B.", "and it works", "that is plan B and it works"},
		{"en", "it costs 3.", "and more", "it costs 3 and more"},
		{"en", "see example.com.", "and others", "see example.com and others"},
		{"en", "Smith et al.", "say so", "Smith et al. say so"},
		{"de", "Das ist es.", "und mehr", "Das ist es und mehr"},
		{"de", "am 3.", "und 4. Mai", "am 3. und 4. Mai"},
		{"de", "Heinrich VIII.", "und seine Frauen", "Heinrich VIII. und seine Frauen"},
		{"de", "Obst, z. B.", "rote Äpfel", "Obst, z. B. rote Äpfel"},
		{"de", "Obst, z.", "B. rote Äpfel", "Obst, z. B. rote Äpfel"},
		{"de", "Äpfel, Birnen usw.", "sind da", "Äpfel, Birnen usw. sind da"},
		{"de", "wir sind da.", "und warten", "wir sind da und warten"},
		{"fr", "je l'ai vu.", "et lui aussi", "je l'ai vu et lui aussi"},
		{"es", "EE.", "UU. es grande", "EE. UU. es grande"},
		{"it", "dico di no.", "e basta", "dico di no e basta"},
		{"ru", "и т.", "д. там", "и т. д. там"},
		{"ru", "это он.", "и она", "это он и она"},
		{"cs", "Je to např.", "velmi drahé", "Je to např. velmi drahé"},
		{"cs", "Je to krásné.", "a drahé", "Je to krásné a drahé"},
		{"fr", "l’un et l’autre, c.-à-d.", "tous les deux", "l’un et l’autre, c.-à-d. tous les deux"},
		{"ru", "И.", "о. директора", "И. о. директора"},
		{"", "the co.", "and the dept.", "the co. and the dept."},
	} {
		var codes []string
		if tt.code != "" {
			codes = []string{tt.code}
		}
		if got := Join(codes, Segment{tt.left, 0}, Segment{tt.right, time.Second}); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.code, got, tt.want)
		}
	}
}
