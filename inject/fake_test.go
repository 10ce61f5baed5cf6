package inject

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
)

const (
	leftShift key.Code = 42
	altGr     key.Code = 100
	dead      key.Code = 40 // with AltGr: the dead diaeresis
	enter     key.Code = 28
)

var plain = sync.OnceValue(func() *keymap.Table { return keymap.US().Table(0, keymap.Locks{}, nil) })

// layout returns the layout of the United States with a dead key, a chord of
// two modifiers and a combining mark. The other way round, y is where z is.
func layout(round bool) *keymap.Table {
	t := plain()
	stroke := func(c key.Code, mods ...key.Code) key.Stroke { return key.Stroke{Mods: mods, Code: c} }
	t = t.With('ü', stroke(dead, altGr), stroke(22)).With('Ü', stroke(dead, altGr), stroke(22, leftShift)).
		With('¿', stroke(53, leftShift, altGr)).With('\u0308', stroke(26, altGr)).
		With('ǖ', slices.Repeat([]key.Stroke{stroke(dead, altGr), stroke(dead)}, 8)...) // longer than a burst
	if round {
		t = t.With('y', stroke(44)).With('z', stroke(21))
	}
	return t
}

// legend is layout by its strokes.
var legend = sync.OnceValue(func() map[string]rune {
	all := map[string]rune{}
	t := layout(false)
	for c := rune(0); c < 0x400; c++ {
		if plan, err := t.Plan(string(c)); err == nil {
			all[fmt.Sprint(plan[0].Strokes)] = c
		}
	}
	all[fmt.Sprint([]key.Stroke{{Code: enter}})] = '\n'
	all[fmt.Sprint([]key.Stroke{{Mods: []key.Code{leftShift}, Code: enter}})] = '⏎'
	return all
})

// A pressed is an event as the fake device saw it.
type pressed struct {
	at   time.Duration
	code key.Code
	down bool
}

var (
	errBroken = errors.New("broken")
	errLate   = fmt.Errorf("after it was pressed: %w", errBroken)
)

// A fakeDevice records what is pressed and reads it as an application would.
// Its reader takes events as they come, unless it is stalled; it has room for
// 64.
type fakeDevice struct {
	t      *testing.T
	begin  time.Time
	events []pressed
	held   []key.Code
	text   []rune

	onWrite func(n int) error // called before the n-th write, from 1
	writes  int
	waits   int
	failed  bool
	stalled chan struct{} // closed when the reader is not stalled any more; nil: never is
	queue   int
	pending []key.Stroke // of a dead key
}

func newDevice(t *testing.T) *fakeDevice { return &fakeDevice{t: t, begin: time.Now()} }

func (d *fakeDevice) Ready(ctx context.Context) error { return ctx.Err() }
func (d *fakeDevice) Down(c key.Code) error           { return d.write(c, true) }
func (d *fakeDevice) Up(c key.Code) error             { return d.write(c, false) }

func (d *fakeDevice) Tap(c key.Code) error {
	if err := d.Down(c); err != nil {
		return err
	}
	return d.Up(c)
}

func (d *fakeDevice) write(c key.Code, down bool) error {
	d.writes++
	if d.onWrite != nil {
		if err := d.onWrite(d.writes); err != nil {
			d.failed = true
			if errors.Is(err, errLate) && down {
				d.held = append(d.held, c)
			}
			return err
		}
	}
	if d.stalled != nil {
		if d.queue += 2; d.queue > 64 {
			d.t.Fatalf("the reader's queue overflowed at event %d", d.queue)
		}
	}
	i := slices.Index(d.held, c)
	if d.failed && !down && i < 0 {
		return nil // the kernel ignores it
	}
	if down == (i >= 0) {
		d.t.Fatalf("key %d: down %t twice", c, down)
	}
	if !down {
		d.held = slices.Delete(d.held, i, i+1)
	} else {
		d.read(c)
		d.held = append(d.held, c)
	}
	d.events = append(d.events, pressed{time.Since(d.begin), c, down})
	return nil
}

// read takes a key that goes down as the layout has it.
func (d *fakeDevice) read(c key.Code) {
	if c == leftShift || c == altGr {
		return
	}
	d.pending = append(d.pending, key.Stroke{Mods: append([]key.Code(nil), d.held...), Code: c})
	if r, ok := legend()[fmt.Sprint(d.pending)]; ok {
		d.text, d.pending = append(d.text, r), nil
	}
}

// Wait is a Gate that opens when the reader is not stalled.
func (d *fakeDevice) Wait(ctx context.Context) error {
	d.waits++
	select {
	case <-d.stalled:
		d.queue = 0
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// up reports a key that is still down.
func (d *fakeDevice) up() {
	d.t.Helper()
	if len(d.held) > 0 {
		d.t.Errorf("keys are down: %d", d.held)
	}
}

// script is what was pressed, as "+42 +30 -30 -42".
func (d *fakeDevice) script() (s string) {
	for i, e := range d.events {
		if i > 0 {
			s += " "
		}
		s += map[bool]string{true: "+", false: "-"}[e.down] + fmt.Sprint(int(e.code))
	}
	return s
}

// hands are physical keyboards.
type hands struct {
	up      chan struct{} // closed when no key is down
	touched bool
}

func (h *hands) Down() bool { return h.touched }

func (h *hands) Up(ctx context.Context) error {
	select {
	case <-h.up:
		return nil
	case <-time.After(3 * time.Second):
		return errors.New("a key is down")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A board is a Paster.
type board struct {
	text  string
	read  bool
	kept  bool // the clipboard keeps the text
	err   error
	chord error // what the chord gave
}

func (b *board) Paste(ctx context.Context, text string, chord func(context.Context) error) (bool, bool, error) {
	if b.err != nil {
		return false, true, b.err
	}
	b.text = text
	b.chord = chord(ctx)
	return b.read, !b.kept, b.chord
}

// An inEffect is the Source of a layout that is always in effect.
type inEffect struct{ layout *keymap.Table }

func (e inEffect) Target(context.Context) (Target, error) { return Target{Layout: e.layout}, nil }
