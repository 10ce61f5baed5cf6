package typing

import (
	"context"
	"errors"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// neutralKey is a key that no layout gives a meaning: KEY_UNKNOWN. Where each keyboard
// has its own layout, that of the keyboard that was pressed last is in effect.
const neutralKey key.Code = 240

// A source implements inject.Source. It finds the target of a text after it has made
// the device the keyboard that was pressed last.
type source struct {
	desktop *Desktop
	device  inject.Device
}

const (
	// wakeLimit is how long a desktop may take from when its session is in use until
	// it reads keyboards. Sway on an emulated processor took three seconds.
	wakeLimit = 15 * time.Second
	// wakeInterval is how often the neutral key is pressed meanwhile.
	wakeInterval = 250 * time.Millisecond
	// wakeDelay is how long a desktop may take from the first keyboard until it reads
	// ours. wlroots opens all keyboards in one turn of its loop.
	wakeDelay = 300 * time.Millisecond
)

// errKeyless is the error while the desktop reads no keyboard.
var errKeyless = errors.New("the desktop reads no keyboard")

// Target implements inject.Source. While the desktop reads no keyboard, it waits and
// presses the neutral key: wlroots opens its keyboards again, but notices them only when
// one of them sends something.
func (s source) Target(ctx context.Context) (inject.Target, error) {
	limit, again := time.NewTimer(wakeLimit), time.NewTicker(wakeInterval)
	defer limit.Stop()
	defer again.Stop()
	for {
		if err := s.device.Tap(neutralKey); err != nil {
			return inject.Target{}, err
		}
		to, err := s.desktop.target(ctx)
		if !errors.Is(err, errKeyless) {
			return to, err
		}
		select {
		case <-to.Changed:
			err = clock.Sleep(ctx, wakeDelay)
		case <-again.C:
			err = nil
		case <-limit.C:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return to, err
		}
	}
}

// target returns the target of a text. Under an input method it has no layout, because
// the method would turn the keys into something else.
func (d *Desktop) target(ctx context.Context) (inject.Target, error) {
	if d.watcher.Password() {
		return inject.Target{}, dictate.Refusal(dictate.Password)
	}
	style := d.Style()
	to := inject.Target{Layout: style.fixed, Pace: pace(style.Pace, desktop.State{}), Chord: strokeOf(style.PasteChord)}
	if style.fixed != nil {
		return to, nil
	}
	state, err := d.watcher.State(ctx)
	if err != nil {
		return to, err
	}
	typing := style.For(state.App)
	to.Changed, to.Pace, to.Chord = state.Changed, pace(typing.Pace, state), strokeOf(typing.PasteChord)
	if state.Keyless {
		return to, errKeyless
	}
	if state.Map != nil {
		to.Chords = d.table(state, deadKeyUseOf(typing.DeadKeys, state))
	}
	to.Limit, to.NoPaste = pasteLimit(typing, state), typing.Paste == "never"
	if state.IME == "" && typing.Paste != "always" {
		to.Layout = to.Chords
	}
	return to, nil
}

// strokeOf returns a chord as its last key with the others held.
func strokeOf(keys []key.Code) key.Stroke {
	if len(keys) == 0 {
		return key.Stroke{}
	}
	last := len(keys) - 1
	return key.Stroke{Mods: keys[:last], Code: keys[last]}
}
