package control

import "testing"

// TestKeptBecause: what is wrong with a part is the reason only of what that part did.
func TestKeptBecause(t *testing.T) {
	lacks := map[Part]string{Recognizer: "no connection", Keyboard: "no keyboard", Words: "words are missing", Microphone: "muted"}
	for _, tt := range []struct {
		reason string
		lacks  map[Part]string
		want   string
	}{
		{"recogniser", lacks, "no connection"},
		{"recogniser", nil, "the recognizer did not answer"},
		{"not typed", lacks, "no keyboard"},
		{"not typed", map[Part]string{Recognizer: "no connection", Words: "words are missing"}, "words are missing"},
		{"not typed", map[Part]string{Recognizer: "no connection"}, "typing failed"},
		{"session away", lacks, "session away"},
		{ReasonPassword, lacks, ReasonPassword},
	} {
		if got := (Status{Lacks: tt.lacks, Last: End{Outcome: Kept, Reason: tt.reason}}).KeptBecause(); got != tt.want {
			t.Errorf("%s, with %v: %q, want %q", tt.reason, tt.lacks, got, tt.want)
		}
	}
}
