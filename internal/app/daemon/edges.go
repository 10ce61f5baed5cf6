package daemon

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// edges are what a daemon has of the machine. A test replaces some of them.
type edges struct {
	devices typing.Devices // of the virtual keyboard
	typist  dictate.Typist // nil is the virtual keyboard

	// keys returns the listener to the bound keys. It calls changed with the state of
	// their devices, or with why it does not listen.
	keys   func(cfg config.Config, changed func(evdev.Status, error)) keyListener
	mic    func(capture.Config) micRecorder
	watch  func(ctx context.Context, changed func(session.State)) error // as session.Watch
	asleep func() time.Duration                                         // as clock.Asleep

	layouts func(ctx context.Context) [][]string // as typing.Desktop.LayoutLanguages

	terminal terminal.Controlling // the one in which the daemon runs
}

// A keyListener listens to the bound keys: evdev.Listener or helper.Listener.
type keyListener interface {
	Run(ctx context.Context, events chan<- key.Event) error
	Alive(ctx context.Context) error
}

// A micRecorder is a capture.Recorder.
type micRecorder interface {
	Run(ctx context.Context) error
	RecordTo(ctx context.Context, stop <-chan struct{}, own capture.Hooks) (pcm.Clip, error)
	Prepare(ctx context.Context) error
	Suspend(ctx context.Context, suspended bool) error
	Alive(ctx context.Context) error
}

// complete sets the edges that are missing to those of the machine.
func (e *edges) complete(d *daemon) {
	switch {
	case e.devices.Open != nil:
	case d.helper != nil:
		e.devices = typing.Helper(d.helper)
	default:
		e.devices = typing.Direct()
	}
	if e.keys == nil {
		e.keys = d.listener
	}
	if e.mic == nil {
		e.mic = func(c capture.Config) micRecorder { return capture.New(c) }
	}
	if e.watch == nil {
		e.watch = session.Watch
	}
	if e.layouts == nil {
		e.layouts = d.desktop.LayoutLanguages
	}
	if e.asleep == nil {
		e.asleep = clock.Asleep
	}
}

// listener returns the listener of the helper, or of this program.
func (d *daemon) listener(cfg config.Config, changed func(evdev.Status, error)) keyListener {
	if d.helper != nil {
		return d.helper.Listener(settings.Bindings(cfg), changed)
	}
	return evdev.New(evdev.Config{
		Bindings: settings.Bindings(cfg), Own: func() string { return d.keyboard.Sysname() },
		Changed: func(s evdev.Status) { changed(s, nil) }, Log: d.log,
	})
}

var (
	_ keyListener = (*evdev.Listener)(nil)
	_ keyListener = (*helper.Listener)(nil)
)
