package inject

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A Device is a keyboard to press keys on. Ready waits until what is pressed is
// not lost; the others do not wait. Tap presses a key and releases it, with as
// little in between as can be; if it fails, Up has to release it.
type Device interface {
	Ready(ctx context.Context) error
	Down(c key.Code) error
	Up(c key.Code) error
	Tap(c key.Code) error
}

var _ Device = (*Keyboard)(nil)

// A Gate is a round trip to what reads the device: Wait returns once all that
// was pressed before the call has been taken. It may be slow, and waits for as
// long as the reader is stopped.
type Gate interface {
	Wait(ctx context.Context) error
}

// A Pace is how fast keys follow each other. Its zero value is Careful.
type Pace struct {
	Gap      time.Duration // from a key to the next, half of it if the one before was late
	ModGap   time.Duration // before and after modifiers change
	Together bool          // a burst of keys comes at once and their gaps after it, which have no halves
	Pause    time.Duration // without a Gate, after each burst; 0 is 100 ms
}

// Careful is right everywhere. IBus, which GNOME has on, passes keys on by
// another way than modifiers, and loses or keeps a Shift that comes within some
// milliseconds of a letter (github.com/ibus/ibus issues 2008 and 2600).
var Careful = Pace{Gap: 5 * time.Millisecond, ModGap: 10 * time.Millisecond}

// Even is for compositors that pass keys and modifiers on in order. One with a
// thread for its keyboards opens a Gate although that thread is behind; so it gets
// time for each key.
var Even = Pace{Gap: 5 * time.Millisecond, ModGap: 2 * time.Millisecond}

// Brisk is for those whose Gate tells for certain that all was taken. What comes
// together they send to the window together, which is how much of it a stopped
// window has room for: under sway 1.7, 400 keys each by itself ended foot, and
// 400 in bursts did not.
var Brisk = Pace{Gap: 2 * time.Millisecond, Together: true}

// burst is how many events may be under way to a reader whose queue has 64.
// The rest is for a reader that has not finished the burst before.
const burst = 40

// A keyPresser presses the keys of texts. It knows what it holds down. A key is let go
// as soon as it is pressed: Wayland's windows repeat a key by their own clock
// until they see its release, and a compositor that is busy between the
// two for longer than its repeat_delay had "€" become "€€€€€€€€". What the
// reader finds in its queue together, the window gets together; so a key of text is
// one call of the device's, within which this program cannot be kept waiting.
//
//	Shift ──┐                              ┌──
//	        └──────────────────────────────┘
//	key   ──────────┐┌────────┐┌──────────────
//	                └┘        └┘
//	          ModGap    Gap      ModGap
//
//	together, before a Gate ┐┌┐┌┐┌┐┌───────────────┐┌┐┌
//	                        └┘└┘└┘└┘               └┘└┘
//	                                four of Gap
type keyPresser struct {
	dev  Device
	pace Pace
	gate Gate // nil: pauses

	held   []key.Code // in pressing order
	last   time.Time  // of the last event
	due    time.Time  // of the next key that goes down
	modded bool       // the last event was that of a modifier
	events int        // since the last round trip
}

func (h *keyPresser) use(dev Device, p Pace, g Gate) {
	if p == (Pace{}) {
		p = Careful
	}
	p.Pause = cmp.Or(p.Pause, 100*time.Millisecond)
	h.dev, h.pace, h.gate = dev, p, g
	if g == nil && time.Since(h.last) >= p.Pause {
		h.events = 0
	}
}

// character presses and releases the strokes of one character, having made sure
// that there is room for them. Once begun it is not stopped by ctx: half a dead
// key would spoil what the user types next. Only one that is longer than a burst
// waits for the reader meanwhile, and there may be stopped.
func (h *keyPresser) character(ctx context.Context, strokes []key.Stroke) error {
	if err := h.room(ctx, cost(strokes)); err != nil {
		return err
	}
	for i, s := range strokes {
		if i > 0 && cost(strokes) > burst {
			if err := h.room(ctx, cost(strokes[i:i+1])); err != nil {
				return err
			}
		}
		if err := h.stroke(s); err != nil {
			return err
		}
	}
	return nil
}

// room makes room for events, and for the release of what is held.
func (h *keyPresser) room(ctx context.Context, events int) error {
	if h.events > 0 && h.events+events+2*len(h.held) > burst {
		return h.flush(ctx)
	}
	return nil
}

// flush waits until the reader has taken what was pressed, and for the gaps that
// a burst is owed.
func (h *keyPresser) flush(ctx context.Context) error {
	var err error
	if h.gate != nil {
		err = h.gate.Wait(ctx)
	} else {
		err = clock.Sleep(ctx, h.pace.Pause)
	}
	if err == nil && h.pace.Together {
		err = clock.Sleep(ctx, time.Until(h.due))
	}
	if err == nil {
		h.events = 0
	}
	return err
}

// stroke presses a key and lets it go. Its modifiers stay down for the next.
func (h *keyPresser) stroke(s key.Stroke) error {
	if err := h.hold(s.Mods); err != nil {
		return err
	}
	switch {
	case h.pace.Together:
	case h.modded:
		h.after(h.pace.ModGap)
	default:
		h.after(max(h.pace.Gap/2, h.due.Sub(h.last)))
	}
	if err := h.tap(s.Code); err != nil {
		return err
	}
	h.plan()
	h.modded = false
	return nil
}

// plan sets when the next key may go down. Timers are late by some tenths of a
// millisecond, each time; so it counts from when this key should have gone down,
// unless that is long ago.
func (h *keyPresser) plan() {
	if h.last.Sub(h.due) > h.pace.Gap {
		h.due = h.last
	}
	h.due = h.due.Add(h.pace.Gap)
}

// hold changes the modifiers that are down to mods. What both begin with stays.
func (h *keyPresser) hold(mods []key.Code) error {
	same := 0
	for same < min(len(mods), len(h.held)) && mods[same] == h.held[same] {
		same++
	}
	if same == len(mods) && same == len(h.held) {
		return nil
	}
	h.after(h.pace.ModGap)
	for len(h.held) > same {
		if err := h.up(); err != nil {
			return err
		}
	}
	for _, c := range mods[same:] {
		if err := h.down(c); err != nil {
			return err
		}
	}
	h.modded = true
	return nil
}

// after waits until d after the last event.
func (h *keyPresser) after(d time.Duration) {
	if !h.last.IsZero() {
		_ = clock.Sleep(context.Background(), d-time.Since(h.last)) // which is never done
	}
}

func (h *keyPresser) down(c key.Code) error {
	h.held = append(h.held, c) // before, as a failure does not tell whether it is down
	err := h.dev.Down(c)
	h.wrote()
	return err
}

// tap presses a key and lets it go.
func (h *keyPresser) tap(c key.Code) error {
	h.held = append(h.held, c) // as down does
	if err := h.dev.Tap(c); err != nil {
		return err
	}
	h.held = h.held[:len(h.held)-1]
	h.wrote()
	h.wrote()
	return nil
}

// up releases what was pressed last.
func (h *keyPresser) up() error {
	c := h.held[len(h.held)-1]
	if err := h.dev.Up(c); err != nil {
		return err
	}
	h.held = h.held[:len(h.held)-1]
	h.wrote()
	return nil
}

func (h *keyPresser) wrote() {
	h.events += 2 // the key and SYN_REPORT
	h.last = time.Now()
}

// release releases everything, whatever fails.
func (h *keyPresser) release() error {
	var errs []error
	for i := len(h.held) - 1; i >= 0; i-- {
		errs = append(errs, h.dev.Up(h.held[i]))
	}
	h.held = nil
	return errors.Join(errs...)
}
