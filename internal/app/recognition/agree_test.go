package recognition

import (
	"os"
	"strings"
	"testing"
)

// TestAgree runs the script of testdata.
func TestAgree(t *testing.T) {
	script, err := os.ReadFile("testdata/agree.script")
	if err != nil {
		t.Fatal(err)
	}
	n, before := 0, ""
	for line := range strings.Lines(string(script)) {
		n++
		words, want, ok := strings.Cut(line, "->")
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case !ok:
			before = ""
			continue
		}
		now := strings.TrimSpace(words)
		stable, provisional := agree(before, now)
		if got := stable + "|" + provisional; got != strings.TrimSpace(want) {
			t.Errorf("line %d: %q", n, got)
		}
		before = now
	}
}

// The two parts together are the words; both are whole letters.
func FuzzAgree(f *testing.F) {
	f.Add("hello wor", "Hello world")
	f.Add("今日は", "今日, x")
	f.Add("", " a\u0301 \xff")
	f.Fuzz(func(t *testing.T, before, now string) {
		stable, provisional := agree(before, now)
		if stable+provisional != now {
			t.Errorf("%q and %q of %q", stable, provisional, now)
		}
		if all, none := agree(now, now); all != now || none != "" {
			t.Errorf("a pass does not agree with itself: %q, %q", all, none)
		}
	})
}

func TestNewest(t *testing.T) {
	for _, tt := range []struct {
		words string
		most  int
		want  string
	}{{"one two", 7, "one two"}, {"one two", 6, "two"}, {"one two", 3, ""}, {"é é é", 4, "é"}, {"one", 0, ""}, {"one", -3, ""}} {
		if got := newest(tt.words, tt.most); got != tt.want {
			t.Errorf("%q, %d: %q", tt.words, tt.most, got)
		}
	}
}
