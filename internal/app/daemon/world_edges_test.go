package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/recognizer"
)

// worldKeys are the bound keys of one pipeline.
type worldKeys struct {
	*world
	found func()
}

func (k worldKeys) Alive(context.Context) error { return nil }

func (k worldKeys) Run(ctx context.Context, events chan<- key.Event) error {
	k.found()
	k.change(func() { k.passed["keys"]++ })
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev := <-k.keys:
			select {
			case events <- ev:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// worldMic is the microphone of one pipeline.
type worldMic struct {
	*world
	hooks capture.Hooks
	ended chan struct{}
}

func (m *worldMic) Run(ctx context.Context) error {
	m.hooks.State(capture.State{Source: "mic"})
	m.change(func() { m.passed["microphone"]++ })
	<-ctx.Done()
	close(m.ended)
	return nil
}

func (m *worldMic) Prepare(context.Context) error       { return nil }
func (m *worldMic) Suspend(context.Context, bool) error { return nil }
func (m *worldMic) Alive(context.Context) error         { return nil }

func (m *worldMic) RecordTo(ctx context.Context, stop <-chan struct{}, own capture.Hooks) (pcm.Clip, error) {
	select {
	case <-m.ended:
		return pcm.Clip{}, capture.ErrClosed
	default:
	}
	var n int
	var gone chan struct{}
	m.change(func() { m.spoken++; n = m.spoken; gone = m.sound })
	clip := pcm.Clip{Rate: pcm.Rate}
	hear := func(level int16, frames int, voice float32) {
		for range frames {
			samples := slices.Repeat([]int16{level}, vad.Window)
			clip.Samples, clip.Voice = append(clip.Samples, samples...), append(clip.Voice, voice)
			own.Samples(samples)
			own.Frame(capture.Frame{Voice: voice})
		}
	}
	hear(int16(1000+2*n-1), m.frames, 1)
	hear(0, 6, 0)
	lost := func(err error) (pcm.Clip, error) {
		m.change(func() { m.broken[n] = true })
		return clip, err
	}
	select {
	case <-stop:
	case <-ctx.Done():
		return pcm.Clip{}, ctx.Err()
	case <-m.ended:
		return lost(capture.ErrClosed)
	}
	select {
	case <-gone: // there is sound again, but not what was said meanwhile
		return lost(capture.ErrGap)
	default:
	}
	tail, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-m.ended:
			cancel()
		case <-tail.Done():
		}
	}()
	if err := m.pass(tail, "tail"); err != nil {
		if ctx.Err() != nil {
			return pcm.Clip{}, ctx.Err()
		}
		return lost(capture.ErrClosed)
	}
	hear(int16(1000+2*n), m.frames, 1)
	return clip, nil
}

// recognize is the recognizer.
func (w *world) recognize(rw http.ResponseWriter, r *http.Request) {
	f, _, err := r.FormFile("file")
	if err != nil { // a request that asks which dialect the server has
		http.Error(rw, "send a file", http.StatusBadRequest)
		return
	}
	c, err := pcm.ReadWAV(f)
	if err == nil {
		err = w.pass(r.Context(), "recognizer")
	}
	if err != nil {
		http.Error(rw, "Oops", http.StatusTeapot)
		return
	}
	_, _ = fmt.Fprintf(rw, `{"text": %q}`, recognizer.Words(c)) // the client's concern
}

// worldKeyboard is the virtual keyboard. It has the layout us, as far as the words need it.
type worldKeyboard struct{ *world }

var errNotHeld = errors.New("no key was held for this text")

func (k worldKeyboard) Ready(ctx context.Context) error { return k.pass(ctx, "keyboard") }
func (k worldKeyboard) Down(key.Code) error             { return nil }
func (k worldKeyboard) Up(key.Code) error               { return nil }
func (k worldKeyboard) Sysname() string                 { return "" }
func (k worldKeyboard) Close() error                    { return nil }

func (k worldKeyboard) Tap(c key.Code) error {
	if c == neutralKey {
		return nil
	}
	if err := k.pass(context.Background(), "typing"); err != nil {
		return err
	}
	k.change(func() { k.paper = append(k.paper, letterOf(c)) })
	return nil
}

// letterOf returns the character of a key. The words have digits, "word" and spaces.
// Source: input-event-codes.h.
func letterOf(c key.Code) rune {
	if digits := []rune("1234567890"); c >= 2 && c <= 11 {
		return digits[c-2]
	}
	if r, ok := map[key.Code]rune{17: 'w', 24: 'o', 19: 'r', 32: 'd', 57: ' '}[c]; ok {
		return r
	}
	return '?'
}

// worldClipboard pastes all texts.
type worldClipboard struct{ *world }

func (c worldClipboard) Type(ctx context.Context, text string) (dictate.Outcome, string, error) {
	if err := c.pass(ctx, "typing"); err != nil {
		return dictate.Kept, text, err
	}
	c.change(func() { c.paper = append(c.paper, []rune(text+" ")...) })
	return dictate.Pasted, "", nil
}

var errNoLogind = errors.New("no logind")

// watch is session.Watch.
func (w *world) watch(ctx context.Context, changed func(session.State)) error {
	states := make(chan func(), 16)
	defer func() { w.change(func() { w.logind = nil }) }()
	gone := false
	w.change(func() {
		if gone = w.silent; gone {
			return
		}
		w.logind = func(s session.State) {
			seen := make(chan struct{})
			states <- func() { changed(s); close(seen) }
			<-seen
		}
	})
	if gone {
		return errNoLogind
	}
	w.mu.Lock()
	now := w.state
	w.mu.Unlock()
	changed(now)
	for {
		w.mu.Lock()
		next := w.changed
		gone := w.silent
		w.mu.Unlock()
		if gone {
			return errNoLogind
		}
		select {
		case <-ctx.Done():
			return nil
		case f := <-states:
			f()
		case <-next:
		}
	}
}

// become changes the state of the session, and waits until the daemon has noticed that.
func (w *world) become(s session.State) {
	var tell func(session.State)
	w.until("logind is asked, or does not answer", func() bool {
		w.state, tell = s, w.logind
		return w.silent || tell != nil
	})
	w.mu.Lock()
	silent := w.silent
	w.mu.Unlock()
	if !silent {
		tell(s)
	}
}

// worldLog takes the ends of utterances from the daemon's log, and prints it.
type worldLog struct{ *world }

func (worldLog) Enabled(context.Context, slog.Level) bool { return true }
func (l worldLog) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l worldLog) WithGroup(string) slog.Handler          { return l }
func (l worldLog) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	var id, reason string
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "utterance":
			id = a.Value.String()
		case "reason":
			reason = a.Value.String()
		}
		text += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		return true
	})
	l.change(func() {
		l.logged[r.Message]++
		if text != r.Message {
			l.logged[text]++
		}
	})
	if end, ok := strings.CutPrefix(r.Message, "utterance "); ok {
		l.change(func() { l.ends = append(l.ends, strings.TrimSpace(id+" "+end+" "+reason)) })
	}
	_, err := fmt.Fprintln(l.t.Output(), text)
	return err
}
