package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// startWhisper starts the engine with the real Whisper base.
func startWhisper(t *testing.T) engine {
	t.Helper()
	return startEngineWith(t, realModelOf(t, models.Base), serveFlags{model: models.Base, threads: 2})
}

// prompts is the folder of the clips in Debian's asterisk-core-sounds-LANGUAGE-wav.
const prompts = "/usr/share/asterisk/sounds"

// prompt returns a clip of human speech in a language.
func prompt(t *testing.T, language, name string) pcm.Clip {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(prompts, language+"_*", name))
	if err == nil && len(found) == 0 {
		err = os.ErrNotExist
	}
	if err != nil {
		without(t, err, "asterisk-core-sounds-"+language+"-wav")
	}
	f, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := pcm.ReadWAV(f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRealWhisper: of human speech at most 6 % of the words are wrong.
func TestRealWhisper(t *testing.T) { understood(t, startWhisper(t), 6) }

// TestRealWhisperLanguages checks that each language is detected, and recognized when it is named,
// and that a translation is English. Which English words it has depends on how the processor rounds.
func TestRealWhisperLanguages(t *testing.T) {
	e := startWhisper(t)
	defer e.end()
	for _, tt := range []struct {
		language, named   string
		translate         []string // fields of the form
		words, translated []string // parts of the text, in lower case
	}{
		{"es", "ES", []string{"translate", "true"}, []string{"única persona", "conferencia"}, []string{"person", "conference"}},
		{"fr", "fr-CA", []string{"task", "translate", "language", "fr"}, []string{"seul", "conférence"}, []string{"conference"}},
		{"it", "Italian", []string{"task", "translate"}, []string{"unica", "conferenza"}, []string{"conference"}},
		{"ru", "ru", []string{"task", "translate"}, []string{"конференции"}, []string{"conference"}},
	} {
		t.Run(tt.language, func(t *testing.T) {
			clip := prompt(t, tt.language, "conf-onlyperson.wav")
			for _, request := range []struct {
				fields []string
				words  []string
				task   string
			}{
				{nil, tt.words, models.Transcribe},
				{[]string{"language", tt.named}, tt.words, models.Transcribe},
				{tt.translate, tt.translated, models.Translate},
			} {
				status, a := e.ask(t, clip, request.fields...)
				text := strings.ToLower(a.Text)
				for _, part := range request.words {
					if !strings.Contains(text, part) {
						t.Errorf("%v: %q, want %q in it", request.fields, a.Text, part)
					}
				}
				if status != http.StatusOK || a.Language != tt.language || a.Task != request.task {
					t.Errorf("%v: status %d, language %q, task %q", request.fields, status, a.Language, a.Task)
				}
			}
		})
	}
	if status, a := e.ask(t, babble(), "language", "tlh"); status != http.StatusBadRequest || a.Error.Code != "unsupported_language" {
		t.Errorf("Klingon: %d %+v", status, a.Error)
	}
}

// TestRealWhisperPrompt checks that the language is detected with a prompt too, from clip to
// clip, and that the prompt counts. Without it the name becomes Astorisk.
func TestRealWhisperPrompt(t *testing.T) {
	e := startWhisper(t)
	defer e.end()
	for _, tt := range []struct{ language, clip, words string }{
		{"it", "conf-onlyperson.wav", "conferenza"}, {"en", "demo-thanks.wav", "asterisk"}, {"es", "conf-onlyperson.wav", "única persona"},
		{"es", "vm-nonumber.wav", "lo siento"}, {"en", "demo-thanks.wav", "asterisk"},
	} {
		status, a := e.ask(t, prompt(t, tt.language, tt.clip), "hotwords", "Asterisk\nKubernetes")
		if status != http.StatusOK || a.Language != tt.language || !strings.Contains(strings.ToLower(a.Text), tt.words) {
			t.Errorf("%s %s: status %d, language %q, %q", tt.language, tt.clip, status, a.Language, a.Text)
		}
	}
}

// TestRealMoonshineRefuses: Moonshine refuses other languages and tasks.
func TestRealMoonshineRefuses(t *testing.T) {
	e := startEngine(t, realModel(t))
	defer e.end()
	for code, fields := range map[string][]string{"unsupported_language": {"language", "es"}, "unsupported_task": {"task", "translate"}} {
		if status, a := e.ask(t, babble(), fields...); status != http.StatusBadRequest || a.Error.Code != code {
			t.Errorf("%v: %d %+v", fields, status, a.Error)
		}
	}
}

// TestRealWhisperLong checks that a clip longer than a piece keeps all its words, in the
// language of its beginning, and that none are invented in the pauses.
func TestRealWhisperLong(t *testing.T) {
	e := startWhisper(t)
	defer e.end()
	long := pcm.Clip{Rate: 16000}
	var want []string
	for _, s := range sentences(t) {
		long.Samples = append(append(long.Samples, s.clip.Samples...), make([]int16, 16000/2)...)
		want = append(want, s.words...)
	}
	if long.Duration() < minLong {
		t.Fatalf("only %v of speech", long.Duration())
	}
	begin := time.Now()
	status, a := e.ask(t, long)
	n := distance(want, normal(a.Text))
	t.Logf("%v in %v: %d of %d words wrong", long.Duration(), time.Since(begin).Round(time.Millisecond), n, len(want))
	if status != http.StatusOK || a.Language != "en" || 100*n > 10*len(want) {
		t.Errorf("status %d, language %q, %d of %d words wrong, want at most one in ten", status, a.Language, n, len(want))
	}
}

// TestRealWhisperSilence: silence has no words, although Whisper invents some, and takes no
// time, because the model is not loaded.
func TestRealWhisperSilence(t *testing.T) {
	e := startWhisper(t)
	defer e.end()
	for _, c := range []pcm.Clip{{Rate: 16000}, {Rate: 16000, Samples: make([]int16, 100)}, {Rate: 16000, Samples: make([]int16, 29*16000)}} {
		if status, a := e.ask(t, c); status != http.StatusOK || a.Text != "" || a.Language != "" {
			t.Errorf("%v: %d %+v", c.Duration(), status, a)
		}
	}
	resp, err := e.client.Get("http://engine/health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var health struct {
		Loaded    bool
		Languages []string
	}
	if err := json.NewDecoder(resp.Body).Decode(&health); err != nil || health.Loaded || len(health.Languages) != 99 {
		t.Errorf("%+v, %v", health, err)
	}
}
