package speech

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

func language(t *testing.T, code string) Language {
	t.Helper()
	i := slices.IndexFunc(Languages, func(l Language) bool { return l.Code == code })
	if i < 0 {
		t.Fatalf("no language %s", code)
	}
	return Languages[i]
}

func TestLanguageCompare(t *testing.T) {
	for _, tt := range []struct {
		name, code, said, recognized string
		want                         Score
	}{
		{"digits", "es", "veinte treinta", "20, 30.", Score{2, 0}},
		{"digits of another number", "es", "veinte", "21", Score{1, 1}},
		{"English words are errors elsewhere", "fr", "un deux", "one two", Score{2, 2}},
		{"small digits are not English elsewhere", "it", "sette", "7", Score{1, 0}},
		{"a number of two words", "fr", "soixante-dix", "70", Score{2, 0}},
		{"a number of two words, written out", "fr", "quatre-vingt-dix", "Quatre-vingt-dix", Score{3, 0}},
		{"ё", "ru", "четыре её", "4 ее", Score{2, 0}},
		{"English spellings", "en", "mister ten", "Mr. 10", Score{2, 0}},
		{"accents count", "es", "miércoles", "miercoles", Score{1, 1}},
		{"a word in two", "fr", "janvier", "Jean-vier", Score{1, 2}},
		{"negative", "en", "minus five", "minus -5", Score{2, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := language(t, tt.code).Compare(tt.said, tt.recognized); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestLanguages checks that each language has a word for each file of a day, a month or a
// number.
func TestLanguages(t *testing.T) {
	for _, l := range Languages {
		for _, set := range []struct {
			words string
			want  int
		}{{l.days, 7}, {l.months, 12}, {l.ones, 21}, {l.tens, 7}} {
			if got := len(strings.Fields(set.words)); got != set.want {
				t.Errorf("%s: %d words, want %d: %s", l.Code, got, set.want, set.words)
			}
		}
	}
}

func TestPrompts(t *testing.T) {
	wav := &fstest.MapFile{Data: pcm.Clip{Rate: 8000, Samples: []int16{1, -1}}.WAV()}
	data := fstest.MapFS{"b.wav": wav, "digits/day-0.wav": wav, "a.wav": wav, "beep.wav": wav, "silence/1.wav": wav, "README": wav}
	for _, tt := range []struct {
		name string
		n    int
		want []string
	}{
		{"all", 10, []string{"a", "b", "digits/day-0"}},
		{"the first", 2, []string{"a", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clips, err := Language{}.prompts(data, tt.n)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range clips {
				got = append(got, c.Name)
			}
			if !slices.Equal(got, tt.want) || clips[0].Rate != 8000 || len(clips[0].Samples) != 2 {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	clips, err := Language{days: "domingo"}.words(data)
	if err != nil || len(clips) != 1 || clips[0].Words != "domingo" || clips[0].Name != "digits/day-0" {
		t.Errorf("words: %v, %v", clips, err)
	}
	if _, err := (Language{months: "enero"}).words(data); err == nil {
		t.Error("a prompt is missing: got no error")
	}
}

func TestJoin(t *testing.T) {
	c := Clip{Words: "a", Clip: pcm.Clip{Rate: 1000, Samples: []int16{1, 2}}}
	got := Join("both", 3*time.Millisecond, c, c)
	if got.Words != "a a" || got.Rate != 1000 || !slices.Equal(got.Samples, []int16{1, 2, 0, 0, 0, 1, 2}) {
		t.Errorf("got %+v", got)
	}
}
