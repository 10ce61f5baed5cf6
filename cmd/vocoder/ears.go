package main

import (
	"context"
	"sync"

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
	return g.mic.Record(ctx, stop)
}
