package daemon

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/recognizer"
)

func anyLanguage() language.Choice { return language.Choice{} }

// recordingOf returns a daemon that uses a recognizer, and its recording of two words
// with a pause between them. The first word is sent while the user speaks.
func recordingOf(t *testing.T, s *recognizer.Server, gate bool) (*daemon, *recording) {
	t.Helper()
	d := &daemon{log: slog.New(slog.DiscardHandler)}
	d.pipeline = pipelineWith(t, d, s, gate)
	r := &recording{daemon: d, utterance: d.pipeline.recognizer.Begin(anyLanguage, nil), clip: pcm.Clip{Rate: pcm.Rate}}
	hear := func(word int16, frames int, voice float32) {
		for range frames {
			samples := slices.Repeat([]int16{word}, vad.Window)
			r.clip.Samples, r.clip.Voice = append(r.clip.Samples, samples...), append(r.clip.Voice, voice)
			r.utterance.Hear(samples)
			r.utterance.Frame(capture.Frame{Voice: voice})
		}
	}
	hear(1001, 300, 1) // 9.6 s
	hear(0, 6, 0)      // 192 ms
	<-s.Asked
	hear(1002, 300, 1)
	return d, r
}

// pipelineWith returns the stages of settings that name a recognizer.
func pipelineWith(t *testing.T, d *daemon, s *recognizer.Server, gate bool) *pipeline {
	t.Helper()
	cfg := settings.Default()
	cfg.Whisper[0].URL, cfg.Audio.Gate = s.Start(t)+"/v1/transcribe", gate
	env := environ.Env{Lookup: func(string) (string, bool) { return "", false }}
	r, err := recognition.New(cfg, recognition.Options{Env: env, Log: d.log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return &pipeline{cfg: cfg, recognizer: r}
}

// TestRecordingReloaded: the recognizer of new settings gets the whole of a recording
// that was made before.
func TestRecordingReloaded(t *testing.T) {
	before, after := &recognizer.Server{}, &recognizer.Server{}
	d, r := recordingOf(t, before, false)
	d.pipeline = pipelineWith(t, d, after, false)
	defer r.Wipe()
	if text, err := r.Text(t.Context(), false); err != nil || text != "word1 word2" {
		t.Errorf("%q, %v", text, err)
	}
	if old, now := before.Requests(), after.Requests(); len(old) != 1 || len(now) != 1 {
		t.Errorf("asked the old one for %q, the new one for %q", old, now)
	}
}

// TestRecordingWiped: the sound is wiped at the end.
func TestRecordingWiped(t *testing.T) {
	_, r := recordingOf(t, &recognizer.Server{}, false)
	r.Wipe()
	if slices.ContainsFunc(r.clip.Samples, func(v int16) bool { return v != 0 }) {
		t.Error("the sound is still there")
	}
}

// TestAnyway: if the user insists, the recognizer gets the whole of what the gate or
// hygiene refused, and its words are returned as they are.
func TestAnyway(t *testing.T) {
	for _, gate := range []bool{true, false} {
		const credits = "Untertitel von Amara.org"
		s := &recognizer.Server{Says: credits}
		d := &daemon{log: slog.New(slog.DiscardHandler)}
		d.pipeline = pipelineWith(t, d, s, gate)
		why, asked := dictate.NotSpeech, 1
		if gate {
			why, asked = dictate.Silence, 0
		}
		clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}
		clip.Voice = vad.Detect(clip)
		r := &recording{daemon: d, utterance: d.pipeline.recognizer.Begin(anyLanguage, nil), clip: clip}
		refused := credits
		if gate {
			refused = "" // not sent
		}
		if text, err := r.Text(t.Context(), false); text != refused || !errors.Is(err, dictate.Refusal(why)) {
			t.Errorf("gate %v: %q, %v, want %q", gate, text, err, why)
		}
		if text, err := r.Text(t.Context(), true); text != credits || err != nil {
			t.Errorf("gate %v, anyway: %q, %v", gate, text, err)
		}
		if n := len(s.Requests()); n != asked+1 {
			t.Errorf("gate %v: asked %d times", gate, n)
		}
	}
}
