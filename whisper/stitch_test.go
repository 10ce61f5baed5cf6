package whisper

import (
	"strings"
	"testing"
)

func TestStitch(t *testing.T) {
	for _, tt := range []struct {
		name  string
		parts []string
		want  string
	}{
		{"nothing", nil, ""},
		{"one", []string{"Hello."}, "Hello."},
		{"silence between", []string{"Hello.", "", "There."}, "Hello. There."},
		{"sentences", []string{"Hello there.", "How are you?", "Fine."}, "Hello there. How are you? Fine."},
		{"a sentence that goes on", []string{"I went to the store.", "and bought milk."}, "I went to the store and bought milk."},
		{"ellipses", []string{"I think…", "...that it works."}, "I think that it works."},
		{"dots", []string{"I think...", "that it works."}, "I think that it works."},
		{"ellipsis before a new sentence", []string{"I think...", "Well."}, "I think... Well."},
		{"a capital too many", []string{"We can go if", "The weather holds."}, "We can go if the weather holds."},
		{"a name", []string{"We met", "Anna in", "Berlin."}, "We met Anna in Berlin."},
		{"a German noun", []string{"Ich sehe den", "Hund", "Und die Katze."}, "Ich sehe den Hund und die Katze."},
		{"I", []string{"what should", "I do?"}, "what should I do?"},
		{"an acronym", []string{"it works in", "IT."}, "it works in IT."},
		{"a comma first", []string{"Hello.", ", my friend."}, "Hello, my friend."},
		{"a full stop alone", []string{"Hello.", "."}, "Hello."},
		{"a question mark first", []string{"Really", "? Yes."}, "Really? Yes."},
		{"a question goes on", []string{"Really?", "or not?"}, "Really? or not?"},
		{"an abbreviation", []string{"Ask Mrs.", "de Vries."}, "Ask Mrs. de Vries."},
		{"another abbreviation", []string{"At 5 p.m.", "we leave."}, "At 5 p.m. we leave."},
		{"brackets", []string{"Call me (", "later)."}, "Call me (later)."},
		{"a bracket last", []string{"Call me (later", ")."}, "Call me (later)."},
		{"Chinese", []string{"今天", "天气很好。", "我们走吧。"}, "今天天气很好。我们走吧。"},
		{"Chinese and English", []string{"我用", "Vim", "编辑"}, "我用 Vim 编辑"},
		{"Korean", []string{"안녕", "하세요."}, "안녕 하세요."},
		{"numbers", []string{"It costs 3.", "5 of them."}, "It costs 3. 5 of them."},
		{"dots alone", []string{"Hello", "..."}, "Hello..."},
		{"bounded", []string{strings.Repeat("a", maxText), "b"}, strings.Repeat("a", maxText)},
	} {
		if got := stitch(tt.parts...); got != tt.want {
			t.Errorf("%s: %.80q, want %.80q", tt.name, got, tt.want)
		}
	}
}

// FuzzStitch checks that no letter and no digit is added, lost or moved.
func FuzzStitch(f *testing.F) {
	f.Add("I think...", "...that", "The end.")
	f.Add("今天", " , ", ". a")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		a, b, c = words(a), words(b), words(c)
		if len(a)+len(b)+len(c) > maxText {
			return
		}
		bare := func(s string) string { return strings.ReplaceAll(plain(s), " ", "") }
		if got := stitch(a, b, c); bare(got) != bare(a)+bare(b)+bare(c) {
			t.Fatalf("%q %q %q become %q", a, b, c, got)
		}
	})
}
