package dictate

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A world is a correct program around Step. It checks the invariants at every
// event.
type world struct {
	t         *testing.T
	s         State
	now       time.Time
	held      [3]bool
	away      bool
	recording ID            // 0 for none
	open      map[ID]string // what is done with each utterance under way
	kept      map[ID]bool
	spared    map[ID]bool // refused, and its sound is there
	insisted  map[ID]bool // retried although it was refused
	typing    ID
	leftAt    time.Time   // when the user left
	old       map[ID]bool // spoken before a long absence
}

func newWorld(t *testing.T) *world {
	return &world{t: t, now: epoch, open: map[ID]string{}, kept: map[ID]bool{}, spared: map[ID]bool{}, insisted: map[ID]bool{}, old: map[ID]bool{}}
}

// anyHeld reports whether a bound key is down.
func (w *world) anyHeld() bool { return w.held[0] || w.held[1] || w.held[2] }

// send passes an event to Step and checks the invariants:
// recordings, texts and ends come in order and exactly once.
func (w *world) send(ev Event) {
	var do []Effect
	w.s, do = Step(w.s, policy, ev)
	for _, e := range do {
		w.effect(e)
	}
	for _, u := range w.s.queue.all() {
		if w.open[u.ID] == "" { // it has a text already: a kept one, or the last again
			w.open[u.ID] = "ready"
			delete(w.kept, u.ID)
		}
	}
	if n := len(w.s.refused.all()); n != len(w.spared) || n > Spare || n+w.s.kept.n > Backlog {
		w.t.Fatalf("after %#v: %d refused are held, %d said to be, and %d kept", ev, n, len(w.spared), w.s.kept.n)
	}
	if (w.s.held != 0) != w.anyHeld() {
		w.t.Fatalf("after %#v: held is %v, a key is down: %v", ev, w.s.held != 0, w.anyHeld())
	}
	if got := w.s.recording() != nil; got != (w.recording != 0) {
		w.t.Fatalf("after %#v: recording is %v, the effects say %v", ev, got, !got)
	}
	if deadline := w.s.Deadline(policy); w.recording != 0 && deadline.IsZero() {
		w.t.Fatalf("after %#v: a recording without a deadline", ev)
	}
}

func (w *world) effect(e Effect) {
	switch e := e.(type) {
	case Record:
		if w.recording != 0 || w.away {
			w.t.Fatalf("record(%d) during %d, away %v", e.ID, w.recording, w.away)
		}
		w.recording, w.open[e.ID] = e.ID, "recording"
	case Finish, Discard:
		id := finished(e)
		if w.open[id] != "recording" && w.open[id] != "ending" {
			w.t.Fatalf("%s while %q", format([]Effect{e}), w.open[id])
		}
		if w.recording == id {
			w.recording = 0
		}
		w.open[id] = "ending"
	case Transcribe:
		if w.spared[e.ID] && len(w.kept) > 0 {
			w.t.Fatalf("transcribe(%d), which was refused, while others are kept", e.ID)
		}
		if w.spared[e.ID] {
			w.insisted[e.ID] = true
		}
		if e.Anyway != w.insisted[e.ID] {
			w.t.Fatalf("transcribe(%d): anyway is %v, the user insists: %v", e.ID, e.Anyway, w.insisted[e.ID])
		}
		delete(w.spared, e.ID)
		delete(w.kept, e.ID)
		w.open[e.ID] = "transcribing"
	case Type:
		delete(w.kept, e.ID)
		if w.old[e.ID] {
			w.t.Fatalf("type(%d), which was spoken before a long absence", e.ID)
		}
		if w.anyHeld() || w.away || w.typing != 0 {
			w.t.Fatalf("type(%d) with a key held, away, or while typing %d", e.ID, w.typing)
		}
		for id := range w.open {
			if id < e.ID && w.open[id] != "ready" && w.s.kept.find(id) == nil && w.first(id, e.ID) {
				w.t.Fatalf("type(%d) before %d, which is %s", e.ID, id, w.open[id])
			}
		}
		w.typing, w.open[e.ID] = e.ID, "typing"
	case Ended:
		w.end(e)
	case Forget:
		if !w.kept[e.ID] {
			w.t.Fatalf("forget(%d), which is not kept", e.ID)
		}
		delete(w.kept, e.ID)
	case Wipe:
		if !w.spared[e.ID] {
			w.t.Fatalf("wipe(%d), which is not held", e.ID)
		}
		delete(w.spared, e.ID)
	}
}

// first reports whether a comes before b in the queue.
func (w *world) first(a, b ID) bool {
	for _, u := range w.s.queue.all() {
		switch u.ID {
		case a:
			return true
		case b:
			return false
		}
	}
	return false
}

func (w *world) end(e Ended) {
	if w.open[e.ID] == "" && !w.kept[e.ID] && e.Reason != Busy {
		w.t.Fatalf("ended(%d) twice, or never begun", e.ID)
	}
	delete(w.open, e.ID)
	delete(w.kept, e.ID) // it was retried
	delete(w.old, e.ID)
	if w.typing == e.ID {
		w.typing = 0
	}
	if e.Outcome == Kept {
		w.kept[e.ID] = true
	}
	byWords := e.Outcome == Refused && (e.Reason == Silence || e.Reason == NotSpeech)
	if room := len(w.kept) < Backlog; e.Held != (byWords && !w.insisted[e.ID] && room) {
		w.t.Fatalf("%s %s, held is %v", e.Outcome, e.Reason, e.Held)
	}
	if e.Held {
		w.spared[e.ID] = true
	}
}

func finished(e Effect) ID {
	if f, ok := e.(Finish); ok {
		return f.ID
	}
	return e.(Discard).ID
}

// some returns an utterance in the given phase, or 0.
func (w *world) some(phase string) ID {
	var found ID
	for id, p := range w.open {
		if p == phase && (found == 0 || id < found) {
			found = id
		}
	}
	return found
}

// play makes one thing happen that b chooses, if it can happen now.
func (w *world) play(b byte) {
	w.now = w.now.Add(time.Duration(b%7) * 300 * time.Millisecond)
	binding := int(b>>6) % 3
	switch b % 16 {
	case 0, 1, 2:
		w.held[binding] = true
		w.send(Press{binding, w.now})
	case 3, 4, 5:
		w.held[binding] = false
		w.send(Release{binding, w.now, b%2 == 0})
	case 6, 7:
		id := w.some("ending")
		if b&16 != 0 && w.recording != 0 { // the microphone was unplugged
			id, w.recording = w.recording, 0
		}
		if id != 0 {
			w.open[id] = "recorded"
			w.send(Recorded{ID: id, Length: time.Duration(b&32) * time.Millisecond})
		}
	case 8, 9:
		if id := w.some("transcribing"); id != 0 {
			w.open[id] = "ready"
			why := []Reason{"", Silence, NotSpeech, Taken}[b>>5&3]
			w.send(Heard{ID: id, Text: []string{"", "words"}[b>>4&1], Reason: why, At: w.now})
		}
	case 10:
		if id := w.some("transcribing"); id != 0 {
			w.send(Failed{id, w.now})
		}
	case 11, 12:
		if id := w.typing; id != 0 {
			w.typing, w.open[id] = 0, "ready"
			w.send(Written{id, Typed, "", []string{"", "rest"}[b>>4&1], w.now})
		}
	case 13:
		w.away = !w.away
		if w.away {
			w.leftAt = w.now
			w.send(Away{Absence(b >> 4 & 1), w.now})
		} else {
			w.back()
		}
	case 14:
		d := time.Duration(b) * 4 * time.Second
		if b&16 != 0 {
			w.leave(d)
			w.leftAt = w.leftAt.Add(-d)
			w.send(Slept{d, w.now})
			return
		}
		w.now = w.now.Add(d)
		w.send(Expire{w.now})
	case 15:
		w.send([]Event{Cancel{}, Retry{w.now}, Begin{0, w.now}, End{w.now}, Expire{w.now}, Again{w.now}, Quiet{w.now}, Clear{}, BeginOrEnd{0, w.now}}[int(b>>4)%9])
	}
}

// leave notes which utterances are old after such an absence.
func (w *world) leave(d time.Duration) {
	for id := range w.open {
		if d >= policy.Stale && id != w.recording {
			w.old[id] = true
		}
	}
}

// back ends both causes of being away.
func (w *world) back() {
	w.leave(w.now.Sub(w.leftAt))
	w.send(Back{Session, w.now})
	w.send(Back{Pause, w.now})
}

// settle ends everything under way and checks that nothing is left.
func (w *world) settle() {
	for i := range w.held {
		w.held[i] = false
		w.send(Release{i, w.now, true})
	}
	w.send(End{w.now})
	if w.away {
		w.away = false
		w.back()
	}
	for range 10 * Backlog {
		for _, b := range []byte{6 | 32, 8 | 16, 11} {
			w.play(b)
		}
	}
	if len(w.open) > 0 || w.s.queue.n > 0 {
		w.t.Fatalf("utterances never ended: %v", w.open)
	}
	if len(w.kept) != w.s.kept.n {
		w.t.Fatalf("%d kept, %d said to be", w.s.kept.n, len(w.kept))
	}
	w.now = w.now.Add(policy.Keep)
	w.send(Expire{w.now})
	if len(w.kept)+len(w.spared) > 0 || !w.s.Deadline(policy).IsZero() {
		w.t.Fatalf("after the time to keep: %d kept, %d held", len(w.kept), len(w.spared))
	}
}

// FuzzStep checks the invariants for any sequence of events.
func FuzzStep(f *testing.F) {
	f.Add([]byte{0, 3, 6 | 32, 8 | 16, 11})
	f.Add([]byte{0, 13, 3, 13, 15 | 16, 0, 14, 128, 131})
	f.Fuzz(func(t *testing.T, in []byte) {
		w := newWorld(t)
		for _, b := range in {
			w.play(b)
		}
		w.settle()
	})
}

// TestRandomSequences runs ten thousand sequences of 300 events.
func TestRandomSequences(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 500
	}
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 0))
		w := newWorld(t)
		for range 300 {
			w.play(byte(r.Uint32()))
		}
		w.settle()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("outcome: %d sequences of 300 events", n)
}
