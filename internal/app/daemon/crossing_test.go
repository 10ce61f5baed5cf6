package daemon

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// A stage is how far an utterance has come when something happens to it.
type stage struct {
	name  string
	reach func(w *world)
}

var errDown = errors.New("down")

// stages are those of an utterance, from the press to a retry. Each stays in its stage until
// all gates are opened.
var stages = []stage{
	{"holding", func(w *world) { w.press() }},
	{"tail", func(w *world) {
		w.close("tail")
		w.press()
		w.release(key.Physical)
		w.inGate("tail")
	}},
	{"transcribed meanwhile", func(w *world) { // while the key is held
		w.close("recognizer")
		w.press()
		w.inGate("recognizer")
	}},
	{"transcribed", func(w *world) {
		w.close("recognizer")
		w.press()
		w.release(key.Physical)
		w.inGate("recognizer")
	}},
	{"typed", func(w *world) {
		w.close("typing")
		w.press()
		w.release(key.Physical)
		w.inGate("typing")
	}},
	{"pasted", func(w *world) {
		w.close("typing")
		w.press()
		w.release(key.Physical)
		w.inGate("typing")
	}},
	{"kept", keptOne},
	{"retried", func(w *world) {
		keptOne(w)
		w.close("recognizer")
		w.do(control.Retry)
		w.inGate("recognizer")
	}},
}

// keptOne has the typing of an utterance fail.
func keptOne(w *world) {
	w.open("recognizer", errDown)
	w.press()
	w.release(key.Physical)
	w.until("it is kept", func() bool { return w.status.Kept == 1 })
	w.open("recognizer", nil)
}

// A happening is something that happens to an utterance. The user releases the key after it.
type happening struct {
	name    string
	happens func(w *world)
	mends   func(w *world) // after all gates are open; may be nil

	// ends has the end of the utterance in each stage, in the order of stages. Ends that are
	// the same in all stages, but for pasting and kept ones, are one word.
	ends string
	cut  []string // the stages in which the second part was not recorded
}

const asUsual = "typed typed typed typed typed pasted kept typed"

var happenings = []happening{
	{name: "nothing", happens: func(*world) {}, ends: asUsual},
	{name: "reload", happens: func(w *world) {
		w.do(control.Reload)
		w.until("the new settings are in use, or wait", func() bool {
			return w.logged["new settings"]+w.logged["new settings after this recording"] > 0
		})
	}, ends: asUsual},
	{name: "reload of bad settings", happens: func(w *world) {
		w.change(func() { w.reload = errDown })
		if err := w.d.Do(w.t.Context(), control.Reload); !errors.Is(err, errDown) {
			w.t.Errorf("the reload says %v", err)
		}
	}, ends: asUsual},
	{name: "reload that panics", happens: func(w *world) {
		w.change(func() { w.panics = true })
		if err := w.d.Do(w.t.Context(), control.Reload); err == nil {
			w.t.Error("the reload succeeds")
		}
	}, ends: asUsual},
	{name: "SIGTERM", happens: func(w *world) { w.end() }, ends: "typed typed typed typed typed pasted kept typed"},
	{name: "short sleep", happens: func(w *world) { w.sleeps(10 * time.Second) }, ends: asUsual},
	{name: "a night asleep", happens: func(w *world) { w.sleeps(5 * time.Minute) },
		ends: "kept kept kept kept kept kept kept kept"},
	{name: "lock", happens: func(w *world) { w.become(session.State{Why: session.Locked}) }, mends: inUse, ends: asUsual},
	{name: "session switch", happens: func(w *world) { w.become(session.State{Why: session.Inactive}) }, mends: inUse, ends: asUsual},
	{name: "sound server gone and back", happens: func(w *world) {
		w.change(func() { close(w.sound); w.sound = make(chan struct{}) })
	}, ends: asUsual, cut: []string{"holding", "transcribed meanwhile"}},
	{name: "helper restarted", happens: func(w *world) { // it saw no hold, and types no text for it
		w.change(func() { w.fails["keyboard"], w.fails["typing"] = errNotHeld, errNotHeld })
		w.release(key.Gone)
	}, ends: "kept kept kept kept kept kept kept kept"},
	{name: "recognizer gone and back", happens: func(w *world) {
		w.open("recognizer", errDown)
		w.close("recognizer")
	}, ends: asUsual},
	{name: "logind gone and back", happens: func(w *world) {
		w.change(func() { w.silent = true })
		w.until("it is away", func() bool { return w.status.Away })
	}, mends: func(w *world) { w.change(func() { w.silent = false }) }, ends: asUsual},
	{name: "keyboard unplugged", happens: func(w *world) { w.release(key.Gone) }, ends: asUsual},
	{name: "cancel", happens: func(w *world) { w.do(control.Cancel) },
		ends: "cancelled cancelled cancelled cancelled cancelled cancelled kept cancelled"},
	{name: "stop", happens: func(w *world) { w.do(control.Stop) }, ends: asUsual},
	{name: "pause", happens: func(w *world) { w.do(control.Pause) }, mends: func(w *world) { w.do(control.Resume) }, ends: asUsual},
}

func inUse(w *world) { w.become(session.State{InUse: true}) }

// sleeps has the machine fall asleep and wake up.
func (w *world) sleeps(d time.Duration) {
	w.become(session.State{Why: session.Asleep})
	w.change(func() { w.asleep += d })
	inUse(w)
}

// TestCrossing has each thing happen to an utterance in each of its stages. In every cell
// the utterance ends once, as the table says. What was kept is typed whole when the user
// retries it. No utterance vanishes, and none is typed twice. A short test is of each fourth
// cell, which are some of each row and column.
func TestCrossing(t *testing.T) {
	t.Parallel()
	for n, h := range happenings {
		ends := strings.Fields(h.ends)
		if len(ends) != len(stages) {
			t.Fatalf("%s: %d ends for %d stages", h.name, len(ends), len(stages))
		}
		for i, s := range stages {
			if testing.Short() && (n+i)%4 != 0 {
				continue
			}
			t.Run(h.name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				cross(t, s, h, ends[i])
			})
		}
	}
}

func cross(t *testing.T, s stage, h happening, end string) {
	w := newWorld(t, s.name == "transcribed meanwhile", s.name == "pasted")
	s.reach(w)
	h.happens(w)
	if h.name != "helper restarted" {
		w.openAll()
	} else {
		w.change(func() { clear(w.held) })
	}
	if h.mends != nil {
		h.mends(w)
	}
	w.lift()
	if h.name == "SIGTERM" {
		w.exit()
	} else {
		w.settle()
	}
	got, _, _ := strings.Cut(w.lastEnd(1), " ")
	if why := w.lastEnd(1); why == "refused cancelled" {
		got = "cancelled"
	}
	if got != end {
		t.Fatalf("it ended as %q, want %s: %s", w.lastEnd(1), end, w)
	}
	if h.name == "reload" {
		w.until("the new settings are in use", func() bool { return w.logged["new settings"] == 1 })
	}
	if h.name == "SIGTERM" {
		return // with it, what was kept is lost; the journal says so
	}
	w.openAll()
	if end == "kept" {
		w.do(control.Retry)
		w.until("the retry is typed", func() bool { return w.status.Kept == 0 && w.status.Waiting == 0 })
	}
	want := "word1 word2"
	switch {
	case end == "cancelled":
		want = "" // what was typed before the cancel stays
	case slices.Contains(h.cut, s.name):
		want = "word1"
	}
	if got := strings.Join(w.words(), " "); got != want && (end != "cancelled" || len(got) > 1) {
		t.Errorf("typed %q, want %q: %s", got, want, w)
	}
}
