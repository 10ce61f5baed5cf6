package evdev

import (
	"cmp"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// bounce is how long a key must be up before its release is reported. The
// contacts of a worn switch open and close again within a few milliseconds, and
// no finger taps twice in 20. A press is reported at once. A release carries the
// time at which the key went up, but is reported up to 20 ms after it.
//
//	contact   ▁▁█▁█████████▁█▁▁▁▁▁▁▁▁▁▁
//	reported    ↓            ·←20→↑
const bounce = 20 * time.Millisecond

// An edge is a key.Event whose time is not yet a time of day.
type edge struct {
	binding int
	down    bool
	at      time.Duration // on CLOCK_MONOTONIC
	cause   key.Cause
}

// holds is the handler that turns the key changes of all devices into holds of
// bindings. It reads no clock and does no I/O. For any input:
//   - for each binding a press comes first, presses and releases alternate, and
//     their times never go backwards;
//   - if no device has all keys of a binding down, that binding is released at
//     the latest when expire is called at the deadline.
//
// The edges that a method returns are valid until the next call.
type holds struct {
	bindings []Binding
	state    []hold
	devices  map[int]*deviceKeys

	edges     []edge // reused for the edges returned
	completed []int  // reused by update
}

// deviceKeys are the keys that are down on one device.
type deviceKeys struct {
	serves  []bool // which bindings listen to the device
	down    Set    // pressed since it was added
	ignored Set    // down when it was added, and not released since
}

// A hold is the state of one binding.
type hold struct {
	complete   bool          // all its keys are down
	superseded bool          // completed together with a binding of more keys, which is meant instead
	reported   bool          // its press was reported and its release was not
	released   bool          // reported, but not complete since releasedAt; perhaps it bounces
	releasedAt time.Duration //
	last       time.Duration // the time of the last edge reported
}

func newHolds(bindings []Binding) *holds {
	return &holds{
		bindings: bindings,
		state:    make([]hold, len(bindings)),
		devices:  map[int]*deviceKeys{},
	}
}

// wants implements handler: the keys of all bindings that listen to the device.
func (h *holds) wants(d Device) interest {
	w := interest{serves: make([]bool, len(h.bindings))}
	for i, b := range h.bindings {
		keys := SetOf(b.Keys...).and(d.Keys)
		if keys.empty() || !b.Selects(d) {
			continue
		}
		w.serves[i] = true
		w.keys = w.keys.or(keys)
		w.grab = w.grab || b.Grab
	}
	return w
}

// added implements handler. Keys that are already down were not pressed to
// speak. They count only after they have been released.
func (h *holds) added(id int, _ Device, w interest, held Set) {
	h.devices[id] = &deviceKeys{serves: w.serves, ignored: held}
}

// key implements handler.
func (h *holds) key(id int, k keyChange) []edge {
	d := h.devices[id]
	if d == nil {
		return nil
	}
	edges := h.expire(k.at)
	d.ignored.remove(k.code)
	if k.down {
		d.down.add(k.code)
	} else {
		d.down.remove(k.code)
	}
	return h.update(edges, k.at, key.Physical)
}

// resynced implements handler.
func (h *holds) resynced(id int, held Set, at time.Duration) []edge {
	d := h.devices[id]
	if d == nil {
		return nil
	}
	edges := h.expire(at)
	d.ignored = d.ignored.and(held)
	d.down = held.without(d.ignored)
	return h.update(edges, at, key.Resync)
}

// removed implements handler: all keys of the device are up.
func (h *holds) removed(id int, at time.Duration) []edge {
	edges := h.expire(at)
	delete(h.devices, id)
	return h.update(edges, at, key.Gone)
}

// deadline implements handler.
func (h *holds) deadline() (at time.Duration, ok bool) {
	for _, b := range h.state {
		if b.released && (!ok || b.releasedAt+bounce < at) {
			at, ok = b.releasedAt+bounce, true
		}
	}
	return at, ok
}

// expire implements handler: it ends the holds that have been up for bounce.
func (h *holds) expire(now time.Duration) []edge {
	edges := h.edges[:0]
	for i := range h.state {
		if b := &h.state[i]; b.released && now-b.releasedAt >= bounce {
			edges = append(edges, h.end(i, b.releasedAt, key.Physical))
		}
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	h.edges = edges
	return edges
}

// update appends the edges that follow from the keys that are down now.
func (h *holds) update(edges []edge, at time.Duration, cause key.Cause) []edge {
	completed := h.completed[:0]
	for i := range h.state {
		b, complete := &h.state[i], h.complete(i)
		switch {
		case complete && !b.complete:
			completed = append(completed, i)
		case !complete && b.complete && b.reported && cause == key.Physical:
			b.released, b.releasedAt = true, at
		case !complete && b.complete && b.reported:
			edges = append(edges, h.end(i, at, cause))
		}
		b.complete = complete
		b.superseded = b.superseded && complete
	}
	for _, i := range completed {
		edges = h.begin(edges, i, completed, at)
	}
	h.edges, h.completed = edges, completed
	return edges
}

// begin appends the edges that follow from binding i being complete, together
// with the other bindings in completed.
func (h *holds) begin(edges []edge, i int, completed []int, at time.Duration) []edge {
	b := &h.state[i]
	b.superseded = slices.ContainsFunc(completed, func(j int) bool { return h.bindings[j].covers(h.bindings[i]) })
	if b.released && b.superseded {
		edges = append(edges, h.end(i, b.releasedAt, key.Physical))
	}
	b.released = false
	if b.superseded || b.reported {
		return edges // a larger binding is meant, or the contact bounced
	}
	b.reported, b.last = true, max(at, b.last)
	return append(edges, edge{i, true, b.last, key.Physical})
}

// end returns the release of binding i, whose press was reported.
func (h *holds) end(i int, at time.Duration, cause key.Cause) edge {
	b := &h.state[i]
	b.reported, b.released, b.last = false, false, max(at, b.last)
	return edge{i, false, b.last, cause}
}

// complete reports whether each key of binding i is down on some device that
// serves it. A chord may be spread over devices, as on the two halves of a
// split keyboard.
func (h *holds) complete(i int) bool {
	keys := h.bindings[i].Keys
	return !slices.ContainsFunc(keys, func(c key.Code) bool { return !h.isDown(i, c) })
}

func (h *holds) isDown(i int, c key.Code) bool {
	for _, d := range h.devices {
		if d.serves[i] && d.down.Has(c) {
			return true
		}
	}
	return false
}
