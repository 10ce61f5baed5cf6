package spell

import (
	"slices"
	"strings"
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

// The distance is a metric: it is the same both ways, and no detour is shorter.
func FuzzDistance(f *testing.F) {
	f.Add("ten of clubs", "tin clubs", "of")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		x, y, z := strings.Fields(a), strings.Fields(b), strings.Fields(c)
		if d, e := Distance(x, y), Distance(y, x); d != e {
			t.Errorf("%d one way, %d the other", d, e)
		}
		if Distance(x, z) > Distance(x, y)+Distance(y, z) {
			t.Error("a detour is shorter")
		}
		if (Distance(x, y) == 0) != slices.Equal(x, y) {
			t.Error("zero does not mean equal")
		}
	})
}
