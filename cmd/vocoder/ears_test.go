package main

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A hum is sent to nobody, unless the settings say so; the journal says why.
func TestGate(t *testing.T) {
	hum := pcm.Clip{Rate: pcm.Rate}
	for i := range 2 * pcm.Rate {
		hum.Samples = append(hum.Samples, int16(3000*math.Sin(2*math.Pi*100*float64(i)/pcm.Rate)))
	}
	var said bytes.Buffer
	g := &generation{daemon: &daemon{log: slog.New(slog.NewTextHandler(&said, nil))}, cfg: config.Default()}
	if err := g.gate(hum); !errors.Is(err, dictate.Refusal(dictate.Silence)) || !strings.Contains(said.String(), "hum") {
		t.Errorf("%v, %q", err, said.String())
	}
	g.cfg.Audio.Gate = false
	if err := g.gate(hum); err != nil {
		t.Error(err)
	}
}

// After speech and as much silence as the settings say, the dictation is told,
// with the moment from which on nobody spoke.
func TestHush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := make(chan dictate.Event)
		h := newHush(config.Silence{Start: 100 * time.Millisecond, Stop: time.Second, Amplitude: .1})
		go h.tell(t.Context(), orders)
		began := time.Now()
		voice := make([]int16, pcm.Rate/50)
		for i := range voice {
			voice[i] = int16(i % 2 * 20000)
		}
		for i := range 200 { // one second of voice, then silence
			if i < 50 {
				h.hear(slices.Clone(voice))
			} else {
				h.hear(make([]int16, len(voice)))
			}
			<-time.After(20 * time.Millisecond)
			select {
			case ev := <-orders:
				after := time.Since(began)
				since := ev.(dictate.Quiet).Since.Sub(began)
				if after < 1900*time.Millisecond || after > 2100*time.Millisecond || since < 900*time.Millisecond || since > 1100*time.Millisecond {
					t.Errorf("told after %v that it is quiet since %v", after, since)
				}
				return
			default:
			}
		}
		t.Error("it was never told")
	})
}

// A microphone that is muted, or that a recording suffers from, is shown until
// that is over.
func TestAilment(t *testing.T) {
	var a ailment
	ready, muted := capture.State{Source: "Mic"}, capture.State{Source: "Mic", Muted: true}
	for i, tt := range []struct{ got, want string }{
		{a.state(ready), ""},
		{a.trouble(capture.Trouble{Problem: capture.Clipping}), "too loud: the microphone clips"},
		{a.state(muted), "the microphone is muted: Mic"},
		{a.trouble(capture.Trouble{}), "the microphone is muted: Mic"},
		{a.trouble(capture.Trouble{Problem: capture.Muted}), "the microphone is muted: Mic"},
		{a.state(ready), ""},
		{a.trouble(capture.Trouble{Problem: capture.Quiet}), "far too quiet"},
		{a.trouble(capture.Trouble{}), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%d: %q, want %q", i, tt.got, tt.want)
		}
	}
}
