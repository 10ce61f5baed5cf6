package text

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/language/common"
)

func vocabularyOf(t *testing.T, lines string) Vocabulary {
	t.Helper()
	v, err := ReadVocabulary(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestMisheard: a name is put where it was probably said, and nowhere else.
func TestMisheard(t *testing.T) {
	v := vocabularyOf(t, "Kubernetes\nkubectl\nTypeScript\nGitHub\nShaun\nNew Relic\nPostgreSQL\nPostgres\nGrafana\nTerraform\nomeprazole\nGoLand\n"+
		"Хабаровск\nThibault\nReykjavík\nRedis\nElasticsearch\nMarianne\nMariana\nbtw => by the way\nkube => cube\nWeizenbaum\nDebian\n")
	for _, tt := range []struct{ name, code, in, want string }{
		{"one word", "en", "We run Kubernetis here.", "We run Kubernetes here."},
		{"two words", "en", "We run Kuber Netes here.", "We run Kubernetes here."},
		{"two words that sound so", "en", "We run Coober Nettes here.", "We run Kubernetes here."},
		{"a hyphen", "de", "Der Kubernetis-Cluster und Git-Hub.", "Der Kubernetes-Cluster und GitHub."},
		{"a name of two words as one", "en", "See Newrelic.", "See New Relic."},
		{"a possessive", "en", "It is Kubernetis's job.", "It is Kubernetes's job."},
		{"an elision", "fr", "l'Elastiksearch marche", "l'Elasticsearch marche"},
		{"accents", "fr", "vers Reykjavik", "vers Reykjavík"},
		{"Cyrillic letters for a Latin name", "ru", "Мы запустили кубернетес и терраформ.", "Мы запустили Kubernetes и Terraform."},
		{"a Cyrillic name", "ru", "поезд в Хобаровск", "поезд в Хабаровск"},
		{"a name without capitals, in a sentence", "en", "I take Omeprasole.", "I take omeprazole."},
		{"a name without capitals, at its beginning", "en", "Omeprasole is fine.", "Omeprazole is fine."},
		{"capitals show a name of common words", "en", "We use Type Script and Git Hub.", "We use TypeScript and GitHub."},

		{"common words are not a name", "en", "We go land the plane and type script.", "We go land the plane and type script."},
		{"FluidVoice 880", "en", "What do you mean, Sean, by this?", "What do you mean, Sean, by this?"},
		{"a common word", "es", "Las redes deben estar.", "Las redes deben estar."},
		{"a form of a common word", "es", "Fuente de pastores", "Fuente de pastores"},
		{"not across a comma", "en", "We saw Kuber, Netes too.", "We saw Kuber, Netes too."},
		{"not across a sentence", "en", "We saw Kuber. Netes too.", "We saw Kuber. Netes too."},
		{"not across a line", "en", "We saw Kuber\nNetes too.", "We saw Kuber\nNetes too."},
		{"not into an entry", "en", "Kuber btw", "Kuber by the way"},
		{"a plural", "de", "drei Grafanas", "drei Grafanas"},
		{"a case", "ru", "в Хабаровске", "в Хабаровске"},
		{"a short name", "en", "the Redos", "the Redos"},
		{"as like two names", "en", "with Mariann", "with Mariann"},
		{"a language without a list", "pl", "Kubernetis", "Kubernetis"},
		{"no language, and a text that tells none", "", "Kubernetis", "Kubernetis"},
		{"no language, and a text that tells it", "", "We run everything with Kubernetis because it is there.", "We run everything with Kubernetes because it is there."},
		{"a replacement is exact", "en", "the cubes btwe", "the cubes btwe"},
	} {
		var spoken []string
		if tt.code != "" {
			spoken = []string{tt.code}
		}
		if got := v.replace(tt.in, spoken); got != tt.want {
			t.Errorf("%s: %q becomes %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// TestMisheardTable: testdata/misheard.txt has what recognizers wrote for names, and
// whether it is corrected: + if so, - if not.
func TestMisheardTable(t *testing.T) {
	b, err := os.ReadFile("testdata/misheard.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, names := 0, map[string]string{}
	type line struct{ sign, code, name, heard string }
	var lines []line
	for s := range strings.Lines(string(b)) {
		s = strings.TrimSpace(s)
		if s == "" || strings.HasPrefix(s, "#") {
			continue
		}
		f := strings.Split(s, "\t")
		if len(f) != 4 {
			t.Fatalf("%q", s)
		}
		lines = append(lines, line{f[0], f[1], f[2], f[3]})
		names[f[1]] += f[2] + "\n"
	}
	for _, l := range lines {
		v := vocabularyOf(t, names[l.code])
		got := v.replace(l.heard, []string{l.code})
		if right := strings.EqualFold(got, l.name); right != (l.sign == "+") {
			t.Errorf("%s: %q becomes %q, want %q: %s", l.code, l.heard, got, l.name, l.sign)
		} else if right {
			all++
		} else if got != l.heard {
			t.Errorf("%s: %q becomes %q", l.code, l.heard, got)
		}
	}
	if all < 7 {
		t.Errorf("only %d are corrected", all)
	}
}

// TestMisheardGuard: no common word of any language is ever replaced, whatever the list has.
func TestMisheardGuard(t *testing.T) {
	most := 4000
	if testing.Short() {
		most = 1000 // each word is compared with each name
	}
	for _, code := range []string{"de", "en", "es", "fr", "it", "nl", "pt", "ru"} {
		l, ok := common.Words(code)
		if !ok || l.Len() < 19_800 {
			t.Fatalf("%s: no list of 20,000 words", code)
		}
		var all []string
		for w := range l.All() {
			if len(all) < most && len(w)%3 == 0 {
				all = append(all, w)
			}
		}
		// Names that differ from common words in one letter.
		var names []string
		for _, w := range all {
			r := []rune(w)
			r[len(r)/2] = 'q'
			names = append(names, string(r))
		}
		v := vocabularyOf(t, strings.Join(names, "\n"))
		text := strings.Join(all, " ")
		if got := v.replace(text, []string{code}); got != text {
			t.Errorf("%s: common words were replaced", code)
		}
	}
}

// TestMisheardTime: a long list and a long text take no time that a user notices.
func TestMisheardTime(t *testing.T) {
	var names []string
	for i := range maxEntries {
		r := []byte("kabarasatalamana")
		for k := range 5 {
			r[2*k] = "bdfgklmnprst"[(i/[]int{1, 12, 144, 1728, 20736}[k])%12]
		}
		names = append(names, string(r))
	}
	v := vocabularyOf(t, strings.Join(names, "\n"))
	text := strings.Repeat("kubarisetolamono ist da und dann gabaresotelamono ", 200)
	began := time.Now()
	v.replace(text, []string{"de"})
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	} else {
		t.Log(took)
	}
}
