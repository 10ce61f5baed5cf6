package inject

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A Device is a keyboard to press keys on. Ready waits until no key that is pressed is
// lost; the others do not wait. Tap presses a key and releases it at once. If Tap fails,
// Up must release the key.
type Device interface {
	Ready(ctx context.Context) error
	Down(c key.Code) error
	Up(c key.Code) error
	Tap(c key.Code) error
}

var _ Device = (*Keyboard)(nil)

// A Gate is a round trip to the program that reads the device. Wait returns once the
// reader has processed all that was pressed before the call. It may be slow, and waits for
// as long as the reader is stopped.
type Gate interface {
	Wait(ctx context.Context) error
}

// A Pace is how fast keys follow each other. The zero Pace is Careful.
type Pace struct {
	Gap      time.Duration // from a key to the next, half of it if the one before was late
	ModGap   time.Duration // before and after modifiers change
	Together bool          // a burst of keys comes at once, and all its gaps, whole ones, after it
	Pause    time.Duration // without a Gate, after each burst; 0 is 100 ms
}

// Careful is right everywhere. IBus, which GNOME uses, does not send keys and modifiers
// the same way. It loses or keeps a Shift that comes within some milliseconds of a letter
// (github.com/ibus/ibus issues 2008 and 2600).
var Careful = Pace{Gap: 5 * time.Millisecond, ModGap: 10 * time.Millisecond}

// Even is for compositors that send keys and modifiers in order. A compositor with a
// thread for its keyboards may answer a Gate before that thread has read the keys. So it
// gets time for each key.
var Even = Pace{Gap: 5 * time.Millisecond, ModGap: 2 * time.Millisecond}

// Brisk is for compositors whose Gate proves that all keys were processed. They send a
// burst to the window at once, and a stopped window has room for more keys that way: under
// sway 1.7, 400 single keys ended foot, and 400 keys in bursts did not.
var Brisk = Pace{Gap: 2 * time.Millisecond, Together: true}

// burst is how many events may wait in the queue of a reader, which has room for 64. The
// other 24 are for a reader that has not finished the last burst.
const burst = 40

// A keyPresser presses the keys of texts. It knows what it holds down. It releases a key
// as soon as it has pressed it. Wayland's windows repeat a key by their own clock until
// they get its release. With a compositor that was busy between the two for longer than
// its repeat_delay, "€" became "€€€€€€€€". The window gets at once what the reader finds
// in its queue. So a key of text is one call of the device.
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

func (k *keyPresser) use(dev Device, p Pace, g Gate) {
	if p == (Pace{}) {
		p = Careful
	}
	p.Pause = cmp.Or(p.Pause, 100*time.Millisecond)
	k.dev, k.pace, k.gate = dev, p, g
	if g == nil && time.Since(k.last) >= p.Pause {
		k.events = 0
	}
}

// character presses and releases the strokes of one character, once there is room for
// them. After the first stroke ctx does not stop it, because half a dead key would spoil
// what the user types next. Only a character longer than a burst waits for the reader
// meanwhile, and may be stopped there.
func (k *keyPresser) character(ctx context.Context, strokes []key.Stroke) error {
	if err := k.room(ctx, cost(strokes)); err != nil {
		return err
	}
	for i, s := range strokes {
		if i > 0 && cost(strokes) > burst {
			if err := k.room(ctx, cost(strokes[i:i+1])); err != nil {
				return err
			}
		}
		if err := k.stroke(s); err != nil {
			return err
		}
	}
	return nil
}

// room waits until there is room for events and for the release of what is held.
func (k *keyPresser) room(ctx context.Context, events int) error {
	if k.events > 0 && k.events+events+2*len(k.held) > burst {
		return k.flush(ctx)
	}
	return nil
}

// flush waits until the reader has processed what was pressed, and for the gaps of the
// burst.
func (k *keyPresser) flush(ctx context.Context) error {
	var err error
	if k.gate != nil {
		err = k.gate.Wait(ctx)
	} else {
		err = clock.Sleep(ctx, k.pace.Pause)
	}
	if err == nil && k.pace.Together {
		err = clock.Sleep(ctx, time.Until(k.due))
	}
	if err == nil {
		k.events = 0
	}
	return err
}

// stroke presses a key and releases it. Its modifiers stay down for the next stroke.
func (k *keyPresser) stroke(s key.Stroke) error {
	if err := k.hold(s.Mods); err != nil {
		return err
	}
	switch {
	case k.pace.Together:
	case k.modded:
		k.after(k.pace.ModGap)
	default:
		k.after(max(k.pace.Gap/2, k.due.Sub(k.last)))
	}
	if err := k.tap(s.Code); err != nil {
		return err
	}
	k.plan()
	k.modded = false
	return nil
}

// plan sets when the next key may go down. Each timer is late by some tenths of a
// millisecond. So plan counts from when this key should have gone down, unless that is
// long ago.
func (k *keyPresser) plan() {
	if k.last.Sub(k.due) > k.pace.Gap {
		k.due = k.last
	}
	k.due = k.due.Add(k.pace.Gap)
}

// hold changes the modifiers that are down to mods. What both begin with stays down.
func (k *keyPresser) hold(mods []key.Code) error {
	same := 0
	for same < min(len(mods), len(k.held)) && mods[same] == k.held[same] {
		same++
	}
	if same == len(mods) && same == len(k.held) {
		return nil
	}
	k.after(k.pace.ModGap)
	for len(k.held) > same {
		if err := k.up(); err != nil {
			return err
		}
	}
	for _, c := range mods[same:] {
		if err := k.down(c); err != nil {
			return err
		}
	}
	k.modded = true
	return nil
}

// after waits until d after the last event.
func (k *keyPresser) after(d time.Duration) {
	if !k.last.IsZero() {
		_ = clock.Sleep(context.Background(), d-time.Since(k.last)) // Background is never done
	}
}

func (k *keyPresser) down(c key.Code) error {
	k.held = append(k.held, c) // first, because after a failure it may be down
	err := k.dev.Down(c)
	k.wrote()
	return err
}

// tap presses a key and releases it.
func (k *keyPresser) tap(c key.Code) error {
	k.held = append(k.held, c) // as down does
	if err := k.dev.Tap(c); err != nil {
		return err
	}
	k.held = k.held[:len(k.held)-1]
	k.wrote()
	k.wrote()
	return nil
}

// up releases the key that was pressed last.
func (k *keyPresser) up() error {
	c := k.held[len(k.held)-1]
	if err := k.dev.Up(c); err != nil {
		return err
	}
	k.held = k.held[:len(k.held)-1]
	k.wrote()
	return nil
}

func (k *keyPresser) wrote() {
	k.events += 2 // the key and SYN_REPORT
	k.last = time.Now()
}

// release releases every key, also after a failure.
func (k *keyPresser) release() error {
	var errs []error
	for i := len(k.held) - 1; i >= 0; i-- {
		errs = append(errs, k.dev.Up(k.held[i]))
	}
	k.held = nil
	return errors.Join(errs...)
}
