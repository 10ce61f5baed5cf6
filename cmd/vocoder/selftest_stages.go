package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/spell"
	"github.com/arealicehole/vocoder/whisper"
)

// Stages are the stages of a dictation as dictate sees them, which note in the
// report what each did.
type stages struct {
	*bench
	pressed time.Time
	begun   chan struct{} // closed when the recording was ordered
}

// focusWithin bounds the wait for the focus before keys are pressed.
const focusWithin = 5 * time.Second

// withKeys is a dictation: a key is held while the sentence is played, and what
// is recognised is typed.
func (b *bench) withKeys(ctx context.Context) {
	s := &stages{bench: b, begun: make(chan struct{})}
	b.key = unbound(b.cfg.Config)
	changed := make(chan evdev.Status, 16)
	ear := evdev.New(evdev.Config{Bindings: []evdev.Binding{{Keys: []key.Code{b.key}}}, Own: b.keyboard.Sysname, Log: b.log,
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
	wg.Go(func() { _ = ear.Run(work, keys) }) // that it hears nothing is told below
	d := dictate.New(dictate.Config{
		Policy:   dictate.Policy{MaxHold: time.Minute, Stale: stale},
		Recorder: s, Typist: s, Log: b.log,
		Watch: func(s dictate.Status) {
			if s.Last.ID != 0 {
				select {
				case ended <- s.Last:
				default:
				}
			}
		},
	})
	wg.Go(func() { _ = d.Run(work, keys, nil) })
	began := time.Now()
	if err := errors.Join(listening(changed, ctx, 5*time.Second), b.rig.Ready(ctx), b.keyboard.Ready(ctx)); err != nil {
		b.tell("key", began, badly(err))
		return
	}
	b.window.arm(ctx, focusWithin) // without the focus the press says so
	if s.hold(ctx) {
		select {
		case <-ended:
		case <-ctx.Done():
			b.tell("chain", began, badly(context.Cause(ctx)))
		}
	}
}

// hold holds the key while the sentence is played. It reports whether the press
// was heard.
func (s *stages) hold(ctx context.Context) bool {
	k := shy{s.rig, s.window.mine}
	s.pressed = time.Now()
	if err := k.Down(s.key); err != nil {
		return s.tell("key", s.pressed, badly(err))
	}
	defer func() { _ = s.rig.Up(s.key) }() // the keyboard goes away soon
	select {
	case <-s.begun:
		s.tell("key", s.pressed, ok("the virtual key was heard"))
	case <-time.After(5 * time.Second):
		return s.tell("key", s.pressed, ill(broken, "vocoder doctor", "the virtual key was pressed and not heard"))
	case <-ctx.Done():
		return false
	}
	s.play(ctx)
	return true
}

// Record implements dictate.Recorder.
func (s *stages) Record(ctx context.Context, _ int, stop <-chan struct{}) (dictate.Recording, error) {
	began := time.Now()
	close(s.begun)
	c, err := s.mic.Record(ctx, stop)
	switch {
	case err != nil && !errors.Is(err, capture.ErrGap):
		s.tell("microphone", began, badly(err))
		return spokenSentence{s, c}, err
	case !c.Voice.Speaks():
		s.tell("microphone", began, ill(broken, "vocoder doctor", "%.1f s were recorded, without the sentence in them", c.Duration().Seconds()))
	default:
		s.tell("microphone", began, ok("%.1f s were recorded, with speech in them", c.Duration().Seconds()))
	}
	return spokenSentence{s, c}, nil
}

// A spokenSentence implements dictate.Recording.
type spokenSentence struct {
	*stages
	clip pcm.Clip
}

func (s spokenSentence) Duration() time.Duration { return s.clip.Duration() }
func (s spokenSentence) Wipe()                   { s.clip.Wipe() }

// Text implements dictate.Recording. It does not apply the rules of the user's
// text.
func (s spokenSentence) Text(ctx context.Context, _ bool) (string, error) {
	began := time.Now()
	recognizer, err := recognition.New(s.cfg, recognition.Options{Env: s.app.Env, Log: s.log})
	if err != nil {
		s.tell("recogniser", began, badly(err))
		return "", err
	}
	defer recognizer.Close()
	english := language.Choice{Codes: []string{"en"}, Assumed: true} // the user need not have a model for it
	text, err := recognizer.Client().In(english).Transcribe(ctx, s.clip)
	if err != nil {
		s.tell("recogniser", began, finding{Health: broken, Says: plainly(err), Mend: "vocoder doctor"})
		return "", err
	}
	w := compare(sentenceWords, text)
	s.report.Words = &w
	knows := slices.ContainsFunc(recognizer.Client().Health(), func(h whisper.Health) bool { return len(h.Lacks(english.Codes)) == 0 })
	s.tell("recogniser", began, w.finding(len([]rune(text)), knows))
	if strings.TrimSpace(text) == "" {
		return "", dictate.Refusal(dictate.Silence)
	}
	return text, nil
}

// Type implements dictate.Typist.
func (s *stages) Type(ctx context.Context, text string) (dictate.Outcome, string, error) {
	s.window.arm(ctx, focusWithin) // it may have gone and come since the key was pressed
	began := time.Now()
	how, rest, err := s.keyboard.Type(ctx, text)
	want := inject.Clean(text, s.desktop.Style().Rules())
	arrived := func() bool { got, _ := s.window.typed(); return len(got) >= len(want) }
	s.window.until(ctx, 3*time.Second, arrived)
	got, at := s.window.typed()
	switch {
	case errors.Is(err, errForeign):
		s.tell("typing", began, ill(doubtful, "", "stopped after %d characters: this terminal lost the focus, and nothing is typed elsewhere", len([]rune(got))))
	case err != nil:
		s.tell("typing", began, badly(err))
	case rest != "" || !s.window.mine():
		s.tell("typing", began, ill(doubtful, "", "stopped with %d characters left: a key was pressed or the focus went", len([]rune(rest))))
	case got != want:
		s.tell("typing", began, ill(broken, "vocoder layout", "%d characters came of %d, or other ones", len([]rune(got)), len([]rune(want))))
	default:
		f := ok("all %d characters came, the last after %d ms", len([]rune(want)), at.Sub(began).Milliseconds())
		s.tell("typing", began, f)
	}
	return how, "", nil // what is left is nobody's
}

// finding is how well the sentence was understood by a recogniser that knows
// English or is known not to.
func (w wordings) finding(length int, english bool) finding {
	switch {
	case !english && 2*w.Wrong > w.Spoken:
		return ill(doubtful, "", "%d characters, which tell nothing of your language: the sentence is English, which the recogniser does not know", length)
	case length == 0:
		return ill(broken, "vocoder doctor", "it heard nothing in the sentence")
	case 2*w.Wrong > w.Spoken:
		return ill(doubtful, "", "%d characters; %d of %d words are wrong: does it understand English?", length, w.Wrong, w.Spoken)
	}
	return ok("%d characters; %d of %d words are wrong", length, w.Wrong, w.Spoken)
}

// compare counts the words that are missing, too many or other ones, whatever
// their case and punctuation.
func compare(spoken, written string) wordings {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\'' })
	}
	a, b := split(spoken), split(written)
	return wordings{Spoken: len(a), Wrong: spell.Distance(a, b)}
}
