package dictate

import (
	"slices"
	"time"
)

// Backlog is how many utterances may be under way, and how many may be kept.
const Backlog = 8

// Spare is how many refused utterances are held at most. Together with those
// that are kept they are no more than Backlog.
const Spare = 3

// A Phase is how far an utterance has come.
type Phase uint8

const (
	Speaking     Phase = iota + 1 // the user speaks
	Ending                        // the tail is being recorded
	Transcribing                  // with the recogniser
	Ready                         // text, waiting to be typed
	Typing                        // being typed
)

// An Utterance is one hold of the key and what became of it so far.
type Utterance struct {
	ID          ID
	Binding     int
	Phase       Phase
	Since       time.Time // when its recording began; once kept or refused, when that was
	Text        string    // what of it is not delivered yet, from Ready on
	Whole       string    // all of it
	Interrupted bool      // Typing was told to stop
	Cancelled   bool      // and its rest is not wanted
	Insisted    bool      // it was refused, and the user wants its words all the same
}

// A queue holds a few utterances by value, so that a State can be copied.
type queue struct {
	at [Backlog]Utterance
	n  int
}

func (q *queue) all() []Utterance { return q.at[:q.n] }

func (q *queue) find(id ID) *Utterance {
	if i := slices.IndexFunc(q.all(), func(u Utterance) bool { return u.ID == id }); i >= 0 {
		return &q.at[i]
	}
	return nil
}

func (q *queue) push(u Utterance) {
	q.at[q.n] = u
	q.n++
}

func (q *queue) remove(id ID) {
	rest := slices.DeleteFunc(q.all(), func(u Utterance) bool { return u.ID == id })
	q.n = len(rest)
}

// A State is everything that a dictation remembers. The zero State is idle.
type State struct {
	held     uint64    // the bound keys that are down, a bit for each binding
	locked   bool      // the recording goes on without a held key
	quitting bool      // nothing new begins
	absent   uint8     // the causes why nothing is heard or typed, a bit for each Absence
	away     time.Time // since when there is one; zero if there is none
	last     ID        // the newest utterance
	text     string    // the last one that was typed, or could not be
	queue    queue     // under way, oldest first; only the last can be Speaking
	kept     queue     // for retry, oldest first
	refused  queue     // for retry where nothing is kept, oldest first
}

// recording returns the utterance that is being spoken, or nil.
func (s *State) recording() *Utterance {
	if s.queue.n > 0 && s.queue.at[s.queue.n-1].Phase == Speaking {
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
	if !s.away.IsZero() && slices.ContainsFunc(s.queue.all(), func(u Utterance) bool { return u.Phase == Ready }) {
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
