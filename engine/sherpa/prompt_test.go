package sherpa_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/internal/onnxtest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// loadWhisper loads a Whisper for three languages. It returns the paths of its files.
func loadWhisper(t *testing.T) (*sherpa.Model, map[string]string) {
	t.Helper()
	librarytest.Need(t)
	m, folder := install(t, onnxtest.Whisper)
	m.Languages = []string{"en", "de", "fr"}
	l, err := sherpa.Load(m, folder, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	_, roles, err := m.Roles()
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for role, name := range roles {
		paths[role] = filepath.Join(folder, name)
	}
	return l, paths
}

// TestWhisperPrompt: Whisper begins a text with the hot words, as a prompt in the language
// and for the task of the clip, and without them as before. It detects the language with a
// prompt too, and the prompt is in that language.
func TestWhisperPrompt(t *testing.T) {
	l, _ := loadWhisper(t)
	many := make([]string, 100)
	for i := range many {
		many[i] = "word" + strings.Repeat("x", i%7)
	}
	long := tone()
	long.Samples = slices.Repeat(long.Samples, 12) // it is in German
	// The number is that of the tokens before the start: <|startofprev|>, the two that
	// sherpa-onnx replaces if it detects the language, and here one for each character of
	// " beta." or " alpha, beta.".
	for _, r := range []request{
		{language: "de", hot: "beta", want: "de transcribe 7"}, {language: "fr", hot: "beta", want: "fr transcribe 7"},
		{language: "fr", task: models.Translate, hot: "beta", want: "fr translate 7"}, {language: "de", want: "de transcribe 0"},
		{hot: "beta", want: "en transcribe 9"}, {want: "en transcribe 0"},
		{language: "de", hot: "beta\nalpha", want: "de transcribe 14"}, {language: "de", hot: "alpha\nbeta", want: "de transcribe 14"},
		{language: "de", hot: "alpha", want: "de transcribe 8"}, // a word that is not in the list any more is not in the prompt
		{hot: "alpha", want: "en transcribe 10"}, {hot: "alpha", want: "de transcribe 10", clip: long}, {hot: "alpha", want: "en transcribe 10"},
		{task: models.Translate, hot: "alpha", want: "de translate 10", clip: long}, {hot: "beta", want: "de transcribe 9", clip: long},
		{want: "de transcribe 0", clip: long}, {hot: "beta", want: "de transcribe 9", clip: long}, {language: "fr", want: "fr transcribe 0", clip: long},
		{language: "de", hot: ",\n\x00", want: "de transcribe 0"}, {hot: ",", want: "en transcribe 0"},
		{language: "de", hot: strings.Join(many, "\n"), want: "de transcribe 19"}, // the most that the model can say
	} {
		if r.clip.Rate == 0 {
			r.clip = tone()
		}
		w, err := l.Recognize(r.clip, sherpa.Options{Language: r.language, Task: r.task, HotWords: r.hot})
		r.clip = pcm.Clip{}
		if err != nil || w.Text != r.want || w.Language != r.want[:2] {
			t.Errorf("%+v: %q in %q, %v", r, w.Text, w.Language, err)
		}
	}
	if n := promptsInMemory(t); n != 0 {
		t.Errorf("%d encoders are in memory twice", n)
	}
}

// TestWhisperWithoutPrompt: a prompt that cannot be had costs no words.
func TestWhisperWithoutPrompt(t *testing.T) {
	l, paths := loadWhisper(t)
	recognize := func(hot string) (string, error) {
		w, err := l.Recognize(tone(), sherpa.Options{Language: "de", HotWords: hot})
		return w.Text, err
	}
	encoder, decoder := paths[models.Encoder], paths[models.Decoder]

	if err := os.Rename(decoder, decoder+".away"); err != nil {
		t.Fatal(err)
	}
	for _, hot := range []string{"beta", ""} {
		if text, err := recognize(hot); err == nil {
			t.Errorf("without a decoder: %q", text)
		}
	}
	if err := os.Rename(decoder+".away", decoder); err != nil {
		t.Fatal(err)
	}
	for hot, want := range map[string]string{"": "de transcribe 0", "beta": "de transcribe 7"} {
		if text, err := recognize(hot); text != want || err != nil {
			t.Errorf("the decoder is back, hot words %q: %q, %v", hot, text, err)
		}
	}
	if text, err := recognize(""); text != "de transcribe 0" || err != nil {
		t.Fatalf("without hot words: %q, %v", text, err)
	}

	const huge = 300 << 20 // a copy would take the memory of the unit
	if err := os.Truncate(encoder, huge); err != nil {
		t.Fatal(err)
	}
	if text, err := recognize("beta"); text != "de transcribe 0" || err != nil {
		t.Errorf("a huge encoder: %q, %v", text, err)
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
