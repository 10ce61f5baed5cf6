// Package osd is the overlay: it follows the daemon's events at the control socket, and shows
// the state of the dictation on the screen. It needs nothing else, and changes nothing.
package osd

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/osd/look"
	"github.com/arealicehole/vocoder/internal/osd/paint"
	"github.com/arealicehole/vocoder/internal/osd/screen"
	"github.com/arealicehole/vocoder/internal/osd/view"
)

// Options say where the daemon and the desktop are.
type Options struct {
	Daemon  control.Client
	Desktop desktop.Config
	Bus     string // the address of the session bus
	Log     *slog.Logger

	open func(context.Context, screen.Place) (screen.Surface, error) // for tests
	look func(context.Context) paint.Look
	wait func(context.Context, time.Duration) error // clock.Sleep
}

// Run shows the overlay until ctx is done. It waits for the daemon, and again when the daemon
// has ended.
func Run(ctx context.Context, o Options) error {
	if o.open == nil {
		o.open = func(ctx context.Context, p screen.Place) (screen.Surface, error) {
			return screen.Open(ctx, desktop.Find(ctx, o.Desktop), p)
		}
	}
	if o.look == nil {
		o.look = func(ctx context.Context) paint.Look { return look.Ask(ctx, o.Bus) }
	}
	if o.wait == nil {
		o.wait = clock.Sleep
	}
	v := &overlay{Options: o, events: make(chan func(*view.Model, time.Time)), looks: make(chan paint.Look)}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { v.follow(ctx) })
	v.run(ctx)
	return nil
}

// An overlay shows a Model. Its loop owns all but events and looks.
type overlay struct {
	Options
	events chan func(*view.Model, time.Time)
	looks  chan paint.Look

	model   view.Model
	painter paint.Painter
	look    paint.Look
	place   screen.Place
	surface screen.Surface // nil while nothing is shown
	began   time.Time      // of the newest recording when surface was opened
	next    time.Time      // when to try to open a surface again
	asking  sync.WaitGroup // for the look
	said    string         // the last problem that was logged
	used    bool           // there was an event since the memory was released
}

// retryPause is the time between two attempts to reach a display.
const retryPause = time.Second

// longestPause is the longest time between two attempts to reach the daemon.
const longestPause = time.Minute

// follow sends the events of the daemon to the loop, until ctx is done. After each failure
// in a row it pauses longer, and it logs the same problem once.
func (o *overlay) follow(ctx context.Context) {
	said, pause := "", retryPause
	for ctx.Err() == nil {
		err := o.Daemon.Await(ctx)
		if err == nil {
			err = o.watch(ctx)
		}
		_ = o.send(ctx, func(m *view.Model, _ time.Time) { m.Lost() }) // fails only if ctx is done
		switch {
		case ctx.Err() != nil:
		case err == nil, errors.Is(err, control.ErrNotRunning):
			said, pause = "", retryPause
		default:
			if err.Error() != said {
				said = err.Error()
				o.Log.Warn("the daemon sends no events", "socket", o.Daemon.Path, "err", err)
			}
			_ = o.wait(ctx, pause) // the loop looks at ctx
			pause = min(2*pause, longestPause)
		}
	}
}

// send has the loop carry out a change of the model.
func (o *overlay) send(ctx context.Context, change func(*view.Model, time.Time)) error {
	select {
	case o.events <- change:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watch sends the events of a daemon until it ends or ctx is done. It asks for levels and
// words only while the settings ask for them.
func (o *overlay) watch(ctx context.Context) error {
	errOther := errors.New("ask for other events")
	for show := view.Off; ; { // until it is known
		events := control.Events{Status: func(s control.Status) error {
			if now := view.Show(s); now != show {
				show = now
				return errOther
			}
			return o.send(ctx, func(m *view.Model, now time.Time) { m.Status(s, now) })
		}}
		if show != view.Off {
			events.Level = func(l control.Level) error {
				return o.send(ctx, func(m *view.Model, _ time.Time) { m.Level(l) })
			}
		}
		if show == view.Words {
			events.Words = func(w control.Partial) error {
				return o.send(ctx, func(m *view.Model, _ time.Time) { m.Words(w) })
			}
		}
		if err := o.Daemon.Follow(ctx, events); !errors.Is(err, errOther) {
			return err
		}
	}
}

// run shows the model until ctx is done.
func (o *overlay) run(ctx context.Context) {
	defer o.asking.Wait()
	defer o.hide()
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	for {
		now := time.Now()
		shown, changes := o.model.View(now)
		if shown.Icon == view.NoIcon {
			o.hide()
		} else {
			o.show(ctx, shown, now)
		}
		var changed <-chan struct{}
		if o.surface != nil {
			changed = o.surface.Changed()
		}
		timer.Stop()
		if !changes.IsZero() {
			timer.Reset(time.Until(changes))
		}
		select {
		case <-ctx.Done():
			return
		case event := <-o.events:
			event(&o.model, time.Now())
			o.used = true
		case o.look = <-o.looks:
		case <-changed:
		case <-timer.C:
		}
	}
}

// show draws a view. If there is no surface yet, it opens one.
func (o *overlay) show(ctx context.Context, v view.View, now time.Time) {
	if began := o.model.Began(); o.surface != nil && !began.Equal(o.began) {
		o.surface.Close() // the user may be at another output than at the last one
		o.surface = nil
	}
	if o.surface == nil {
		if now.Before(o.next) {
			return
		}
		o.place = placeOf(o.model.Overlay())
		surface, err := o.open(ctx, o.place)
		if err != nil {
			o.next = time.Now().Add(retryPause)
			o.problem(err)
			return
		}
		useMemory()
		o.surface, o.began, o.said = surface, o.model.Began(), ""
		o.asking.Go(func() {
			select {
			case o.looks <- o.Options.look(ctx):
			case <-ctx.Done():
			}
		})
	}
	err := o.surface.Draw(func(img *image.RGBA, unit float64) {
		o.painter.Draw(img, v, o.look, o.place.At, unit)
	})
	if err != nil { // a new surface with the next event
		o.problem(err)
		o.surface.Close()
		o.surface = nil
	}
}

// placeOf returns the place that the settings ask for.
func placeOf(s control.Overlay) screen.Place {
	p := screen.Place{At: paint.Place{Top: strings.HasPrefix(s.Position, "top")}, Size: 1}
	switch {
	case strings.HasSuffix(s.Position, "-left"):
		p.At.Align = paint.Left
	case strings.HasSuffix(s.Position, "-right"):
		p.At.Align = paint.Right
	}
	if s.Size > 0 {
		p.Size = float64(min(max(s.Size, 50), 300)) / 100
	}
	return p
}

// problem logs why nothing is shown, once.
func (o *overlay) problem(err error) {
	if text := err.Error(); text != o.said {
		o.said = text
		o.Log.Warn("no overlay", "err", err)
	}
}

// hide removes the surface, and lets go of what drawing needed.
func (o *overlay) hide() {
	if o.surface != nil {
		o.surface.Close()
		o.surface = nil
		o.painter.Forget()
	}
	if o.used {
		o.used = false
		releaseMemory()
	}
}
