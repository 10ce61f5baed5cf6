package main

import "time"

// What a hold grants. Speech has about 15 characters a second.
const (
	keysPerSecond  = 40  // of the hold
	keysPerHold    = 600 // 400 characters, the longest text that is typed by default, with dead keys
	maxKeysPerHold = 8000
	grantLifetime  = 120 * time.Second // after the release

	// Two taps may be the begin and the end of one dictation. A single one may begin a
	// dictation that silence or its maximum ends.
	tapLimit    = time.Second               // a shorter hold is a tap
	maxTapGap   = 5 * time.Minute           // from the one tap to the other
	tapLifetime = maxTapGap + grantLifetime // after the last hold, if that is a tap
)

// A keyBudget limits how many keys a client may press. Each hold of a bound key
// grants some. The zero value grants none.
type keyBudget struct {
	grants []grant // in the order of their ends; the last is that of the last hold

	pressed, released time.Time // the last hold
}

// A grant is what remains of the keys for one hold.
type grant struct {
	keys     int
	released time.Time
}

// grant adds the keys for a hold. The second of two taps also grants the keys
// for the time between them.
//
//	hold  ──┐ speech ┌──      toggle ─┐┌─ speech ─┐┌─
//	        └────────┘                └┘          └┘
func (b *keyBudget) grant(pressed, released time.Time) {
	length := released.Sub(pressed)
	if !b.pressed.IsZero() && length < tapLimit && b.released.Sub(b.pressed) < tapLimit && pressed.Sub(b.pressed) < maxTapGap {
		length = released.Sub(b.pressed)
	}
	b.pressed, b.released = pressed, released
	b.empty(released) // so that holds for which nothing is typed do not pile up
	b.grants = append(b.grants, grant{max(0, min(keysPerHold+int(length.Seconds()*keysPerSecond), maxKeysPerHold)), released})
}

// empty reports whether no key may be pressed.
func (b *keyBudget) empty(now time.Time) bool {
	for len(b.grants) > 0 {
		lastTap, age := len(b.grants) == 1 && b.released.Sub(b.pressed) < tapLimit, now.Sub(b.grants[0].released)
		if b.grants[0].keys > 0 && (age < grantLifetime || lastTap && age < tapLifetime) {
			return false
		}
		b.grants = b.grants[1:]
	}
	return true
}

// spend takes one key from the budget. It reports whether there was one.
func (b *keyBudget) spend(now time.Time) bool {
	if b.empty(now) {
		return false
	}
	b.grants[0].keys--
	return true
}
