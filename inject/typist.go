package inject

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A Target is what a text is for: the focused window, as far as it is known.
type Target struct {
	Layout  *keymap.Table   // in effect there; nil if that is not known, so that only pasting is right
	Changed <-chan struct{} // closed when Layout is not in effect any more; nil for never
	Pace    Pace            // zero for Careful
	Chord   key.Stroke      // what pastes; zero for Shift+Insert
}

// A Source finds out the Target of this moment.
type Source interface {
	Target(ctx context.Context) (Target, error)
}

// Fingers tell about the physical keyboards. Up waits, for a while, until no key
// of them is down, and Down reports whether one is.
type Fingers interface {
	Up(ctx context.Context) error
	Down() bool
}

// A Paster delivers text by the clipboard. Paste offers it, calls chord once,
// which makes the focused window ask for it, and reports whether it did; if it
// did not, the text stays in the clipboard. With an error, nothing was
// delivered and nothing stays.
type Paster interface {
	Paste(ctx context.Context, text string, chord func(context.Context) error) (read bool, err error)
}

// An Outcome is how a text was delivered.
type Outcome uint8

const (
	Typed     Outcome = iota // as keys
	Pasted                   // the window read it from the clipboard
	Clipboard                // nothing read it; it waits in the clipboard
)

func (o Outcome) String() string { return [...]string{"typed", "pasted", "clipboard"}[o] }

// A Result is what became of a text.
type Result struct {
	Outcome Outcome
	Rest    string // what was not delivered; to be given to Type again
}

// ErrTouched says that a physical key went down during the typing.
var ErrTouched = errors.New("type text: a key was pressed")

// errNoLayout says why pasting is all that is left.
var errNoLayout = errors.New("layout of the focused window not known")

// A Typist types text into the focused window. It types one text at a time.
type Typist struct {
	Device  Device
	Source  Source
	Gate    Gate    // nil: the pace slows down to what a stalled compositor survives
	Fingers Fingers // nil: not watched
	Paster  Paster  // nil: what cannot be typed is an error
	Rules   Rules
	Limit   int // longer texts, in characters, are pasted if there is a Paster; 0 for none

	keys keyPresser // goes on from text to text, as do the reader's queue and its clock
}

// Type writes text as the Rules have it. All of it is typed, or all of it is
// pasted; a text that can be neither is an error before the first key, a
// *keymap.UntypableError if that is the reason. When ctx is done it stops at the next
// character, which is no error. However it ends, no key is down.
func (t *Typist) Type(ctx context.Context, text string) (Result, error) {
	res := Result{Rest: Clean(text, t.Rules)}
	for res.Rest != "" {
		changed, err := t.write(ctx, &res)
		if err != nil || !changed {
			return res, unlessDone(ctx, err)
		}
	}
	return res, nil
}

// unlessDone returns nil if err only says that ctx is done.
func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// write delivers the rest of a text, or part of it if the layout is changed
// meanwhile.
func (t *Typist) write(ctx context.Context, res *Result) (changed bool, err error) {
	if err := t.Device.Ready(ctx); err != nil {
		return false, fmt.Errorf("wait for the virtual keyboard: %w", err)
	}
	if t.Fingers != nil {
		if err := t.Fingers.Up(ctx); err != nil {
			return false, fmt.Errorf("wait for keys to be up: %w", err)
		}
	}
	to, err := t.Source.Target(ctx)
	if err != nil {
		return false, fmt.Errorf("find the layout: %w", err)
	}
	chars, err := t.plan(to.Layout, res.Rest)
	switch {
	case t.Paster != nil && (err != nil || t.Limit > 0 && len(chars) > t.Limit):
		return false, t.paste(ctx, to, res)
	case err != nil:
		return false, fmt.Errorf("plan text: %w", err)
	}
	return t.press(ctx, to, chars, res)
}

// plan finds the keys of every character of text, or none.
func (t *Typist) plan(layout *keymap.Table, text string) ([]character, error) {
	if layout == nil {
		return nil, errNoLayout
	}
	if strings.Contains(text, "\n") {
		if enter, ok := t.enter(layout); ok {
			layout = layout.With('\n', enter)
		}
	}
	plan, err := layout.Plan(text)
	if err != nil {
		return nil, err
	}
	return characters(plan), nil
}

// enter returns what begins a new line.
func (t *Typist) enter(layout *keymap.Table) (key.Stroke, bool) {
	enter, ok := layout.Symbol("Return")
	if t.Rules.Newline == ShiftEnter {
		enter = shifted(enter)
	}
	return enter, ok
}

const (
	keyLeftShift key.Code = 42
	keyInsert    key.Code = 110
)

// shifted returns a stroke with Shift held too, which is the same key on every
// layout.
func shifted(s key.Stroke) key.Stroke {
	return key.Stroke{Mods: append([]key.Code{keyLeftShift}, s.Mods...), Code: s.Code}
}

// press types chars and takes what it typed from the rest. What a window composes
// of dead keys may overtake letters that came together with them, as Qt has it; so
// a text with some is typed key by key.
func (t *Typist) press(ctx context.Context, to Target, chars []character, res *Result) (changed bool, err error) {
	if to.Pace.Together && slices.ContainsFunc(chars, character.composed) {
		to.Pace = Even
	}
	err = t.withKeys(to, func(k *keyPresser) error {
		for _, ch := range chars {
			err := t.may(ctx)
			if err == nil {
				err = k.character(ctx, ch.strokes)
			}
			if err != nil {
				return err
			}
			res.Outcome, res.Rest = Typed, res.Rest[ch.bytes:]
			select {
			case <-to.Changed:
				changed = true
				return nil
			default:
			}
		}
		return nil
	})
	if errors.Is(err, ErrTouched) {
		// The key may be the one that stops us. What watches it says so.
		if clock.Sleep(ctx, grace) != nil {
			return false, ctx.Err()
		}
	}
	return changed, err
}

// grace is how long a pressed key has to arrive as the end of ctx.
const grace = 100 * time.Millisecond

// withKeys lets do press keys, and sees that all are up after it.
func (t *Typist) withKeys(to Target, do func(*keyPresser) error) (err error) {
	k := &t.keys
	k.use(t.Device, to.Pace, t.Gate)
	defer func() {
		if failed := k.release(); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	err = do(k)
	_ = k.hold(nil) // in its own time; release reports what this leaves
	return err
}

// may reports why typing may not go on.
func (t *Typist) may(ctx context.Context) error {
	if t.Fingers != nil && t.Fingers.Down() {
		return ErrTouched
	}
	return ctx.Err()
}

// paste delivers the rest by the clipboard.
func (t *Typist) paste(ctx context.Context, to Target, res *Result) error {
	chord := to.Chord
	if chord.Code == 0 {
		chord = shifted(key.Stroke{Code: keyInsert})
	}
	read, err := t.Paster.Paste(ctx, res.Rest, func(ctx context.Context) error {
		return t.withKeys(to, func(k *keyPresser) error {
			if err := t.may(ctx); err != nil {
				return err
			}
			return k.character(ctx, []key.Stroke{chord})
		})
	})
	if err != nil {
		return fmt.Errorf("paste text: %w", err)
	}
	res.Outcome, res.Rest = Clipboard, ""
	if read {
		res.Outcome = Pasted
	}
	return nil
}
