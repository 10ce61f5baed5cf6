package dictate

import (
	"slices"
	"time"
)

// leave ends the recording: there is none while the session is not in use.
func (m *move) leave(ev Away) {
	m.absent |= 1 << ev.Cause
	if !m.away.IsZero() {
		return
	}
	m.away = ev.At
	m.endHold(ev.At)
	m.interrupt()
}

// back ends one cause of being away. If the session was away for long, the window
// that the user spoke to may be another now.
func (m *move) back(ev Back) {
	if m.absent &^= 1 << ev.Cause; m.absent != 0 || m.away.IsZero() {
		return
	}
	if ev.At.Sub(m.away) >= m.policy.Stale {
		m.stale(ev.At)
	}
	m.expire(ev.At)
	m.away = time.Time{}
}

// slept counts the time in which the machine was asleep. A recording has no sound of
// it, so that it does not count for MaxHold.
func (m *move) slept(ev Slept) {
	if !m.away.IsZero() {
		m.away = m.away.Add(-ev.For)
	}
	for _, q := range []*queue{&m.kept, &m.refused} {
		for i := range q.all() {
			q.at[i].Since = q.at[i].Since.Add(-ev.For)
		}
	}
	if ev.For >= m.policy.Stale {
		m.stale(ev.At)
	}
	m.expire(ev.At)
}

// stale keeps the texts that wait to be typed, and has the others that were spoken
// kept when they are ready.
func (m *move) stale(at time.Time) {
	m.interrupt()
	for _, u := range slices.Clone(m.queue.all()) {
		switch u.Phase {
		case speaking:
		case ready:
			m.keep(u, WasAway, at)
		default:
			m.queue.find(u.ID).Stale = true
		}
	}
}
