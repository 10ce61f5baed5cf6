package view

import (
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/control"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// seen returns a Model that has seen some statuses, the first at start, a second apart.
func seen(all ...control.Status) (m *Model, now time.Time) {
	m, now = &Model{}, start
	for i, s := range all {
		now = start.Add(time.Duration(i) * time.Second)
		m.Status(s, now)
	}
	return m, now
}

// ended returns a status with the end of an utterance.
func ended(o control.Outcome, reason string, change ...func(*control.Status)) control.Status {
	s := control.Status{Last: control.End{Outcome: o, Reason: reason, At: start}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func lacks(part control.Part) func(*control.Status) {
	return func(s *control.Status) {
		s.Lacks = map[control.Part]string{part: "dial tcp 127.0.0.1:8771: a long text"}
	}
}

// What each status shows, one after an idle one.
func TestShown(t *testing.T) {
	for _, tt := range []struct {
		name string
		now  control.Status
		icon Icon
		text string
		note string
	}{
		{"idle", control.Status{}, NoIcon, "", ""},
		{"listening", control.Status{Recording: true}, Listening, "Listening", ""},
		{"listening in a chosen language", control.Status{Recording: true, LanguageSet: true, Language: "de,en"}, Listening, "Listening", "DE,EN"},
		{"listening, another recognizer answers", control.Status{Recording: true, Language: "de", Fallback: "127.0.0.1:8771"}, Listening, "Listening", "127.0.0.1:8771"},
		{"transcribing with both", control.Status{Waiting: 1, LanguageSet: true, Language: "de", Fallback: "gpu.example"}, Working, "Transcribing", "DE · gpu.example"},
		{"listening in the usual one", control.Status{Recording: true, Language: "de"}, Listening, "Listening", ""},
		{"listening, muted", control.Status{Recording: true, Lacks: map[control.Part]string{control.Sound: "muted"}}, Problem, "The microphone is not heard", ""},
		{"listening, unplugged", control.Status{Recording: true, Lacks: map[control.Part]string{control.Microphone: "gone"}}, Problem, "No microphone", ""},
		{"listening while the last one is transcribed", control.Status{Recording: true, Waiting: 1}, Listening, "Listening", ""},
		{"transcribing", control.Status{Waiting: 1}, Working, "Transcribing", ""},
		{"typing", control.Status{Typing: true, Waiting: 1}, Working, "Typing", ""},
		{"typed", ended(control.Typed, ""), Done, "Typed", ""},
		{"pasted", ended(control.Pasted, ""), Done, "Typed", ""},
		{"typed, while the next waits", ended(control.Typed, "", func(s *control.Status) { s.Waiting = 1 }), Working, "Transcribing", ""},
		{"typed, with words missing", ended(control.Typed, "", lacks(control.Words)), Problem, "Typed, but words are probably missing", ""},
		{"in the clipboard", ended(control.Clipboard, ""), Kept, "In the clipboard: paste it", ""},
		{"kept", ended(control.Kept, "recogniser", lacks(control.Recognizer)), Kept, "Kept: the recognizer did not answer", "vocoderctl retry"},
		{"kept, while the next waits", ended(control.Kept, "not typed", func(s *control.Status) { s.Waiting = 1 }), Kept, "Kept: typing failed", "vocoderctl retry"},
		{"refused", ended(control.Refused, "silence"), Refused, "Heard nothing", ""},
		{"refused, and a retry types it", ended(control.Refused, "not speech", func(s *control.Status) { s.Refused = 1 }), Refused, "Heard no speech", "vocoderctl retry"},
		{"a slip", ended(control.Refused, "slip"), Refused, "Too short: hold the key while you speak", ""},
		{"refused for a reason of a later version", ended(control.Refused, "a new reason"), Refused, "a new reason", ""},
		{"the user's command", ended(control.Refused, "command"), Done, "Your text command took it", ""},
		{"paused", control.Status{Pause: control.PausedByCommand}, Paused, "Paused", ""},
		{"locked", control.Status{Pause: control.PausedBySession("locked")}, NoIcon, "", ""},
		{"a problem", control.Status{Lacks: map[control.Part]string{control.Recognizer: "dial tcp: secret"}}, Problem, "The recognizer does not answer", ""},
		{"a problem of a later version", control.Status{Lacks: map[control.Part]string{"moon": "x"}}, NoIcon, "", ""},
		{"off", control.Status{Recording: true, Overlay: control.Overlay{Show: "off"}}, NoIcon, "", ""},
		{"shown by GNOME Shell", control.Status{Recording: true, Overlay: control.Overlay{Show: "words", Shell: true}}, NoIcon, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, now := seen(control.Status{}, tt.now)
			v, changes := m.View(now)
			if v.Icon != tt.icon || v.Text != tt.text || v.Note != tt.note {
				t.Errorf("got icon %d, %q, %q; want %d, %q, %q", v.Icon, v.Text, v.Note, tt.icon, tt.text, tt.note)
			}
			if v.Icon == NoIcon && !changes.IsZero() {
				t.Errorf("nothing is shown, and it wakes up at %v", changes)
			}
			if (v.Icon == Listening) && !v.Meter {
				t.Error("no meter")
			}
		})
	}
}

// A message disappears by itself, and nothing is left to wake up for.
func TestMessageEnds(t *testing.T) {
	for _, s := range []control.Status{
		ended(control.Typed, ""), ended(control.Kept, "recogniser"), ended(control.Refused, "silence"),
		{Pause: control.PausedByCommand}, {Lacks: map[control.Part]string{control.Key: "x"}},
	} {
		m, now := seen(control.Status{}, s)
		v, changes := m.View(now)
		if v.Icon == NoIcon || !changes.After(now) || changes.Sub(now) > keptTime {
			t.Errorf("%+v: %+v until %v", s, v, changes)
		}
		if v, changes := m.View(changes); v.Icon != NoIcon || !changes.IsZero() {
			t.Errorf("%+v: afterwards %+v until %v", s, v, changes)
		}
	}
}

// What happened before the overlay started, and a daemon that ended, show nothing.
func TestOldNews(t *testing.T) {
	m, now := seen(ended(control.Kept, "recogniser", lacks(control.Recognizer)))
	if v, _ := m.View(now); v.Icon != NoIcon {
		t.Errorf("old news: %+v", v)
	}
	m, now = seen(control.Status{}, control.Status{Recording: true})
	m.Lost()
	if v, _ := m.View(now); v.Icon != NoIcon {
		t.Errorf("without a daemon: %+v", v)
	}
}

// The time from 10 s on, and the rest in the last tenth of max_duration.
func TestTimes(t *testing.T) {
	m, _ := seen(control.Status{}, control.Status{Recording: true, MaxDuration: 120})
	began := start.Add(time.Second)
	for _, tt := range []struct{ after, elapsed, left time.Duration }{
		{0, 0, 0},
		{9900 * time.Millisecond, 0, 0},
		{10 * time.Second, 10 * time.Second, 0},
		{61500 * time.Millisecond, 61 * time.Second, 0},
		{107900 * time.Millisecond, 107 * time.Second, 0},
		{108 * time.Second, 108 * time.Second, 12 * time.Second},
		{119500 * time.Millisecond, 119 * time.Second, time.Second},
		{200 * time.Second, 200 * time.Second, time.Second}, // the tail
		{-time.Hour, 0, 0},                                  // the clock was set
	} {
		v, changes := m.View(began.Add(tt.after))
		if v.Elapsed != tt.elapsed || v.Left != tt.left {
			t.Errorf("after %v: %v, %v left; want %v, %v", tt.after, v.Elapsed, v.Left, tt.elapsed, tt.left)
		}
		if d := changes.Sub(began.Add(tt.after)); tt.after >= 0 && (d <= 0 || d > time.Second) {
			t.Errorf("after %v: the next change in %v", tt.after, d)
		}
	}
	// An overlay that starts during a recording knows when that began.
	m = &Model{}
	m.Status(control.Status{Recording: true, Since: start.Add(-time.Minute)}, start)
	if v, _ := m.View(start); v.Elapsed != time.Minute {
		t.Errorf("started during a recording: %v", v.Elapsed)
	}
}

// TestOneAfterAnother: a recording that follows another at once has its own time, words and
// levels.
func TestOneAfterAnother(t *testing.T) {
	first := control.Status{Recording: true, MaxDuration: 120, Since: start.Add(time.Second)}
	m, _ := seen(control.Status{}, first)
	m.Words(control.Partial{Stable: "one"})
	m.Level(control.Level{Level: 50})
	second, now := first, start.Add(119*time.Second)
	second.Since = now
	m.Status(second, now)
	if v, _ := m.View(now); v.Elapsed+v.Left != 0 || v.Stable != "" || v.Levels != [Bars]int{} || !m.Began().Equal(now) {
		t.Errorf("got %+v, begun at %v", v, m.Began())
	}
}

// Words are shown while the daemon records, and forgotten with the recording.
func TestWords(t *testing.T) {
	m, now := seen(control.Status{}, control.Status{Recording: true})
	m.Words(control.Partial{Stable: "one", Provisional: "two"})
	if v, _ := m.View(now); v.Stable != "one" || v.Provisional != "two" {
		t.Errorf("got %q, %q", v.Stable, v.Provisional)
	}
	m.Status(control.Status{Waiting: 1}, now)
	m.Words(control.Partial{Stable: "late"})
	if v, _ := m.View(now); v.Stable+v.Provisional != "" || m.words != (control.Partial{}) {
		t.Errorf("after the recording: %q, %q; kept %q", v.Stable, v.Provisional, m.words)
	}
	m.Status(control.Status{Recording: true}, now)
	if v, _ := m.View(now); v.Stable+v.Provisional != "" {
		t.Errorf("in the next recording: %q, %q", v.Stable, v.Provisional)
	}
}

// The newest level is the last; a new recording begins with silence; no level is out of
// range.
func TestLevels(t *testing.T) {
	m, now := seen(control.Status{}, control.Status{Recording: true})
	for _, l := range []int{-5, 10, 300} {
		m.Level(control.Level{Level: l})
	}
	v, _ := m.View(now)
	if got := [3]int(v.Levels[Bars-3:]); got != [3]int{0, 10, 100} {
		t.Errorf("got %v", got)
	}
	m.Status(control.Status{}, now)
	m.Status(control.Status{Recording: true}, now)
	if v, _ := m.View(now); v.Levels != [Bars]int{} {
		t.Errorf("a new recording begins with %v", v.Levels)
	}
}
