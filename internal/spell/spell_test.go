package spell

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"tail", "tap", "mode", "min_hold"}
	for word, want := range map[string][]string{
		"tial":    {"tail", "tap"},
		"mod":     {"mode"},
		"tai":     {"tail", "tap"},
		"ta":      {"tap"},
		"minhold": {"min_hold"},
		"zzzz":    nil,
	} {
		if got := Nearest(word, known, 3); !slices.Equal(got, want) {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := Nearest("b", []string{"c", "a"}, 2); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("two as near: %q", got)
	}
}
