package selftest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// stages implement dictate.Recorder and dictate.Typist. They record in the report what
// each did.
type stages struct {
	rig     *rig
	pressed time.Time
	begun   chan struct{} // closed when the recording was ordered
}

// focusLimit is how long the test waits for the focus before it presses keys.
const focusLimit = 5 * time.Second

// withKeys runs a dictation: it holds a key while the sentence is played, and types what
// the recognizer returns.
func (r *rig) withKeys(ctx context.Context) {
	s := &stages{rig: r, begun: make(chan struct{})}
	r.key = freeKey(r.cfg.Config)
	changed := make(chan evdev.Status, 16)
	listener := evdev.New(evdev.Config{Bindings: []evdev.Binding{{Keys: []key.Code{r.key}}}, Own: r.keyboard.Sysname, Log: r.log,
		Changed: func(s evdev.Status) {
			select {
			case changed <- s:
			default:
			}
		}})
	work, end := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer end()
	keys, ended := make(chan key.Event), make(chan dictate.Ended, 1)
	wg.Go(func() { _ = listener.Run(work, keys) }) // hold reports that it hears nothing
	d := dictate.New(dictate.Config{
		Policy:   dictate.Policy{MaxHold: time.Minute, Stale: 30 * time.Second},
		Recorder: s, Typist: s, Log: r.log,
		Watch: func(s dictate.Status) {
			if s.Last.ID != 0 {
				select {
				case ended <- s.Last:
				default:
				}
			}
		},
	})
	wg.Go(func() { d.Run(work, keys) })
	began := time.Now()
	if err := errors.Join(listening(changed, ctx, 5*time.Second), r.presser.Ready(ctx), r.keyboard.Ready(ctx)); err != nil {
		r.record("key", began, failed(err))
		return
	}
	r.window.armGuard(ctx, focusLimit) // without the focus the press says so
	if s.hold(ctx) {
		select {
		case <-ended:
		case <-ctx.Done():
			r.record("chain", began, failed(context.Cause(ctx)))
		}
	}
}

// hold holds the key while the sentence is played. It reports whether the listener
// received the press.
func (s *stages) hold(ctx context.Context) bool {
	k := guardedKeyboard{s.rig.presser, s.rig.window.hasFocus}
	s.pressed = time.Now()
	if err := k.Down(s.rig.key); err != nil {
		return s.rig.record("key", s.pressed, failed(err))
	}
	defer func() { _ = s.rig.presser.Up(s.rig.key) }() // the keyboard goes away soon
	select {
	case <-s.begun:
		s.rig.record("key", s.pressed, report.Good("the virtual key was heard"))
	case <-time.After(5 * time.Second):
		return s.rig.record("key", s.pressed, report.Bad(report.Broken, "vocoder doctor", "the virtual key was pressed and not heard"))
	case <-ctx.Done():
		return false
	}
	s.rig.play(ctx)
	return true
}

// Record implements dictate.Recorder.
func (s *stages) Record(ctx context.Context, _ int, stop <-chan struct{}) (dictate.Recording, error) {
	began := time.Now()
	close(s.begun)
	c, err := s.rig.mic.Record(ctx, stop)
	switch {
	case err != nil && !errors.Is(err, capture.ErrGap):
		s.rig.record("microphone", began, failed(err))
		return spokenSentence{s.rig, c}, err
	case !c.Voice.Speaks():
		s.rig.record("microphone", began, report.Bad(report.Broken, "vocoder doctor", "%.1f s were recorded, without the sentence in them", c.Duration().Seconds()))
	default:
		s.rig.record("microphone", began, report.Good("%.1f s were recorded, with speech in them", c.Duration().Seconds()))
	}
	return spokenSentence{s.rig, c}, nil
}

// A spokenSentence implements dictate.Recording.
type spokenSentence struct {
	rig  *rig
	clip pcm.Clip
}

func (s spokenSentence) Duration() time.Duration { return s.clip.Duration() }
func (s spokenSentence) Wipe()                   { s.clip.Wipe() }

// Text implements dictate.Recording. It does not apply the rules of the user's
// text.
func (s spokenSentence) Text(ctx context.Context, _ bool) (string, error) {
	began := time.Now()
	recognizer, err := recognition.New(s.rig.cfg, recognition.Options{Env: s.rig.env, Log: s.rig.log})
	if err != nil {
		s.rig.record("recogniser", began, failed(err))
		return "", err
	}
	defer recognizer.Close()
	english := language.Choice{Codes: []string{"en"}, Assumed: true} // the user need not have a model for it
	text, err := recognizer.Client().In(english).Transcribe(ctx, s.clip)
	if err != nil {
		s.rig.record("recogniser", began, report.Finding{State: report.Broken, Text: reason(err), Fix: "vocoder doctor"})
		return "", err
	}
	w := compare(sentenceWords, text)
	s.rig.result.Words = &w
	knows := slices.ContainsFunc(recognizer.Client().Health(), func(h whisper.Health) bool { return len(h.Lacks(english.Codes)) == 0 })
	s.rig.record("recogniser", began, w.finding(len([]rune(text)), knows))
	if strings.TrimSpace(text) == "" {
		return "", dictate.Refusal(dictate.Silence)
	}
	return text, nil
}

// Type implements dictate.Typist.
func (s *stages) Type(ctx context.Context, text string) (dictate.Outcome, string, error) {
	s.rig.window.armGuard(ctx, focusLimit) // it may have gone and come since the key was pressed
	began := time.Now()
	how, rest, err := s.rig.keyboard.Type(ctx, text)
	want := s.rig.keyboard.Text(text)
	arrived := func() bool { got, _ := s.rig.window.typed(); return len(got) >= len(want) }
	s.rig.window.until(ctx, 3*time.Second, arrived)
	got, at := s.rig.window.typed()
	switch {
	case errors.Is(err, errNoFocus):
		s.rig.record("typing", began, report.Bad(report.Warning, "", "stopped after %d characters: this terminal lost the focus, and nothing is typed elsewhere", len([]rune(got))))
	case err != nil:
		s.rig.record("typing", began, failed(err))
	case rest != "" || !s.rig.window.hasFocus():
		s.rig.record("typing", began, report.Bad(report.Warning, "", "stopped with %d characters left: a key was pressed or the focus went", len([]rune(rest))))
	case got != want:
		s.rig.record("typing", began, report.Bad(report.Broken, "vocoder layout", "%d characters came of %d, or other ones", len([]rune(got)), len([]rune(want))))
	default:
		f := report.Good("all %d characters came, the last after %d ms", len([]rune(want)), at.Sub(began).Milliseconds())
		s.rig.record("typing", began, f)
	}
	return how, "", nil // what is left is nobody's
}
