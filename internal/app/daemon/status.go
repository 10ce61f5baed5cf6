package daemon

import (
	"reflect"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/usage"
)

// A board collects what each part of the daemon says of itself and makes one
// line of it. It is safe for concurrent use.
type board struct {
	show func(line string, s control.Status) // is called at each change; line is without advice

	mu  sync.Mutex
	key string // the bound keys, for people

	languages string // that are expected
	note      string // what is wrong with that

	lacks   map[control.Part]string
	advice  map[control.Part]string // added to lacks for clients alone
	away    string                  // why the session is not in use
	paused  control.PauseReason     // why the user does not want to be heard
	ended   time.Time
	working dictate.Status
	shown   control.Status
	last    string
}

// The parts without which the user cannot dictate.
var needed = []control.Part{control.Key, control.Microphone, control.Keyboard}

// lack notes what a part is waiting for; nothing if it is well.
func (b *board) lack(part control.Part, what string) { b.explain(part, what, "") }

// explain is lack with more for clients, who show it to the user alone: the line
// of a board also stands in the journal.
func (b *board) explain(part control.Part, what, more string) {
	b.update(func() {
		if b.lacks == nil {
			b.lacks, b.advice = map[control.Part]string{}, map[control.Part]string{}
		}
		b.lacks[part], b.advice[part] = what, more
	})
}

// well reports whether no part lacks anything.
func (b *board) well(parts ...control.Part) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range parts {
		if b.lacks[p] != "" {
			return false
		}
	}
	return true
}

// known reports whether all of these parts have said how they are.
func (b *board) known(parts ...control.Part) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.told(parts...)
}

func (b *board) told(parts ...control.Part) bool {
	for _, p := range parts {
		if _, ok := b.lacks[p]; !ok {
			return false
		}
	}
	return true
}

// name notes the bound keys, for people.
func (b *board) name(keys string) { b.update(func() { b.key = keys }) }

// speak notes which languages are expected, and what is wrong with that.
func (b *board) speak(languages, note string) {
	b.update(func() { b.languages, b.note = languages, note })
}

// pause notes why the user does not want to be heard; nothing if that is over.
func (b *board) pause(why control.PauseReason) { b.update(func() { b.paused = why }) }

// recording reports whether the microphone is listened to.
func (b *board) recording() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.working.Recording
}

// retriable reports whether a retry has something to take up.
func (b *board) retriable() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.working.Kept+b.working.Refused > 0
}

// deaf reports whether nothing is to be heard at present.
func (b *board) deaf() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.quiet() != ""
}

func (b *board) session(why string) { b.update(func() { b.away = why }) }

func (b *board) dictation(s dictate.Status) {
	b.update(func() {
		if s.Last != b.working.Last {
			b.ended = time.Now()
		}
		b.working = s
	})
}

func (b *board) update(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
	line, status := b.status(nil).Line(), b.status(b.advice)
	if line == b.last && reflect.DeepEqual(status, b.shown) || b.show == nil {
		return
	}
	b.last, b.shown = line, status
	b.show(line, status)
}

// status returns the status, with advice added to what the parts lack.
func (b *board) status(advice map[control.Part]string) control.Status {
	s := control.Status{
		Recording: b.working.Recording, Typing: b.working.Typing, Waiting: b.working.Waiting, Kept: b.working.Kept, Refused: b.working.Refused,
		Pause: b.quiet(), Key: b.key, Language: b.languages, LanguageNote: b.note, Version: usage.Version(), Lacks: map[control.Part]string{}, Starting: !b.told(needed...),
	}
	for part, what := range b.lacks {
		if what != "" {
			s.Lacks[part] = what + advice[part]
		}
	}
	if end := b.working.Last; end.ID != 0 {
		s.Last = control.End{Outcome: control.Outcome(end.Outcome.String()), Reason: string(end.Reason), At: b.ended}
	}
	return s.Complete()
}

// quiet returns why the daemon ignores the key; it is empty if it does not.
func (b *board) quiet() control.PauseReason {
	if b.paused != "" || b.away == "" {
		return b.paused
	}
	return control.PausedBySession(b.away)
}
