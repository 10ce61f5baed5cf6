package osd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/osd/paint"
	"github.com/arealicehole/vocoder/internal/osd/screen"
)

// idle is a daemon that does nothing.
type idle struct{}

func (idle) Do(context.Context, control.Command) error { return nil }
func (idle) Last() (control.Text, bool)                { return control.Text{}, false }

// A fakeScreen counts what an overlay does with its surfaces.
type fakeScreen struct {
	events chan string // "open", "draw", "close"
	mu     sync.Mutex
	broken error // of open and Draw
	place  screen.Place
}

func (s *fakeScreen) breakWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

func (s *fakeScreen) state() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

func (s *fakeScreen) open(_ context.Context, p screen.Place) (screen.Surface, error) {
	if err := s.state(); err != nil {
		s.events <- "failed"
		return nil, err
	}
	s.mu.Lock()
	s.place = p
	s.mu.Unlock()
	s.events <- "open"
	return &fakeSurface{s}, nil
}

type fakeSurface struct{ *fakeScreen }

func (s *fakeSurface) Draw(p screen.Paint) error {
	if err := s.state(); err != nil {
		return err
	}
	p(image.NewRGBA(image.Rect(0, 0, paint.Width, paint.Height)), 1)
	s.events <- "draw"
	return nil
}

func (s *fakeSurface) Changed() <-chan struct{} { return nil }
func (s *fakeSurface) Close()                   { s.events <- "close" }

// overlaid runs an overlay and returns its screen, and a function that starts a daemon.
func overlaid(t *testing.T) (s *fakeScreen, serve func() (daemon *control.Server, end func())) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vocoder.sock")
	s = &fakeScreen{events: make(chan string)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{
			Daemon: control.Client{Path: path}, Log: slog.New(slog.DiscardHandler),
			open: s.open, look: func(context.Context) paint.Look { return paint.Look{} },
		})
	}()
	t.Cleanup(func() {
		cancel()
		for {
			select {
			case <-s.events:
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
				return
			}
		}
	})
	return s, func() (*control.Server, func()) {
		socket, err := control.Listen(path)
		if err != nil {
			t.Fatal(err)
		}
		daemon := &control.Server{Daemon: idle{}, Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- daemon.Run(ctx, socket) }()
		end := sync.OnceFunc(func() { stop(); <-done })
		t.Cleanup(end)
		return daemon, end
	}
}

// until reads the events of a screen until one is wanted.
func (s *fakeScreen) until(want string) {
	for got := range s.events {
		if got == want {
			return
		}
	}
}

// show shows statuses until the overlay has done something; the first ones may come before
// the overlay has connected.
func (s *fakeScreen) show(d *control.Server, want string, change func(i int) control.Status) {
	for i := 0; ; i++ {
		d.Show(change(i))
		select {
		case got := <-s.events:
			if got == want {
				return
			}
		default:
		}
	}
}

func recording(i int) control.Status { return control.Status{Recording: true, Kept: i % 2} }

// The overlay opens a surface when there is something to show, and closes it when there is
// not. A daemon that ends, and comes back, changes nothing in that.
func TestRun(t *testing.T) {
	s, serve := overlaid(t)
	for range 2 {
		daemon, end := serve()
		s.show(daemon, "open", recording)
		s.until("draw")
		daemon.Show(control.Status{})
		s.until("close")
		s.show(daemon, "open", recording)
		end()
		s.until("close")
	}
}

// A recording that begins while the end of the last one is shown gets a surface of its own,
// because the focus may be on another output now.
func TestNextRecording(t *testing.T) {
	s, serve := overlaid(t)
	daemon, _ := serve()
	s.show(daemon, "open", recording)
	s.show(daemon, "close", func(i int) control.Status {
		return control.Status{Recording: i%2 == 0, Last: control.End{Outcome: control.Kept, Reason: fmt.Sprint(i / 2)}}
	})
	if got := <-s.events; got != "open" {
		t.Errorf("after the old surface: %s, want open", got)
	}
}

// If the display is gone, the overlay opens a new surface as soon as there is one.
func TestDisplayComesBack(t *testing.T) {
	s, serve := overlaid(t)
	daemon, _ := serve()
	s.show(daemon, "open", recording)
	s.until("draw")
	s.breakWith(errors.New("gone"))
	s.show(daemon, "failed", recording)
	s.breakWith(nil)
	s.show(daemon, "open", recording)
	s.until("draw")
}

// With overlay: off nothing is shown, and no level is asked for; a reload of the settings
// changes that.
func TestOff(t *testing.T) {
	s, serve := overlaid(t)
	daemon, _ := serve()
	off := func(i int) control.Status {
		return control.Status{Recording: true, Kept: i % 2, Overlay: control.Overlay{Show: "off"}}
	}
	daemon.Show(off(0))
	on := func(i int) control.Status {
		return control.Status{Recording: true, Kept: i % 2, Overlay: control.Overlay{Show: "on", Position: "top-right", Size: 150}}
	}
	s.show(daemon, "open", on)
	s.mu.Lock()
	if want := (screen.Place{At: paint.Place{Top: true, Align: paint.Right}, Size: 1.5}); s.place != want {
		t.Errorf("it is at %+v, want %+v", s.place, want)
	}
	s.mu.Unlock()
	s.until("draw")
	s.show(daemon, "close", off)
}

func TestPlaceOf(t *testing.T) {
	for _, tt := range []struct {
		settings control.Overlay
		want     screen.Place
	}{
		{control.Overlay{}, screen.Place{Size: 1}},
		{control.Overlay{Position: "bottom", Size: 100}, screen.Place{Size: 1}},
		{control.Overlay{Position: "bottom-left", Size: 50}, screen.Place{At: paint.Place{Align: paint.Left}, Size: .5}},
		{control.Overlay{Position: "top", Size: 1}, screen.Place{At: paint.Place{Top: true}, Size: .5}},
		{control.Overlay{Position: "somewhere", Size: 1 << 30}, screen.Place{Size: 3}},
	} {
		if got := placeOf(tt.settings); got != tt.want {
			t.Errorf("%+v: got %+v, want %+v", tt.settings, got, tt.want)
		}
	}
}

// A daemon that refuses, or whose folder is not there, is asked after longer and longer
// pauses, and the same problem is logged once.
func TestDaemonFails(t *testing.T) {
	refusing := filepath.Join(t.TempDir(), "vocoder.sock")
	l, err := net.Listen("unix", refusing)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go func() { _ = server.Serve(l) }() // it always fails, when it is closed
	t.Cleanup(func() { _ = server.Close() })
	for name, path := range map[string]string{"refuses": refusing, "no folder": filepath.Join(t.TempDir(), "none", "vocoder.sock")} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			var pauses []time.Duration
			ctx, cancel := context.WithCancel(t.Context())
			err := Run(ctx, Options{
				Daemon: control.Client{Path: path}, Log: slog.New(slog.NewTextHandler(&log, nil)),
				wait: func(_ context.Context, d time.Duration) error {
					if pauses = append(pauses, d); len(pauses) == 9 {
						cancel()
					}
					return nil
				},
			})
			if err != nil {
				t.Error(err)
			}
			for i, d := range pauses {
				if want := min(time.Second<<i, time.Minute); d != want {
					t.Errorf("pause %d is %v, want %v", i+1, d, want)
				}
			}
			if n := strings.Count(log.String(), "level=WARN"); n != 1 {
				t.Errorf("%d warnings, want 1:\n%s", n, &log)
			}
		})
	}
}
