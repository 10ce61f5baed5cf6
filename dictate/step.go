// Package dictate decides what a push-to-talk key does. Step is the decision, a
// pure function. Dictation.Run carries it out.
package dictate

import (
	"cmp"
	"slices"
	"time"
)

// Step returns the state after ev, and the effects to carry out in order. It reads
// no clock and starts nothing. It is total: any event is valid in any state, and
// one without a meaning there does nothing.
func Step(s State, p Policy, ev Event) (State, []Effect) {
	m := move{State: s, policy: p}
	switch ev := ev.(type) {
	case Press:
		m.press(ev)
	case Release:
		m.release(ev)
	case Begin:
		m.begin(ev)
	case End:
		m.finish()
	case BeginOrEnd:
		if m.recording() != nil {
			m.finish()
		} else {
			m.begin(Begin(ev))
		}
	case Quiet:
		if u := m.recording(); u != nil && m.locked && !ev.Since.Before(u.Since) {
			m.finish()
		}
	case Cancel:
		m.cancel()
	case Clear:
		m.clear()
	case Retry:
		m.retry(ev.At)
	case Again:
		m.again(ev.At)
	case Away:
		m.leave(ev)
	case Back:
		m.back(ev)
	case Slept:
		m.slept(ev)
	case Quit:
		m.quitting = true
		m.endHold(ev.At)
	case Expire:
		m.expire(ev.At)
	case Recorded:
		m.recorded(ev)
	case Heard:
		m.heard(ev)
	case Failed:
		if u := m.queue.find(ev.ID); u != nil && u.Phase == transcribing {
			m.keep(*u, NoAnswer, ev.At)
		}
	case Written:
		m.written(ev)
	}
	m.settle()
	return m.State, m.do
}

// A move is one Step under way.
type move struct {
	State
	policy Policy
	do     []Effect
}

func (m *move) emit(e Effect) { m.do = append(m.do, e) }

// bit returns the bit of a binding in State.held. Bindings past the 64th share the
// last bit.
func bit(binding int) uint64 { return 1 << min(max(binding, 0), 63) }

func (m *move) press(ev Press) {
	again := m.held&bit(ev.Binding) != 0
	m.held |= bit(ev.Binding)
	m.interrupt()
	if again || !m.away.IsZero() || m.quitting {
		return
	}
	if u := m.recording(); u != nil {
		if !m.locked {
			return // a second key during the hold of the first
		}
		same := u.Binding == ev.Binding
		m.finish()
		if same {
			return
		}
	}
	m.record(ev.Binding, ev.At)
	m.locked = m.recording() != nil && m.policy.mode(ev.Binding) == Toggle
}

func (m *move) release(ev Release) {
	m.held &^= bit(ev.Binding)
	u := m.recording()
	if u == nil || m.locked || u.Binding != ev.Binding {
		return
	}
	tap := ev.At.Sub(u.Since) < m.policy.Tap
	if tap && !ev.Forced && m.policy.mode(u.Binding) == Auto {
		m.locked = true
		return
	}
	m.endHold(ev.At)
}

// endHold ends the recording, if there is one. A slip is discarded, a longer one
// transcribed.
func (m *move) endHold(at time.Time) {
	u := m.recording()
	if u == nil {
		return
	}
	if at.Sub(u.Since) < m.policy.MinHold {
		m.discard(*u, Slip)
		return
	}
	m.finish()
}

func (m *move) begin(ev Begin) {
	if m.recording() != nil || !m.away.IsZero() || m.quitting {
		return
	}
	m.record(ev.Binding, ev.At)
	m.locked = m.recording() != nil
}

func (m *move) record(binding int, at time.Time) {
	m.last++
	if m.queue.n == Backlog {
		m.emit(Ended{ID: m.last, Outcome: Refused, Reason: Busy})
		return
	}
	m.queue.push(utterance{ID: m.last, Binding: binding, Phase: speaking, Since: at})
	m.emit(Record{m.last, binding})
}

func (m *move) finish() {
	u := m.recording()
	if u == nil {
		return
	}
	u.Phase = ending
	m.emit(Finish{u.ID})
}

func (m *move) discard(u utterance, why Reason) {
	m.emit(Discard{u.ID})
	m.end(u.ID, Refused, why)
}

// end takes an utterance out of the queue.
func (m *move) end(id ID, how Outcome, why Reason) {
	m.queue.remove(id)
	m.emit(Ended{ID: id, Outcome: how, Reason: why})
}

// refuse ends an utterance for its sound or words. A refusal is usually right, so
// the utterance is not kept. Its sound is held for a while, because the user may
// retry it. If a retry has no words either, it is not held again.
func (m *move) refuse(u utterance, why Reason, at time.Time) {
	if u.Insisted || why != Silence && why != NotSpeech || m.kept.n == Backlog {
		m.end(u.ID, Refused, why)
		return
	}
	m.queue.remove(u.ID)
	m.emit(Ended{ID: u.ID, Outcome: Refused, Reason: why, Held: true})
	if m.refused.n == Spare || m.kept.n+m.refused.n == Backlog {
		m.wipe(m.refused.at[0].ID)
	}
	u.Since, u.Stale = at, false
	m.refused.push(u)
	m.limitSound()
}

func (m *move) wipe(id ID) {
	m.refused.remove(id)
	m.emit(Wipe{id})
}

// keep moves an utterance from the queue to the kept ones, and forgets the oldest
// of these if there are too many. Its text, if it has one, becomes the last text.
func (m *move) keep(u utterance, why Reason, at time.Time) {
	m.end(u.ID, Kept, why)
	if u.Whole != "" {
		m.text, m.left = u.Whole, u.Left
	}
	if m.refused.n > 0 && m.kept.n+m.refused.n == Backlog {
		m.wipe(m.refused.at[0].ID)
	}
	if m.kept.n == Backlog {
		m.forget(Forget{m.kept.at[0].ID, true})
	}
	u.Since, u.Interrupted, u.Stale = at, false, false
	if u.Text != "" {
		u.Length = 0 // its sound is not needed any more
	}
	m.kept.push(u)
	m.limitSound()
}

// limitSound makes the sound that is held fit: that of refused utterances goes first, then
// that of the oldest kept ones. The newest stays.
func (m *move) limitSound() {
	for m.policy.Sound > 0 && m.kept.sound()+m.refused.sound() > m.policy.Sound {
		i := slices.IndexFunc(m.kept.all(), func(u utterance) bool { return u.Length > 0 })
		switch {
		case m.refused.n > 0 && (i >= 0 || m.refused.n > 1):
			m.wipe(m.refused.at[0].ID)
		case i >= 0 && i < m.kept.n-1:
			m.forget(Forget{m.kept.at[i].ID, true})
		default:
			return
		}
	}
}

func (m *move) forget(f Forget) {
	m.kept.remove(f.ID)
	m.emit(f)
}

// retry moves kept utterances to the queue while there is room. If none is kept,
// it moves the newest refused one.
func (m *move) retry(at time.Time) {
	if m.queue.n == Backlog || m.recording() != nil || m.quitting {
		return
	}
	if n := m.refused.n; m.kept.n == 0 && n > 0 {
		u := m.refused.at[n-1]
		m.refused.remove(u.ID)
		u.Since, u.Phase, u.Insisted = at, transcribing, true
		m.emit(Transcribe{u.ID, true})
		m.queue.push(u)
		return
	}
	for m.kept.n > 0 && m.queue.n < Backlog {
		u := m.kept.at[0]
		m.kept.remove(u.ID)
		u.Since = at
		if u.Text != "" {
			u.Phase = ready
		} else {
			u.Phase = transcribing
			m.emit(Transcribe{u.ID, u.Insisted})
		}
		m.queue.push(u)
	}
}

// again types the last text as a separate utterance.
func (m *move) again(at time.Time) {
	if m.text == "" || m.queue.n == Backlog || m.recording() != nil || m.quitting {
		return
	}
	m.last++
	m.queue.push(utterance{ID: m.last, Phase: ready, Since: at, Text: m.text, Whole: m.text, Left: m.left})
}

// cancel discards the recording or, if there is none, all utterances.
func (m *move) cancel() {
	if u := m.recording(); u != nil {
		m.discard(*u, Cancelled)
		return
	}
	for _, u := range slices.Clone(m.queue.all()) {
		switch u.Phase {
		case ending:
			m.discard(u, Cancelled)
		case transcribing:
			m.emit(Drop{u.ID})
			m.end(u.ID, Refused, Cancelled)
		case ready:
			m.end(u.ID, Refused, Cancelled)
		case typing:
			m.queue.find(u.ID).Cancelled = true
			m.interrupt()
		}
	}
}

// clear forgets what could be retried.
func (m *move) clear() {
	for m.kept.n > 0 {
		m.forget(Forget{ID: m.kept.at[0].ID})
	}
	for m.refused.n > 0 {
		m.wipe(m.refused.at[0].ID)
	}
}

// interrupt stops typing: a key that the user presses now would mix with it.
func (m *move) interrupt() {
	if m.queue.n == 0 {
		return
	}
	if u := &m.queue.at[0]; u.Phase == typing && !u.Interrupted {
		u.Interrupted = true
		m.emit(Interrupt{u.ID})
	}
}

func (m *move) expire(at time.Time) {
	if u := m.recording(); u != nil && m.policy.MaxHold > 0 && at.Sub(u.Since) >= m.policy.MaxHold {
		m.finish()
	}
	if !m.away.IsZero() && at.Sub(m.away) >= m.policy.Stale {
		for _, u := range slices.Clone(m.queue.all()) {
			if u.Phase == ready {
				m.keep(u, WasAway, at)
			}
		}
	}
	for m.kept.n > 0 && at.Sub(m.kept.at[0].Since) >= m.policy.Keep {
		m.forget(Forget{m.kept.at[0].ID, true})
	}
	for m.refused.n > 0 && at.Sub(m.refused.at[0].Since) >= m.policy.Keep {
		m.wipe(m.refused.at[0].ID)
	}
}

func (m *move) recorded(ev Recorded) {
	u := m.queue.find(ev.ID)
	if u == nil || u.Phase > ending {
		return
	}
	if ev.Length == 0 {
		m.end(u.ID, Refused, cmp.Or(ev.Reason, NoSound))
		return
	}
	u.Phase, u.Length = transcribing, ev.Length
	m.emit(Transcribe{ID: u.ID})
}

func (m *move) heard(ev Heard) {
	u := m.queue.find(ev.ID)
	if u == nil || u.Phase != transcribing {
		return
	}
	if ev.Text == "" || ev.Reason != "" {
		if ev.Text != "" {
			m.text, m.left = ev.Text, Partly{}
		}
		m.refuse(*u, cmp.Or(ev.Reason, Silence), ev.At)
		return
	}
	u.Phase, u.Text, u.Whole, u.Left = ready, ev.Text, ev.Text, ev.Left
	if u.Stale {
		m.keep(*u, WasAway, ev.At)
	}
}

func (m *move) written(ev Written) {
	u := m.queue.find(ev.ID)
	if u == nil || u.Phase != typing {
		return
	}
	switch {
	case ev.Rest == "":
		m.text, m.left = u.Whole, u.Left
		m.end(u.ID, ev.How, ev.Why)
	case u.Cancelled:
		m.end(u.ID, Refused, Cancelled)
	case u.Stale:
		u.Text = ev.Rest
		m.keep(*u, WasAway, ev.At)
	case u.Interrupted:
		u.Phase, u.Text, u.Interrupted = ready, ev.Rest, false
	default:
		u.Text = ev.Rest
		m.keep(*u, cmp.Or(ev.Why, NotTyped), ev.At)
	}
}

// settle types the oldest utterance when it has its text, so that texts are typed
// in the order in which they were spoken. It waits while a bound key is down: the
// key may be a modifier, with which every character would be a shortcut.
func (m *move) settle() {
	if m.queue.n == 0 || m.held != 0 || !m.away.IsZero() {
		return
	}
	if u := &m.queue.at[0]; u.Phase == ready {
		u.Phase = typing
		m.emit(Type{u.ID, u.Text})
	}
}
