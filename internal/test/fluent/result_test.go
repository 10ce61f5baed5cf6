package fluent

import (
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/speech"
)

func english(t *testing.T) speech.Language {
	t.Helper()
	return speech.Languages[slices.IndexFunc(speech.Languages, func(l speech.Language) bool { return l.Code == "en" })]
}

func pieces(texts ...string) (all []Piece) {
	for _, text := range texts {
		all = append(all, Piece{Text: text})
	}
	return all
}

// TestCompare checks that Compare compares the ends of sentences only where the pieces meet.
func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name           string
		pieces         []Piece
		cut, whole     string
		false, missing []string
	}{
		{"the same", pieces("One two.", "Three."), "One two. Three.", "One two. Three.", nil, nil},
		{"a sentence goes on", pieces("One two.", "Three four."), "One two. Three four.", "One two three four.", []string{"One two. | Three four."}, nil},
		{"a sentence ends", pieces("One two", "three four."), "One two three four.", "One two. Three four.", nil, []string{"One two | three four."}},
		{"elsewhere", pieces("One. Two", "three."), "One. Two three.", "One two three", nil, nil},
		{"words too many", pieces("One uh two.", "Three."), "One uh two. Three.", "One two three.", []string{"One uh two. | Three."}, nil},
		{"the last word put in", pieces("One two uh.", "Three."), "One two uh. Three.", "One two. Three.", nil, nil},
		{"a quotation", pieces("“One two.”", "Three."), "“One two.” Three.", "One two three.", []string{"“One two.” | Three."}, nil},
		{"a mark by itself", pieces("One two", "! Three."), "One two ! Three.", "One two! Three.", nil, nil},
		{"numbers", pieces("1 2.", "Three."), "1 2. Three.", "One two. 3.", nil, nil},
		{"nothing", pieces(""), "", "", nil, nil},
	} {
		c := Result{Pieces: tt.pieces, Cut: tt.cut, Whole: tt.whole}.Compare(english(t))
		if !slices.Equal(c.False, tt.false) || !slices.Equal(c.Missing, tt.missing) {
			t.Errorf("%s: false %q, missing %q", tt.name, c.False, c.Missing)
		}
	}
}

// TestCompareWritten checks that a sentence may end where it ends in Written.
func TestCompareWritten(t *testing.T) {
	r := Result{Pieces: pieces("One two.", "Three four.", "Five."), Cut: "One two. Three four five.", Whole: "One two, three four five.", Written: "One two. Three four. Five."}
	c := r.Compare(english(t))
	if len(c.False) != 0 || !slices.Equal(c.Missing, []string{"two. Three four | five."}) {
		t.Errorf("false %q, missing %q", c.False, c.Missing)
	}
}

// TestCompareWords checks that Compare counts errors against Said, if that is known, and against
// the whole.
func TestCompareWords(t *testing.T) {
	r := Result{Said: "one two three", Cut: "One too three.", Whole: "One two tree.", Pieces: pieces("One too three.")}
	c := r.Compare(english(t))
	if c.Cut != (speech.Score{Words: 3, Errors: 1}) || c.Whole != c.Cut || c.Differs != (speech.Score{Words: 3, Errors: 2}) {
		t.Errorf("got %+v", c)
	}
	r.Said = ""
	if c := r.Compare(english(t)); c.Cut.Words != 0 || c.Differs.Errors != 2 {
		t.Errorf("without the words: %+v", c)
	}
}
