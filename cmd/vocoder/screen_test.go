package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

// A scribbler is a keyboard and the X server that reads it. It notes what is
// pressed and asked.
type scribbler struct {
	notes                   []string
	stopped, unheard, stuck error // what the server says
}

func (s *scribbler) Ready(context.Context) error { return nil }
func (s *scribbler) Down(c key.Code) error       { return s.note(nil, "down", c) }
func (s *scribbler) Up(c key.Code) error         { return s.note(nil, "up", c) }
func (s *scribbler) Tap(c key.Code) error        { return s.note(nil, "tap", c) }
func (s *scribbler) Wait(context.Context) error  { return s.note(s.stopped, "answer", 0) }

func (s *scribbler) Pressed(_ context.Context, c key.Code) error { return s.note(s.unheard, "seen", c) }

func (s *scribbler) Released(_ context.Context, c key.Code) error { return s.note(s.stuck, "gone", c) }

func (s *scribbler) note(err error, what string, c key.Code) error {
	s.notes = append(s.notes, fmt.Sprint(what, " ", int(c)))
	return err
}

// On X11 a key that means nothing is down from when the server answers, and has
// seen it up, until it has seen it down; and it is up whatever happens.
func TestXGate(t *testing.T) {
	for _, tt := range []struct {
		s    scribbler
		fail error
		want []string
	}{
		{scribbler{}, nil, []string{"answer 0", "gone 240", "down 240", "seen 240", "up 240"}},
		{scribbler{unheard: context.Canceled}, context.Canceled, []string{"answer 0", "gone 240", "down 240", "seen 240", "up 240"}},
		{scribbler{stuck: context.Canceled}, context.Canceled, []string{"answer 0", "gone 240"}},
		{scribbler{stopped: context.Canceled}, context.Canceled, []string{"answer 0"}},
	} {
		if err := (xGate{&tt.s, &tt.s}).Wait(t.Context()); !errors.Is(err, tt.fail) {
			t.Errorf("got %v, want %v", err, tt.fail)
		}
		if !slices.Equal(tt.s.notes, tt.want) {
			t.Errorf("got %q, want %q", tt.s.notes, tt.want)
		}
	}
}
