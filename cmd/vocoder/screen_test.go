package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

// A scribbler notes what is pressed on it.
type scribbler struct{ notes []string }

func (s *scribbler) Ready(context.Context) error { return nil }
func (s *scribbler) Down(c key.Code) error       { return s.note("down", c) }
func (s *scribbler) Up(c key.Code) error         { return s.note("up", c) }

func (s *scribbler) note(what string, c key.Code) error {
	s.notes = append(s.notes, fmt.Sprint(what, " ", int(c)))
	return nil
}

// On X11 a key that means nothing is down until the server has seen it, and up
// whatever happens.
func TestXGate(t *testing.T) {
	for _, why := range []error{nil, context.Canceled} {
		s := &scribbler{}
		g := xGate{func(_ context.Context, c key.Code) error { _ = s.note("seen", c); return why }, s}
		if err := g.Wait(t.Context()); !errors.Is(err, why) {
			t.Errorf("got %v, want %v", err, why)
		}
		if want := []string{"down 240", "seen 240", "up 240"}; !slices.Equal(s.notes, want) {
			t.Errorf("got %q, want %q", s.notes, want)
		}
	}
}
