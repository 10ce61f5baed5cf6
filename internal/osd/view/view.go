// Package view decides what the overlay shows of the daemon's events. It is pure: it reads
// no clock and starts nothing.
package view

import (
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/control"
)

// An Icon is the shape at the beginning of the overlay. Each state has one of its own, so
// that color is never the only sign.
type Icon uint8

// The icons.
const (
	NoIcon    Icon = iota
	Listening      // a filled circle
	Working        // three dots
	Done           // a tick
	Kept           // an arrow into a tray
	Refused        // a circle with a bar across
	Paused         // two bars
	Problem        // a triangle with an exclamation mark
)

// A View is what the overlay shows. A View without an icon shows nothing.
type View struct {
	Icon    Icon
	Text    string
	Note    string        // more in less prominent letters; may be empty
	Meter   bool          // show Levels
	Levels  [Bars]int     // of the microphone, from 0 to 100, the newest last
	Elapsed time.Duration // whole seconds; 0: do not show it
	Left    time.Duration // whole seconds until the recording ends by itself; 0: not soon

	// The words so far: first those that stay, then those that may still change.
	Stable, Provisional string
}

// Bars is how many levels the meter shows.
const Bars = 20

const (
	elapsedFrom = 10 * time.Second // a shorter recording shows no time

	// How long the end of an utterance, or another message, stays.
	doneTime    = 1200 * time.Millisecond
	refusedTime = 2500 * time.Millisecond
	keptTime    = 6 * time.Second
)

// A Model makes the View of the events of the daemon. The zero Model has seen none.
type Model struct {
	status control.Status
	known  bool      // status is of a daemon that runs
	began  time.Time // of the recording under way
	levels [Bars]int
	words  control.Partial

	message View // shown until until, unless the daemon listens
	until   time.Time
}

// Off and Words are values of the setting overlay. With any other value the overlay shows
// all but the words.
const (
	Off   = "off"
	Words = "words"
)

// Show returns what the overlay of this program shows, as in the setting overlay: nothing
// while GNOME Shell draws the overlay itself.
func Show(s control.Status) string {
	if s.Overlay.Shell {
		return Off
	}
	return s.Overlay.Show
}

// Overlay returns the settings of the overlay.
func (m *Model) Overlay() control.Overlay { return m.status.Overlay }

// Began returns when the newest recording began. It is zero before the first.
func (m *Model) Began() time.Time { return m.began }

// Status takes the daemon's newest status.
func (m *Model) Status(s control.Status, now time.Time) {
	before, known := m.status, m.known
	m.status, m.known = s, true
	if s.Recording && (!known || !before.Recording || !s.Since.Equal(before.Since)) {
		m.levels, m.words, m.began = [Bars]int{}, control.Partial{}, now
		if !known && !s.Since.IsZero() && s.Since.Before(now) {
			m.began = s.Since // it began before the overlay
		}
	}
	if !s.Recording {
		m.words = control.Partial{}
	}
	if !known {
		return // what happened before the overlay started is old
	}
	switch {
	case s.Last != before.Last && s.Last.Outcome != control.NoOutcome:
		v, stays := ending(s)
		m.say(v, now.Add(stays))
	case s.Pause != before.Pause && s.Pause == control.PausedByCommand:
		m.say(View{Icon: Paused, Text: "Paused"}, now.Add(refusedTime))
	case s.Pause == "":
		if part, is := newProblem(before, s); is {
			m.say(View{Icon: Problem, Text: problems[part]}, now.Add(keptTime))
		}
	}
}

func (m *Model) say(v View, until time.Time) { m.message, m.until = v, until }

// Level takes the newest level of the microphone.
func (m *Model) Level(l control.Level) {
	copy(m.levels[:], m.levels[1:])
	m.levels[Bars-1] = min(max(l.Level, 0), 100)
}

// Words takes the newest words of the recording under way.
func (m *Model) Words(w control.Partial) {
	if m.status.Recording {
		m.words = w
	}
}

// Lost takes note that the daemon does not answer any more.
func (m *Model) Lost() { *m = Model{} }

// View returns what to show at a moment, and when that changes if there is no further
// event; zero means never.
func (m *Model) View(now time.Time) (v View, changes time.Time) {
	s := m.status
	switch {
	case !m.known || Show(s) == Off:
		return View{}, time.Time{}
	case s.Recording:
		return m.listening(now)
	case now.Before(m.until) && !(s.Waiting > 0 && m.message.Icon == Done):
		return m.message, m.until
	case s.Typing:
		return View{Icon: Working, Text: "Typing", Note: m.note()}, time.Time{}
	case s.Waiting > 0 && s.Pause == "":
		return View{Icon: Working, Text: "Transcribing", Note: m.note()}, time.Time{}
	}
	return View{}, time.Time{}
}

// listening returns the View of a recording.
func (m *Model) listening(now time.Time) (View, time.Time) {
	v := View{Icon: Listening, Text: "Listening", Meter: true, Levels: m.levels, Note: m.note(), Stable: m.words.Stable, Provisional: m.words.Provisional}
	if m.status.MicrophoneProblem() != "" {
		v.Icon, v.Text, v.Note = Problem, problems[control.Sound], ""
		if m.status.Lacks[control.Microphone] != "" {
			v.Text = problems[control.Microphone]
		}
	}
	elapsed := max(now.Sub(m.began), 0).Truncate(time.Second)
	if elapsed >= elapsedFrom {
		v.Elapsed = elapsed
	}
	limit := time.Duration(m.status.MaxDuration * float64(time.Second))
	if left := limit - now.Sub(m.began); limit > 0 && left <= limit/10 {
		v.Left = max(left, time.Second).Round(time.Second)
	}
	return v, m.began.Add(elapsed + time.Second)
}

// note returns what is not as usual: the languages that the user chose for now, such as DE,
// and the recognizer that answers in place of the first.
func (m *Model) note() string {
	var all []string
	if m.status.LanguageSet {
		all = append(all, strings.ToUpper(m.status.Language))
	}
	if m.status.Fallback != "" {
		all = append(all, m.status.Fallback)
	}
	return strings.Join(all, " · ")
}
