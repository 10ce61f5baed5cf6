package text

import (
	"strings"
	"testing"
)

// TestReportedReplacements: replacements and spoken marks that users of other programs have
// reported as made in the wrong place, or not made (e2e/reports.md).
func TestReportedReplacements(t *testing.T) {
	v, err := ReadVocabulary(strings.NewReader("ERN => EAN\nslash PR => /pr\nQuick Carbon => QuitCarbon\nuh =>\nit => IT\nKlein => Cline\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ punctuation, in, want string }{
		{"", "Bitte die ERN vergrößern.", "Bitte die EAN vergrößern."},
		{"", "ern, Eltern, ERN-Code", "EAN, Eltern, EAN-Code"},
		{"", "Kleinstadt und Klein", "Kleinstadt und Cline"},
		{"", "it is in Italy, isn't it", "IT is in Italy, isn't IT"},
		{"", "Quick Carbon's office, quick carbon!", "QuitCarbon's office, QuitCarbon!"},
		{"", "I think, uh, we should", "I think, we should"},
		{"en", "slash PR", "/pr"},
		{"en", "Slash pr.", "/pr."},
		{"fr", "au point du jour", "au point du jour"},
		{"fr", "un point final", "un point final"},
		{"fr", "à point lier", "à point lier"},
		{"fr", "2 point 75", "2 point 75"},
	} {
		if got := (Rules{Vocabulary: v, Punctuation: tt.punctuation}).Write(tt.in, nil); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.punctuation, tt.in, got, tt.want)
		}
	}
}
