package daemon

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A hum is not sent to the recognizer, unless the settings say so. The journal says why.
func TestGate(t *testing.T) {
	hum := pcm.Clip{Rate: pcm.Rate}
	for i := range 2 * pcm.Rate {
		hum.Samples = append(hum.Samples, int16(3000*math.Sin(2*math.Pi*100*float64(i)/pcm.Rate)))
	}
	hum.Voice = vad.Detect(hum)
	var said bytes.Buffer
	cfg, log := config.Default(), slog.New(slog.NewTextHandler(&said, nil))
	if err := recognition.Gate(cfg, log, hum); !errors.Is(err, dictate.Refusal(dictate.Silence)) || !strings.Contains(said.String(), "no voice") {
		t.Errorf("%v, %q", err, said.String())
	}
	word := pcm.Clip{Rate: pcm.Rate, Samples: hum.Samples, Voice: pcm.Voice{0, 1, 1, 1, 1, 0}}
	if err := recognition.Gate(cfg, log, word); err != nil {
		t.Error(err)
	}
	cfg.Audio.Gate = false
	if err := recognition.Gate(cfg, log, hum); err != nil {
		t.Error(err)
	}
}

// After speech and as much silence as the settings say, the timer returns the moment at which
// the user stopped speaking.
func TestSilenceTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newSilenceTimer(config.Silence{Start: 100 * time.Millisecond, Stop: time.Second, Amplitude: .1})
		began := time.Now()
		for i := range 100 { // one second of voice, then of a murmur, then silence
			f := capture.Frame{Voice: 1, Level: -10}
			switch {
			case i >= 63:
				f = capture.Frame{Level: -10}
			case i >= 31:
				f.Level = -30
			}
			at, silent := h.add(f)
			<-time.After(pcm.VoiceFrame)
			if silent {
				after, since := time.Since(began), at.Sub(began)
				if after < 1900*time.Millisecond || after > 2100*time.Millisecond || since < 900*time.Millisecond || since > 1100*time.Millisecond {
					t.Errorf("after %v it is quiet since %v", after, since)
				}
				return
			}
		}
		t.Error("it is never quiet")
	})
}

// A microphone that is muted, or that a recording suffers from, is shown until
// that is over.
func TestSoundProblem(t *testing.T) {
	var a soundProblem
	ready, muted := capture.State{Source: "Mic"}, capture.State{Source: "Mic", Muted: true}
	for i, tt := range []struct{ got, want string }{
		{a.setState(ready), ""},
		{a.setTrouble(capture.Trouble{Problem: capture.Clipping}), "too loud: the microphone clips"},
		{a.setState(muted), "the microphone is muted: Mic"},
		{a.setTrouble(capture.Trouble{}), "the microphone is muted: Mic"},
		{a.setTrouble(capture.Trouble{Problem: capture.Muted}), "the microphone is muted: Mic"},
		{a.setState(ready), ""},
		{a.setTrouble(capture.Trouble{Problem: capture.Quiet}), "far too quiet"},
		{a.setTrouble(capture.Trouble{}), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%d: %q, want %q", i, tt.got, tt.want)
		}
	}
}
