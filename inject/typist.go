package inject

import (
	"cmp"
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

// A Target is the window that has the focus, as far as it is known.
type Target struct {
	Layout  *keymap.Table   // in effect there; nil if it is not known, and then only pasting is right
	Chords  *keymap.Table   // the layout that chords are pressed on, also of an input method; nil for Layout
	Changed <-chan struct{} // closed when Layout is not in effect any more; nil for never
	Pace    Pace            // zero for Careful
	Chord   key.Stroke      // what pastes, as on an American keyboard; zero for Shift+Insert
	Limit   int             // as Typist.Limit, and before it; 0 for that one, negative for none
	NoPaste bool            // type only
}

// pasteChord returns the keys of the chord that pastes.
func (to Target) pasteChord() (key.Stroke, error) {
	if to.Chord.Code == 0 {
		return to.chord(shiftInsert)
	}
	return to.chord(to.Chord)
}

// chord returns the keys of a chord in the layout, or as they are if that is not known.
func (to Target) chord(us key.Stroke) (key.Stroke, error) {
	switch on := cmp.Or(to.Chords, to.Layout); {
	case on == nil:
		return us, nil
	default:
		return on.Chord(us)
	}
}

// A Source returns the Target of this moment.
type Source interface {
	Target(ctx context.Context) (Target, error)
}

// PhysicalKeys are the keys of the user's keyboards. Up waits, for a limited time, until
// no key is down. Down reports whether one is.
type PhysicalKeys interface {
	Up(ctx context.Context) error
	Down() bool
}

// A Paster delivers text by the clipboard. Paste offers the text and calls chord once,
// which makes the focused window ask for it. It reports whether the window did, and whether
// the clipboard holds again what it held. If the window did not, the text stays in the
// clipboard. With an error, nothing was delivered and nothing stays.
type Paster interface {
	Paste(ctx context.Context, text string, chord func(context.Context) error) (read, restored bool, err error)
}

// An Outcome is how a text was delivered.
type Outcome uint8

const (
	Typed     Outcome = iota // as keys
	Pasted                   // the window read it from the clipboard
	Clipboard                // no window read it; it is in the clipboard
)

func (o Outcome) String() string { return [...]string{"typed", "pasted", "clipboard"}[o] }

// A Result is what became of a text.
type Result struct {
	Outcome Outcome
	Rest    string // what was not delivered; Type takes it again

	// Replaced says that the clipboard keeps a text that was pasted, since what it held
	// before could not be had.
	Replaced bool
}

// ErrTouched says that a physical key went down during the typing.
var ErrTouched = errors.New("type text: a key was pressed")

// errTypeOnly is the reason for not pasting into a window that got the focus late.
var errTypeOnly = errors.New("the focused window is one to type into only")

// errNoLayout is the reason for pasting without a layout.
var errNoLayout = errors.New("layout of the focused window not known")

// A Typist types text into the focused window. It types one text at a time.
type Typist struct {
	Device       Device
	Source       Source
	Gate         Gate         // nil: pauses that a stalled compositor survives
	PhysicalKeys PhysicalKeys // nil: not watched
	Paster       Paster       // nil: what cannot be typed is an error
	Rules        Rules
	Limit        int // longer texts, in characters, are pasted if there is a Paster; 0 for none

	keys keyPresser // kept from text to text, as the reader keeps its queue and its clock
}

// Type writes text as the Rules have it. It types or pastes all of it. A text that it can
// neither type nor paste is an error before the first key, a *keymap.UntypableError if
// the layout lacks characters. If ctx is done, Type stops at the next character, which is
// not an error. When it returns, no key is down.
func (t *Typist) Type(ctx context.Context, text string) (Result, error) {
	res := Result{Rest: Clean(text, t.Rules)}
	for res.Rest != "" {
		changed, err := t.write(ctx, &res)
		if errors.Is(err, ErrTouched) && clock.Sleep(ctx, stopLimit) != nil {
			err = ctx.Err() // the key is the one that stops the typing
		}
		if err != nil || !changed {
			return res, unlessDone(ctx, err)
		}
	}
	return res, nil
}

// stopLimit is how long the caller may take to end ctx after a key was pressed.
const stopLimit = 100 * time.Millisecond

// unlessDone returns err, or nil if err says only that ctx is done.
func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// write delivers the rest of a text, or a part of it if the layout changes meanwhile.
func (t *Typist) write(ctx context.Context, res *Result) (changed bool, err error) {
	if err := t.Device.Ready(ctx); err != nil {
		return false, fmt.Errorf("wait for the virtual keyboard: %w", err)
	}
	if t.PhysicalKeys != nil {
		if err := t.PhysicalKeys.Up(ctx); err != nil {
			return false, fmt.Errorf("wait for keys to be up: %w", err)
		}
	}
	to, err := t.Source.Target(ctx)
	if err != nil {
		return false, fmt.Errorf("find the layout: %w", err)
	}
	chars, err := t.plan(to.Layout, res.Rest)
	limit := cmp.Or(to.Limit, t.Limit)
	switch {
	case t.Paster != nil && !to.NoPaste && (err != nil || limit > 0 && len(chars) > limit):
		return false, t.paste(ctx, to, res)
	case err != nil:
		return false, fmt.Errorf("plan text: %w", err)
	}
	return t.press(ctx, to, chars, res)
}

// plan returns the keys of every character of text, or an error.
func (t *Typist) plan(layout *keymap.Table, text string) ([]character, error) {
	if layout == nil {
		return nil, errNoLayout
	}
	if strings.Contains(text, "\n") {
		enter, err := t.enter(layout)
		if err != nil {
			return nil, err
		}
		layout = layout.With('\n', enter)
	}
	plan, err := layout.Plan(text)
	if err != nil {
		return nil, err
	}
	return characters(plan), nil
}

// enter returns the stroke that begins a new line.
func (t *Typist) enter(layout *keymap.Table) (key.Stroke, error) {
	if t.Rules.Newline == ShiftEnter {
		return layout.Chord(shiftEnter)
	}
	return layout.Chord(key.Stroke{Code: keyEnter})
}

const (
	keyEnter     key.Code = 28
	keyLeftShift key.Code = 42
	keyInsert    key.Code = 110
)

// Chords as on an American keyboard.
var (
	shiftEnter  = key.Stroke{Mods: []key.Code{keyLeftShift}, Code: keyEnter}
	shiftInsert = key.Stroke{Mods: []key.Code{keyLeftShift}, Code: keyInsert}
)

// press types chars and removes what it typed from the rest. A window may process what
// it composes of dead keys before letters that came together with them, as Qt does. So
// press types a text with dead keys key by key.
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
	return changed, err
}

// withKeys calls do, which presses keys, and releases all keys after it.
func (t *Typist) withKeys(to Target, do func(*keyPresser) error) (err error) {
	k := &t.keys
	k.use(t.Device, to.Pace, t.Gate)
	defer func() {
		if failed := k.release(); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	err = do(k)
	_ = k.hold(nil) // at the pace; release reports what this leaves
	return err
}

// may returns why typing may not continue, or nil.
func (t *Typist) may(ctx context.Context) error {
	if t.PhysicalKeys != nil && t.PhysicalKeys.Down() {
		return ErrTouched
	}
	return ctx.Err()
}

// paste delivers the rest by the clipboard. What that holds is read first, which may take a
// second. So the chord is that of the window that has the focus then.
func (t *Typist) paste(ctx context.Context, to Target, res *Result) error {
	if _, err := to.pasteChord(); err != nil {
		return fmt.Errorf("paste text: %w", err)
	}
	read, restored, err := t.Paster.Paste(ctx, res.Rest, func(ctx context.Context) error {
		to, err := t.Source.Target(ctx)
		if err != nil {
			return fmt.Errorf("find the layout: %w", err)
		}
		if to.NoPaste {
			return errTypeOnly
		}
		chord, err := to.pasteChord()
		if err != nil {
			return err
		}
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
		res.Outcome, res.Replaced = Pasted, !restored
	}
	return nil
}
