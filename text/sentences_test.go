package text

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
)

var corpora = []string{"en", "de", "fr", "es", "it", "pt", "ru"}

// minSentences is how many sentences there are in each language.
const minSentences = 200

// lines returns the lines of a file in testdata that are no comments.
func lines(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// No text rule changes an ordinary sentence, also not with spoken punctuation, in which the
// names of marks are words.
func TestSentences(t *testing.T) {
	for _, code := range corpora {
		all := lines(t, "sentences-"+code+".txt")
		if len(all) < minSentences {
			t.Errorf("%s: %d sentences, want %d", code, len(all), minSentences)
		}
		for _, s := range all {
			for _, r := range []Rules{{}, {Punctuation: code}, {Punctuation: "on"}} {
				if got := r.Write(s, nil); got != s {
					t.Errorf("%s, marks %q: %q, want %q", code, r.Punctuation, got, s)
				}
			}
			if got := (Rules{Casing: Sentence, SmartSpace: true}).Continue(s, ""); got != s {
				t.Errorf("%s: %q, want %q", code, got, s)
			}
			if got := Line(s); got != s {
				t.Errorf("%s: %q, want %q", code, got, s)
			}
		}
	}
}

// A sentence that is divided between any two words is the same sentence again: as two
// segments of an utterance, and as two utterances.
func TestDivided(t *testing.T) {
	for _, code := range corpora {
		for _, s := range lines(t, "sentences-"+code+".txt") {
			for i := range len(s) {
				if s[i] != ' ' || strings.HasSuffix(s[:i], "…") || strings.HasSuffix(s[:i], "«") || strings.ContainsAny(s[i+1:i+2], ":;!?") || strings.HasPrefix(s[i+1:], "»") {
					continue // recognizers write … where they heard half a sentence, and no mark begins one
				}
				divided(t, code, s[:i], s[i+1:])
			}
			if i := strings.LastIndexByte(s[:len(s)/2], ' '); i > 0 { // in an unknown language
				left, right := s[:i], s[i+1:]
				if got := Join(nil, Segment{left, 0}, Segment{right, -1}); got != s {
					t.Errorf("%s: segments %q | %q become %q", code, left, right, got)
				}
				if got := left + (Rules{Casing: Sentence, SmartSpace: true}).Continue(right, left); got != s {
					t.Errorf("%s: utterances %q | %q become %q", code, left, right, got)
				}
			}
		}
	}
}

func divided(t *testing.T, code, left, right string) {
	t.Helper()
	codes, want := []string{code}, left+" "+right
	for _, gap := range []time.Duration{-1, time.Second} {
		if got := Join(codes, Segment{left, 0}, Segment{right, gap}); got != want {
			t.Errorf("%s, %v: segments %q | %q become %q", code, gap, left, right, got)
		}
	}
	for _, casing := range []Casing{AsHeard, Sentence} {
		smart, trailing := Rules{Casing: casing, SmartSpace: true, Languages: codes}, Rules{Casing: casing, TrailingSpace: true, Languages: codes}
		if got := left + smart.Continue(right, left); got != want {
			t.Errorf("%s, %s: utterances %q | %q become %q", code, casing, left, right, got)
		}
		if got := left + " " + trailing.Continue(right, left+" "); got != want+" " {
			t.Errorf("%s, %s, trailing: utterances %q | %q become %q", code, casing, left, right, got)
		}
	}
}

// Spoken marks come out as marks: as people dictate them, and as recognizers write that.
func TestDictated(t *testing.T) {
	for _, code := range language.WithMarks() {
		all := lines(t, "marks-"+code+".txt")
		for _, line := range all {
			said, want, ok := strings.Cut(line, " => ")
			want = strings.NewReplacer(`\n`, "\n", `\s`, " ").Replace(want)
			if got := (Rules{Punctuation: code}).Write(said, nil); got != want || !ok {
				t.Errorf("%s: %q becomes %q, want %q", code, said, got, want)
			}
		}
		if len(all) < 20 {
			t.Errorf("%s: %d texts", code, len(all))
		}
	}
}
