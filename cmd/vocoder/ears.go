package main

import (
	"context"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// Ears are the microphone as dictate sees it. What else is worth doing before
// the words are there is done here: the connection to the recogniser is opened
// while the user speaks, and a keyboard that is missing looked for.
type ears struct{ *daemon }

// Record implements dictate.Recorder.
func (e ears) Record(ctx context.Context, _ int, stop <-chan struct{}) (pcm.Clip, error) {
	g := e.current()
	aside, end := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer end()
	wg.Go(func() { g.brain.client.Warm(aside) })
	wg.Go(func() { _ = e.hand.open() }) // it is tried again when there is a text
	quiet := newHush(g.cfg.Silence)
	wg.Go(func() { quiet.tell(aside, e.orders) })
	return g.mic.RecordTo(ctx, stop, capture.Hooks{Heard: quiet.hear})
}

// A hush tells the dictation when nobody has spoken in a recording for as long
// as the settings say. Whether that ends it is the dictation's business.
type hush struct {
	silence capture.Silence
	began   time.Time
	since   chan time.Time // the newest; has room for one
}

func newHush(s config.Silence) *hush {
	return &hush{
		silence: capture.Silence{Start: s.Start, Stop: s.Stop, Amplitude: s.Amplitude},
		began:   time.Now(), since: make(chan time.Time, 1),
	}
}

// hear takes the next sound of the recording.
func (h *hush) hear(s []int16) {
	if !h.silence.Hear(s) {
		return
	}
	since := time.Now().Add(-h.silence.Stop)
	if since.Before(h.began) {
		since = h.began // the silence may begin in the pre-roll
	}
	select {
	case h.since <- since:
	default: // it is being told
	}
}

// tell passes on, once, that it is quiet.
func (h *hush) tell(ctx context.Context, orders chan<- dictate.Event) {
	select {
	case since := <-h.since:
		select {
		case orders <- dictate.Quiet{Since: since}:
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
}

// gate returns a dictate.Refusal if a clip holds no speech and is therefore not
// to be sent to anybody, and nil if it does or the settings send everything.
func (g *generation) gate(c pcm.Clip) error {
	if !g.cfg.Audio.Gate {
		return nil
	}
	v := capture.Speech(c)
	if v.Speech {
		return nil
	}
	g.log.Info("not speech, not sent", "reason", v.Reason, "length", c.Duration())
	return dictate.Refusal(dictate.Silence)
}
