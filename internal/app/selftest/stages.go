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

// focusLimit is how long the test waits for the focus before it presses keys.
const focusLimit = 5 * time.Second

// withKeys runs a dictation: it holds a key while the sentence is played, and types what
// the recognizer returns.
func (r *rig) withKeys(ctx context.Context) {
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
	wg.Go(func() { _ = listener.Run(work, keys) }) // hold reports a listener without events
	d := dictate.New(dictate.Config{
		Policy:   dictate.Policy{MaxHold: time.Minute, Stale: 30 * time.Second},
		Recorder: r, Typist: r, Log: r.log,
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
	if err := errors.Join(listening(ctx, changed), r.presser.Ready(ctx), r.keyboard.Ready(ctx)); err != nil {
		r.addStep("key", began, failed(err))
		return
	}
	r.window.armGuard(ctx, focusLimit) // without the focus, the press returns an error
	if r.hold(ctx) {
		select {
		case <-ended:
		case <-ctx.Done():
			r.addStep("chain", began, failed(context.Cause(ctx)))
		}
	}
}

// hold holds the key while the sentence is played. It reports whether the listener
// received the press.
func (r *rig) hold(ctx context.Context) bool {
	k := guardedKeyboard{r.presser, r.window.hasFocus}
	pressed := time.Now()
	if err := k.Down(r.key); err != nil {
		r.addStep("key", pressed, failed(err))
		return false
	}
	defer func() { _ = r.presser.Up(r.key) }() // close removes the keyboard in any case
	select {
	case <-r.begun:
		r.addStep("key", pressed, report.Good("the virtual key was heard"))
	case <-time.After(5 * time.Second):
		r.addStep("key", pressed, report.Bad(report.Broken, "vocoder doctor", "the virtual key was pressed and not heard"))
		return false
	case <-ctx.Done():
		return false
	}
	r.play(ctx)
	return true
}

// Record implements dictate.Recorder.
func (r *rig) Record(ctx context.Context, _ int, stop <-chan struct{}) (dictate.Recording, error) {
	began := time.Now()
	close(r.begun)
	c, err := r.mic.Record(ctx, stop)
	switch {
	case err != nil && !errors.Is(err, capture.ErrGap):
		r.addStep("microphone", began, failed(err))
		return spokenSentence{r, c}, err
	case !c.Voice.Speaks():
		r.addStep("microphone", began, report.Bad(report.Broken, "vocoder doctor", "%.1f s were recorded, without the sentence in them", c.Duration().Seconds()))
	default:
		r.addStep("microphone", began, report.Good("%.1f s were recorded, with speech in them", c.Duration().Seconds()))
	}
	return spokenSentence{r, c}, nil
}

// A spokenSentence is the recorded sentence. It implements dictate.Recording.
type spokenSentence struct {
	rig  *rig
	clip pcm.Clip
}

func (s spokenSentence) Duration() time.Duration { return s.clip.Duration() }
func (s spokenSentence) Wipe()                   { s.clip.Wipe() }

// Text implements dictate.Recording. It does not apply the text rules of the settings.
func (s spokenSentence) Text(ctx context.Context, _ bool) (string, error) {
	began := time.Now()
	recognizer, err := recognition.New(s.rig.cfg, recognition.Options{Env: s.rig.env, Log: s.rig.log})
	if err != nil {
		s.rig.addStep("recogniser", began, failed(err))
		return "", err
	}
	defer recognizer.Close()
	english := language.Choice{Codes: []string{"en"}, Assumed: true} // Assumed: a recognizer without English answers too
	text, err := recognizer.Client().In(english).Transcribe(ctx, s.clip)
	if err != nil {
		s.rig.addStep("recogniser", began, report.Finding{State: report.Broken, Text: reason(err), Fix: "vocoder doctor"})
		return "", err
	}
	w := compare(sentenceWords, text)
	s.rig.result.Words = &w
	knows := slices.ContainsFunc(recognizer.Client().Health(), func(h whisper.Health) bool { return len(h.Lacks(english.Codes)) == 0 })
	s.rig.addStep("recogniser", began, w.finding(len([]rune(text)), knows))
	if strings.TrimSpace(text) == "" {
		return "", dictate.Refusal(dictate.Silence)
	}
	return text, nil
}

// Type implements dictate.Typist.
func (r *rig) Type(ctx context.Context, text string) (dictate.Outcome, string, error) {
	r.window.armGuard(ctx, focusLimit) // the focus may have changed since the press
	began := time.Now()
	how, rest, err := r.keyboard.Type(ctx, text)
	want := r.keyboard.Text(text)
	arrived := func() bool { got, _ := r.window.typed(); return len(got) >= len(want) }
	r.window.until(ctx, 3*time.Second, arrived)
	got, at := r.window.typed()
	switch {
	case errors.Is(err, errNoFocus):
		r.addStep("typing", began, report.Bad(report.Warning, "", "stopped after %d characters: this terminal lost the focus, and nothing is typed elsewhere", len([]rune(got))))
	case err != nil:
		r.addStep("typing", began, failed(err))
	case rest != "" || !r.window.hasFocus():
		r.addStep("typing", began, report.Bad(report.Warning, "", "stopped with %d characters left: a key was pressed or the focus went", len([]rune(rest))))
	case got != want:
		r.addStep("typing", began, report.Bad(report.Broken, "vocoder layout", "%d characters came of %d, or other ones", len([]rune(got)), len([]rune(want))))
	default:
		r.addStep("typing", began, report.Good("all %d characters came, the last after %d ms", len([]rune(want)), at.Sub(began).Milliseconds()))
	}
	return how, "", nil // the text need not be kept
}
