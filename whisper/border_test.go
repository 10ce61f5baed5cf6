package whisper

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestSuspicious: which answers the sound and the recognizer's own figures make suspicious, and
// which only just not.
func TestSuspicious(t *testing.T) {
	second := pcm.Clip{Voice: slicesOf(1, 31)} // a frame less than a second
	scores := func(s ...score) []score { return s }
	for _, tt := range []struct {
		name    string
		letters int
		scores  []score
		clip    pcm.Clip
		want    bool
	}{
		{"slow enough without a score", 24, nil, second, false},
		{"too fast without a score", 25, nil, second, true},
		{"slow enough, with a score", 19, scores(score{0.3, -0.7, 0}), second, false},
		{"too fast with a score", 22, scores(score{0.3, -0.7, 0}), second, true},
		{"sure of it", 60, scores(score{0.059, -0.7, 0}), second, false},
		{"only just not sure", 60, scores(score{sure, -0.7, 0}), second, true},
		{"sure, and as repetitive as may be", 60, scores(score{0.01, -0.7, repetitive}), second, false},
		{"sure, and more repetitive", 60, scores(score{0.01, -0.7, repetitive + 0.1}), second, true},
		{"sure of one part", 60, scores(score{0.3, -0.7, 0}, score{0.01, -0.1, 0}), second, false},
		{"no voice is known", 60, nil, pcm.Clip{}, false},
	} {
		if got := (reply{scores: tt.scores}).suspicious(tt.clip, strings.Repeat("x", tt.letters)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		scores []score
		want   bool
	}{
		{nil, false},
		{scores(score{0.9, -1.5, 0}), true},
		{scores(score{noSpeech, noSense, 0}), true},
		{scores(score{noSpeech - 0.01, -1.5, 0}), false},
		{scores(score{0.9, noSense + 0.01, 0}), false},
		{scores(score{0.9, -1.5, 0}, score{0.1, -1.5, 0}), false},
	} {
		if got := (reply{scores: tt.scores}).silent(); got != tt.want {
			t.Errorf("%v: silent: %v, want %v", tt.scores, got, tt.want)
		}
	}
}

// slicesOf returns a voice of n frames of one probability.
func slicesOf(p float64, n int) pcm.Voice {
	v := make(pcm.Voice, n)
	for i := range v {
		v[i] = float32(p)
	}
	return v
}

// TestLoops finds the whole unit of a repetition, as it is written the first time.
func TestLoops(t *testing.T) {
	for _, tt := range []struct {
		text, head, unit string
		repeats          int
	}{
		{"One two. one two, ONE TWO! one two", "", "One two.", 4},
		{"Well, go on go on go on", "Well, ", "go on", 3},
		{"y x x x y x x x", "", "y x x x", 2},
		{"no no no no no", "", "no", 5},
		{"a — — — —", "a ", "—", 4},
		{"all of it differs", "all of it differs", "", 0},
		{"", "", "", 0},
	} {
		head, got := loops(tt.text)
		if head != tt.head || got.unit != tt.unit || got.repeats != tt.repeats {
			t.Errorf("%q: %q and %+v, want %q and %d of %q", tt.text, head, got, tt.head, tt.repeats, tt.unit)
		}
	}
}

// TestMarks: as many marks as maxMarks may have been dictated without a word.
func TestMarks(t *testing.T) {
	for n, want := range map[int]bool{1: false, maxMarks: false, maxMarks + 1: true} {
		if got := isFiller(strings.Repeat("?", n)); got != want {
			t.Errorf("%d question marks are a filler: %v", n, got)
		}
	}
}

// TestKeyCharacters: a key is all that can stand in a header.
func TestKeyCharacters(t *testing.T) {
	for key, want := range map[string]bool{
		"sk-a~b!": true, " key \n": true, "two words": false, "a\x7fb": false, "a\tb": false, "schlüssel": false, "": false,
	} {
		name := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(name, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := (Config{KeyFile: name}).apiKey()
		if (err == nil) != want || want && got != strings.TrimSpace(key) {
			t.Errorf("%q: %q, %v", key, got, err)
		}
		if err != nil && key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("the error has the key: %v", err)
		}
	}
}

// TestKeyOfAnother: a key file of another user is refused.
func TestKeyOfAnother(t *testing.T) {
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte("sk-1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := (Config{KeyFile: name}).apiKey(); got != "sk-1" {
		t.Errorf("my own: %q, %v", got, err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	if err := os.Chown(name, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := (Config{KeyFile: name}).apiKey(); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
		t.Error(err)
	}
}

// TestNotedOnce: the log says once that a recognizer fails, and once that it is well again.
func TestNotedOnce(t *testing.T) {
	var log bytes.Buffer
	c := client(t, Config{URL: "http://127.0.0.1:1", Log: slog.New(slog.NewTextHandler(&log, nil))})
	r := c.pool.all[0]
	bad := &Error{Kind: Failing, After: time.Second}
	for _, err := range []error{nil, nil, bad, bad, errors.Join(bad), nil, nil, bad} {
		r.note(err)
	}
	got := ""
	for line := range strings.Lines(log.String()) {
		got += fmt.Sprint(strings.Contains(line, "does not answer"), strings.Contains(line, "well again"), " ")
	}
	if want := "true false false true true false "; got != want {
		t.Errorf("the log has %s, want %s:\n%s", got, want, &log)
	}
}

// TestErrorInWords: an error in an answer is found, with its text.
func TestErrorInWords(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":"too loud"}`: "too loud", `{"error":{"message":"too loud"}}`: "too loud", `{"error":7}`: "an error without a text",
		`{"error":null}`: "", `{"error":""}`: "", `{"error":{}}`: "", `{"error":false}`: "", `{}`: "", `x`: "",
	} {
		if got := errorIn([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// TestTerseOnce: a server that refuses to name the language costs one request more, once.
func TestTerseOnce(t *testing.T) {
	requests := 0
	p := polyglot{takes: "en", terse: true, texts: conference}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { requests++; p.ServeHTTP(w, r) })
	c := client(t, Config{URL: s.URL, Dialect: OpenAI, Language: language.Of("en", "es")})
	for i, want := range []int{2, 3, 4} {
		if got, err := c.Transcribe(t.Context(), speech(4000)); err != nil || got != conference["en"] || requests != want {
			t.Errorf("utterance %d: %q, %v after %d requests, want %d", i+1, got, err, requests, want)
		}
	}
}

// TestLastWords: the context is whole words, as many as fit.
func TestLastWords(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{
		{"one two", 7, "one two"}, {"one two", 8, "one two"}, {"one two", 6, "two"}, {"one two", 4, "two"}, {"one two", 3, "two"}, {"élan vital", 10, "élan vital"}, {"今日は天気", 2, "天気"}, {"", 3, ""},
	} {
		if got := lastWords(tt.text, tt.n); got != tt.want {
			t.Errorf("%d of %q: %q, want %q", tt.n, tt.text, got, tt.want)
		}
	}
}
