package fluent

import (
	"strings"

	"github.com/arealicehole/vocoder/internal/test/speech"
)

// A Result has the texts of a Clip, transcribed in pieces during the recording and as a
// whole. Times are in seconds, from the release to the text.
type Result struct {
	Name     string
	Language string
	Said     string  // as Clip.Words
	Written  string  // as Clip.Written
	Sound    float64 // seconds
	Pieces   []Piece
	Cut      string // the text of the pieces
	After    float64
	Whole    string // the text of all that was sent at once
	Times    []float64
	Eight    []float64 // of the first eight seconds, sent at once
}

// A Piece is one request and its answer.
type Piece struct {
	Sound   float64 // seconds
	Gap     float64 // seconds without a voice between the piece before and this
	Context string  // the text before, as the request had it
	Text    string  // of the answer
}

// A Comparison has the differences between the text of the pieces and that of the whole.
type Comparison struct {
	Differs    speech.Score // errors of the pieces if the text of the whole is correct
	Cut, Whole speech.Score // if Clip.Words is known
	False      []string     // seams with the end of a sentence that neither the whole nor Written has
	Missing    []string     // seams without the end of a sentence that Written has, or the whole if Written is empty
}

// Compare compares the texts of a result.
func (r Result) Compare(l speech.Language) Comparison {
	c := Comparison{Differs: l.Compare(r.Whole, r.Cut)}
	if r.Said != "" {
		c.Cut, c.Whole = l.Compare(r.Said, r.Cut), l.Compare(r.Said, r.Whole)
	}
	cut := split(l, r.Cut)
	whole := ends(cut, split(l, r.Whole))
	written := whole
	if r.Written != "" {
		written = ends(cut, split(l, r.Written))
	}
	n := 0
	for _, p := range r.Pieces {
		if n > 0 && n < len(cut) {
			switch at := n - 1; {
			case cut[at].end && !whole[at] && !written[at]:
				c.False = append(c.False, show(cut, n))
			case !cut[at].end && written[at]:
				c.Missing = append(c.Missing, show(cut, n))
			}
		}
		n += len(split(l, p.Text))
	}
	return c
}

// ends returns the words of a text after which a sentence ends in the other text.
func ends(text, other []word) []bool {
	ends := make([]bool, len(text))
	for i, at := range align(text, other) {
		ends[i] = at >= 0 && other[at].end
	}
	return ends
}

// A word is a word of a text.
type word struct {
	plain string // for the comparison
	shown string // as it is spelled; empty for all but the first of several that are spelled as one
	end   bool   // of a sentence
}

// split returns the words of a text.
func split(l speech.Language, text string) (all []word) {
	for _, f := range strings.Fields(text) {
		end := strings.ContainsAny(f[len(strings.TrimRight(f, `.!?…"'»”)`)):], ".!?…")
		parts := l.Split(f)
		for i, p := range parts {
			w := word{plain: p, end: end && i == len(parts)-1}
			if i == 0 {
				w.shown = f
			}
			all = append(all, w)
		}
		if len(parts) == 0 && end && len(all) > 0 { // a punctuation mark alone
			all[len(all)-1].end = true
		}
	}
	return all
}

// show returns three words before and after a seam.
func show(all []word, seam int) string {
	var b strings.Builder
	for i := max(0, seam-3); i < min(len(all), seam+3); i++ {
		if i == seam {
			b.WriteString("| ")
		}
		b.WriteString(all[i].shown + " ")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// align returns for each word of a the index of the same word of b, with the fewest
// changes. An inserted word has the index of the word before, or -1 before the first.
func align(a, b []word) []int {
	cost := make([][]int, len(a)+1)
	for i := range cost {
		cost[i] = make([]int, len(b)+1)
		for j := range cost[i] {
			switch {
			case i == 0 || j == 0:
				cost[i][j] = i + j
			case a[i-1].plain == b[j-1].plain:
				cost[i][j] = cost[i-1][j-1]
			default:
				cost[i][j] = 1 + min(cost[i-1][j-1], cost[i-1][j], cost[i][j-1])
			}
		}
	}
	at := make([]int, len(a))
	for i, j := len(a), len(b); i > 0; {
		switch {
		case j > 0 && (cost[i][j] == cost[i-1][j-1] && a[i-1].plain == b[j-1].plain || cost[i][j] == cost[i-1][j-1]+1):
			i, j = i-1, j-1
			at[i] = j
		case j > 0 && cost[i][j] == cost[i][j-1]+1:
			j--
		default:
			i--
			at[i] = j - 1
		}
	}
	return at
}
