package main

import (
	"time"

	"github.com/arealicehole/vocoder/dictate"
)

// unneeded is how long nothing is dictated before memory is given back. Who
// dictates sentence after sentence needs it again at once.
const unneeded = 5 * time.Second

// A thrift gives memory back to the system once nothing is dictated: what the start
// took for keymaps, and what an utterance took for its sound. Go does so by itself
// only while it works.
type thrift struct {
	timer *time.Timer
	busy  bool
}

// newThrift has free called for the first time when the start is long over.
func newThrift(free func()) *thrift { return &thrift{timer: time.AfterFunc(unneeded, free)} }

// dictation takes what the dictation does.
func (t *thrift) dictation(s dictate.Status) {
	busy := s.Recording || s.Typing || s.Waiting > 0
	switch {
	case busy && !t.busy:
		t.timer.Stop()
	case !busy && t.busy:
		t.timer.Reset(unneeded)
	}
	t.busy = busy
}
