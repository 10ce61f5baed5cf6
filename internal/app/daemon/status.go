package daemon

import (
	"reflect"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

// A status collects what each part of the daemon reports, and calls show after each
// change. It is safe for concurrent use.
type status struct {
	show func(line string, s control.Status) // line is without advice; nil shows nothing

	missing func(part control.Part, problem string) // called with each new problem; nil for none
	shell   func() bool                             // whether GNOME Shell shows the overlay; nil if it does not

	mu        sync.Mutex
	keys      string        // the bound keys, for people
	languages string        // the expected languages
	chosen    bool          // a client chose them
	note      string        // which recognizer does not know them
	fallback  string        // the recognizer that answers in place of the first
	limit     time.Duration // the longest recording
	overlay   control.Overlay
	problems  map[control.Part]string // by the parts that have reported; empty if the part works
	advice    map[control.Part]string // added to the problems for clients alone
	away      string                  // why the session is not in use
	ended     time.Time               // when the last utterance ended
	dictation dictate.Status

	line  string // the last that was shown
	shown control.Status
}

// needed are the parts without which the user cannot dictate.
var needed = []control.Part{control.Key, control.Microphone, control.Keyboard}

// maxName limits the name of a recognizer, in characters.
const maxName = 100

// maxProblem limits what clients show of a problem with its advice, in characters.
const maxProblem = 1000

// setProblem records why a part does not work. An empty problem means that it works. The
// journal contains the problem. Only clients get the advice, and show it to the user.
func (s *status) setProblem(part control.Part, problem, advice string) {
	isNew := false
	s.update(func() {
		if s.problems == nil {
			s.problems, s.advice = map[control.Part]string{}, map[control.Part]string{}
		}
		isNew = problem != "" && s.problems[part] != problem
		s.problems[part], s.advice[part] = problem, advice
	})
	if isNew && s.missing != nil {
		s.missing(part, problem)
	}
}

// working reports whether all of these parts have reported that they work.
func (s *status) working(parts ...control.Part) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range parts {
		if problem, reported := s.problems[p]; !reported || problem != "" {
			return false
		}
	}
	return true
}

func (s *status) setKeys(names string) { s.update(func() { s.keys = names }) }

// configure records what the settings say about the longest recording and the overlay.
func (s *status) configure(c config.Config) {
	s.update(func() {
		s.limit = c.MaxDuration
		s.overlay = control.Overlay{Show: c.Overlay, Position: c.OverlayPosition, Size: c.OverlaySize}
	})
}

// setLanguages records the expected languages, whether a client chose them, and which
// recognizer does not know them.
func (s *status) setLanguages(languages string, chosen bool, note string) {
	s.update(func() { s.languages, s.chosen, s.note = languages, chosen, note })
}

// setFallback records which recognizer answers in place of the first. It is empty if the first
// does.
func (s *status) setFallback(name string) { s.update(func() { s.fallback = name }) }

// setAway records why the session is not in use. It is empty if it is.
func (s *status) setAway(why string) { s.update(func() { s.away = why }) }

func (s *status) setDictation(now dictate.Status) {
	s.update(func() {
		if now.Ends != s.dictation.Ends {
			s.ended = time.Now()
		}
		s.dictation = now
	})
}

// now returns the status as clients get it.
func (s *status) now() control.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.build(s.advice)
}

// ending reports whether the dictation begins nothing new.
func (s *status) ending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dictation.Ending
}

// refresh shows the status if what others know of it has changed.
func (s *status) refresh() { s.update(func() {}) }

// update makes a change, and shows the status if it has changed.
func (s *status) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	line, now := s.build(nil).Line(), s.build(s.advice)
	if line == s.line && reflect.DeepEqual(now, s.shown) || s.show == nil {
		return
	}
	s.line, s.shown = line, now
	s.show(line, now)
}

// build returns the status with advice added to the problems. The caller holds mu.
func (s *status) build(advice map[control.Part]string) control.Status {
	d := s.dictation
	now := control.Status{
		Recording: d.Recording, Utterance: uint64(d.Utterance), Typing: d.Typing, Waiting: d.Waiting, Kept: d.Kept, Refused: d.Refused, Lost: d.Lost,
		Key: s.keys, Language: s.languages, LanguageNote: s.note, LanguageSet: s.chosen,
		Fallback: printable.Line(s.fallback, maxName), MaxDuration: s.limit.Seconds(), Overlay: s.overlay, Version: usage.Version(), Lacks: map[control.Part]string{},
	}
	now.Overlay.Shell = s.shell != nil && s.shell()
	switch {
	case d.Paused:
		now.Pause = control.PausedByCommand
	case s.away != "":
		now.Pause = control.PausedBySession(s.away)
	}
	for _, part := range needed {
		if _, reported := s.problems[part]; !reported {
			now.Starting = true
		}
	}
	for part, problem := range s.problems {
		if problem != "" {
			now.Lacks[part] = printable.Line(problem+advice[part], maxProblem)
		}
	}
	if end := d.Last; end.ID != 0 {
		now.Last = control.End{Outcome: control.Outcome(end.Outcome), Reason: string(end.Reason), At: s.ended}
	}
	return now.Complete()
}
