package dictate

import (
	"slices"
	"time"
)

// Backlog limits how many utterances are under way, and how many are kept.
const Backlog = 8

// Spare limits how many refused utterances are held. These and the kept ones
// together are at most Backlog.
const Spare = 3

// A phase is what is done with an utterance now.
type phase uint8

const (
	speaking     phase = iota + 1 // the user speaks
	ending                        // the tail is being recorded
	transcribing                  // the recognizer has it
	ready                         // its text waits to be typed
	typing                        // it is being typed
)

// An utterance is the speech of one hold, and what has become of it so far.
type utterance struct {
	ID          ID
	Binding     int
	Phase       phase
	Since       time.Time     // when its recording began, or when it was kept or refused
	Length      time.Duration // of the recording
	Text        string        // from phase ready on: what is still to be typed
	Whole       string        // the whole text
	Left        Partly        // what was left out of it
	Interrupted bool          // typing is being stopped
	Cancelled   bool          // and the rest of the text is not wanted
	Insisted    bool          // it was refused, and the user has retried it
	Stale       bool          // the session was away, or the machine asleep, for too long: its text is kept
}

// A queue holds a few utterances by value, so that a State can be copied.
type queue struct {
	at [Backlog]utterance
	n  int
}

func (q *queue) all() []utterance { return q.at[:q.n] }

func (q *queue) find(id ID) *utterance {
	if i := slices.IndexFunc(q.all(), func(u utterance) bool { return u.ID == id }); i >= 0 {
		return &q.at[i]
	}
	return nil
}

// sound returns how long the recordings are that are held.
func (q *queue) sound() (d time.Duration) {
	for _, u := range q.all() {
		d += u.Length
	}
	return d
}

func (q *queue) push(u utterance) {
	q.at[q.n] = u
	q.n++
}

func (q *queue) remove(id ID) {
	rest := slices.DeleteFunc(q.all(), func(u utterance) bool { return u.ID == id })
	q.n = len(rest)
}

// A State is the whole state of a dictation. The zero State is idle.
type State struct {
	held     uint64    // a bit for each binding that is held
	locked   bool      // the recording, if there is one, goes on without a held key
	quitting bool      // nothing new begins
	absent   uint8     // a bit for each Absence now
	away     time.Time // since when there is an Absence; zero if there is none
	last     ID        // the ID of the newest utterance
	text     string    // the last text that was typed, or could not be
	left     Partly    // what was left out of it
	queue    queue     // under way, oldest first; only the last can be speaking
	kept     queue     // for retry, oldest first
	refused  queue     // for retry where nothing is kept, oldest first
}

// recording returns the utterance that is being spoken, or nil.
func (s *State) recording() *utterance {
	if s.queue.n > 0 && s.queue.at[s.queue.n-1].Phase == speaking {
		return &s.queue.at[s.queue.n-1]
	}
	return nil
}

// Deadline returns when Step must next see an Expire, or the zero Time.
func (s *State) Deadline(p Policy) time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if u := s.recording(); u != nil && p.MaxHold > 0 {
		sooner(u.Since.Add(p.MaxHold))
	}
	if !s.away.IsZero() && slices.ContainsFunc(s.queue.all(), func(u utterance) bool { return u.Phase == ready }) {
		sooner(s.away.Add(p.Stale))
	}
	if s.kept.n > 0 {
		sooner(s.kept.at[0].Since.Add(p.Keep))
	}
	if s.refused.n > 0 {
		sooner(s.refused.at[0].Since.Add(p.Keep))
	}
	return next
}
