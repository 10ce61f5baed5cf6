package sherpa_test

import (
	"os"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/internal/onnxtest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
)

// TestWhisperPrompt: Whisper begins a text with the hot words, as a prompt in the language
// and for the task of the clip, and without them as before. If it is to detect the language
// it gets no prompt.
func TestWhisperPrompt(t *testing.T) {
	librarytest.Need(t)
	m, folder := install(t, onnxtest.Whisper)
	m.Languages = []string{"en", "de", "fr"}
	l, err := sherpa.Load(m, folder, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	many := make([]string, 100)
	for i := range many {
		many[i] = "word" + strings.Repeat("x", i%7)
	}
	// The number is that of the tokens before the start: <|startofprev|>, and here one for
	// each character of " beta." or " alpha, beta.".
	for _, r := range []request{
		{language: "de", hot: "beta", want: "de transcribe 7"}, {language: "fr", hot: "beta", want: "fr transcribe 7"},
		{language: "fr", task: models.Translate, hot: "beta", want: "fr translate 7"}, {language: "de", want: "de transcribe 0"},
		{hot: "beta", want: "en transcribe 0"}, {want: "en transcribe 0"},
		{language: "de", hot: "beta\nalpha", want: "de transcribe 14"}, {language: "de", hot: "alpha\nbeta", want: "de transcribe 14"},
		{language: "de", hot: "alpha", want: "de transcribe 8"}, // a word that is not in the list any more is not in the prompt
		{hot: "alpha", want: "en transcribe 0"},
		{language: "de", hot: ",\n\x00", want: "de transcribe 0"},
		{language: "de", hot: strings.Join(many, "\n"), want: "de transcribe 19"}, // the most that the model can say
	} {
		w, err := l.Recognize(tone(), sherpa.Options{Language: r.language, Task: r.task, HotWords: r.hot})
		if err != nil || w.Text != r.want {
			t.Errorf("%+v: %q, %v", r, w.Text, err)
		}
	}
	if n := promptsInMemory(t); n != 0 {
		t.Errorf("%d encoders are in memory twice", n)
	}
}

// promptsInMemory returns how many copies of encoders there are.
func promptsInMemory(t *testing.T) (n int) {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if to, _ := os.Readlink("/proc/self/fd/" + f.Name()); strings.Contains(to, "memfd:encoder") {
			n++
		}
	}
	return n
}
