package evdev

import (
	"cmp"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// bounce is how long a key must be up before its release is believed. The
// contacts of a worn switch open and close again within a few milliseconds;
// no finger taps twice in 20. The press is told at once, and a release still
// carries the moment of the lift, so all this costs is that a listener hears
// of the end up to 20 ms late.
//
//	contact  ▁▁█▁█████████▁█▁▁▁▁▁▁▁▁▁▁
//	told       ↓            ·←20→↑
const bounce = 20 * time.Millisecond

// An edge is a key.Event before its time has become a time of day.
type edge struct {
	binding int
	down    bool
	at      time.Duration // on the kernel's monotonic clock
	cause   key.Cause
}

// holds decides what the strokes of all devices mean for each binding. It
// reads no clock and does no I/O. Whatever is fed to it: for each binding a
// press comes first, presses and releases alternate and their times never go
// backwards; when no device has all of a binding's keys down, it is released
// at the latest once due is called for the moment next asks for. The edges it
// returns are valid until it is fed again.
type holds struct {
	bindings []Binding
	state    []hold
	devices  map[int]*fingers

	edges  []edge // room for those returned
	rising []int  // and for what settle works out
}

// fingers are the keys down on one device.
type fingers struct {
	serves []bool // which bindings listen to the device
	down   Set    // pressed since it joined
	stale  Set    // down already when it joined, of no account until they have been up
}

// A hold is what is known of one binding.
type hold struct {
	formed bool          // all its keys are down
	told   bool          // a press was told and its release was not
	veiled bool          // formed together with a binding of more keys, which was meant
	lifted bool          // told, but up since `since` and perhaps bouncing
	since  time.Duration // when it was lifted
	last   time.Duration // when the last edge told happened
}

func newHolds(bindings []Binding) *holds {
	return &holds{
		bindings: bindings,
		state:    make([]hold, len(bindings)),
		devices:  map[int]*fingers{},
	}
}

// want says that a device is wanted for the keys of the bindings it serves.
func (h *holds) want(d Device) want {
	w := want{serves: make([]bool, len(h.bindings))}
	for i, b := range h.bindings {
		keys := SetOf(b.Keys...).and(d.Keys)
		if keys.empty() || !b.selects(d) {
			continue
		}
		w.serves[i] = true
		w.keys = w.keys.or(keys)
		w.grab = w.grab || b.Grab
	}
	return w
}

// join adds a device on which held are down already: these count only once
// they have been up, for nobody pressed them to speak.
func (h *holds) join(id int, _ Device, w want, held Set) {
	h.devices[id] = &fingers{serves: w.serves, stale: held}
}

// stroke takes a key of a device going down or up.
func (h *holds) stroke(id int, s stroke) []edge {
	f := h.devices[id]
	if f == nil {
		return nil
	}
	edges := h.due(s.at)
	f.stale.remove(s.code)
	if s.down {
		f.down.add(s.code)
	} else {
		f.down.remove(s.code)
	}
	return h.settle(edges, s.at, key.Physical)
}

// sync takes the whole truth about a device, after some of it was lost.
func (h *holds) sync(id int, held Set, at time.Duration) []edge {
	f := h.devices[id]
	if f == nil {
		return nil
	}
	edges := h.due(at)
	f.stale = f.stale.and(held)
	f.down = held.without(f.stale)
	return h.settle(edges, at, key.Resync)
}

// leave takes the end of a device, which lets go of all its keys.
func (h *holds) leave(id int, at time.Duration) []edge {
	edges := h.due(at)
	delete(h.devices, id)
	return h.settle(edges, at, key.Gone)
}

// next returns when due must be called, if nothing happens before.
func (h *holds) next() (at time.Duration, ok bool) {
	for _, b := range h.state {
		if b.lifted && (!ok || b.since+bounce < at) {
			at, ok = b.since+bounce, true
		}
	}
	return at, ok
}

// due releases what has been up for long enough at the time now.
func (h *holds) due(now time.Duration) []edge {
	edges := h.edges[:0]
	for i := range h.state {
		if b := &h.state[i]; b.lifted && now-b.since >= bounce {
			edges = append(edges, h.release(i, b.since, key.Physical))
		}
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	h.edges = edges
	return edges
}

// settle appends the edges that follow from the keys now down.
func (h *holds) settle(edges []edge, at time.Duration, cause key.Cause) []edge {
	rising := h.rising[:0]
	for i := range h.state {
		b, formed := &h.state[i], h.formed(i)
		switch {
		case formed && !b.formed:
			rising = append(rising, i)
		case !formed && b.formed && b.told && cause == key.Physical:
			b.lifted, b.since = true, at
		case !formed && b.formed && b.told:
			edges = append(edges, h.release(i, at, cause))
		}
		b.formed = formed
		b.veiled = b.veiled && formed
	}
	for _, i := range rising {
		edges = h.rise(edges, i, rising, at)
	}
	h.edges, h.rising = edges, rising
	return edges
}

// rise appends what it means that binding i has just been formed.
func (h *holds) rise(edges []edge, i int, rising []int, at time.Duration) []edge {
	b := &h.state[i]
	b.veiled = slices.ContainsFunc(rising, func(j int) bool { return h.bindings[j].covers(h.bindings[i]) })
	if b.lifted && (b.veiled || at-b.since >= bounce) {
		edges = append(edges, h.release(i, b.since, key.Physical))
	}
	b.lifted = false
	if b.veiled || b.told {
		return edges // another was meant, or the contact bounced
	}
	b.told, b.last = true, max(at, b.last)
	return append(edges, edge{i, true, b.last, key.Physical})
}

// release ends the hold of binding i, which was told.
func (h *holds) release(i int, at time.Duration, cause key.Cause) edge {
	b := &h.state[i]
	b.told, b.lifted, b.last = false, false, max(at, b.last)
	return edge{i, false, b.last, cause}
}

// formed reports whether each key of binding i is down on some device that
// serves it. A chord may be spread over devices, as on the two halves of a
// split keyboard.
func (h *holds) formed(i int) bool {
	for _, c := range h.bindings[i].Keys {
		if !h.down(i, c) {
			return false
		}
	}
	return len(h.bindings[i].Keys) > 0
}

func (h *holds) down(i int, c key.Code) bool {
	for _, f := range h.devices {
		if f.serves[i] && f.down.Has(c) {
			return true
		}
	}
	return false
}
