package typing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

// A fakeServer is a keyboard and the X server that reads it. It records what is pressed
// and asked.
type fakeServer struct {
	notes                  []string
	stopped, unseen, stuck error // what the server says
}

func (s *fakeServer) Ready(context.Context) error { return nil }
func (s *fakeServer) Down(c key.Code) error       { return s.note(nil, "down", c) }
func (s *fakeServer) Up(c key.Code) error         { return s.note(nil, "up", c) }
func (s *fakeServer) Tap(c key.Code) error        { return s.note(nil, "tap", c) }
func (s *fakeServer) Wait(context.Context) error  { return s.note(s.stopped, "answer", 0) }

func (s *fakeServer) Pressed(_ context.Context, c key.Code) error { return s.note(s.unseen, "seen", c) }

func (s *fakeServer) Released(_ context.Context, c key.Code) error { return s.note(s.stuck, "gone", c) }

func (s *fakeServer) note(err error, what string, c key.Code) error {
	s.notes = append(s.notes, fmt.Sprint(what, " ", int(c)))
	return err
}

// TestXBarrier: the neutral key goes down after the server has answered and reported it
// up, and comes up after the server has reported it down, or failed.
func TestXBarrier(t *testing.T) {
	for _, tt := range []struct {
		s    fakeServer
		fail error
		want []string
	}{
		{fakeServer{}, nil, []string{"answer 0", "gone 240", "down 240", "seen 240", "up 240"}},
		{fakeServer{unseen: context.Canceled}, context.Canceled, []string{"answer 0", "gone 240", "down 240", "seen 240", "up 240"}},
		{fakeServer{stuck: context.Canceled}, context.Canceled, []string{"answer 0", "gone 240"}},
		{fakeServer{stopped: context.Canceled}, context.Canceled, []string{"answer 0"}},
	} {
		if err := (xBarrier{&tt.s, &tt.s}).Wait(t.Context()); !errors.Is(err, tt.fail) {
			t.Errorf("got %v, want %v", err, tt.fail)
		}
		if !slices.Equal(tt.s.notes, tt.want) {
			t.Errorf("got %q, want %q", tt.s.notes, tt.want)
		}
	}
}
