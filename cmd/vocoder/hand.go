package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/inject"
)

var errNoKeyboard = errors.New("no virtual keyboard")

// A hand is the virtual keyboard as dictate sees it: one device for the life of
// the program. It is safe for concurrent use, but types one text at a time.
type hand struct {
	log    *slog.Logger
	screen *screen
	told   func(error) // is given what is wrong with the keyboard, nil if nothing

	mu       sync.Mutex
	keyboard *inject.Keyboard // nil while it cannot be made
	typist   *inject.Typist   // of that keyboard
	fingers  *fingers
	failed   string // the last error, told once
	seam     seam
}

func newHand(log *slog.Logger, s *screen, told func(error)) *hand {
	return &hand{log: log, screen: s, told: told}
}

// open makes the device if it is not there. It is called again whenever there
// is a chance that it works now, and logs each error once.
func (h *hand) open() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keyboard != nil {
		return nil
	}
	k, err := inject.OpenKeyboard()
	if err != nil {
		if h.failed != err.Error() {
			h.failed = err.Error()
			h.log.Error("typing unavailable", "err", err, "hint", hint(err))
		}
		h.told(err)
		return err
	}
	h.keyboard, h.failed = k, ""
	h.fingers = &fingers{own: k.Sysname()}
	h.typist = &inject.Typist{Device: k, Source: source{h.screen, k}, Fingers: h.fingers, Paster: h.screen.clipboard}
	h.told(nil)
	return nil
}

// sysname returns the kernel's name of the device, or nothing.
func (h *hand) sysname() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keyboard == nil {
		return ""
	}
	return h.keyboard.Sysname()
}

// close takes the device away, and with it every key that it holds down.
func (h *hand) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keyboard == nil {
		return
	}
	if err := h.keyboard.Close(); err != nil {
		h.log.Error("close the keyboard", "err", err)
	}
	h.keyboard, h.typist = nil, nil
}

// write types a text as dictate.Typist does.
func (h *hand) write(ctx context.Context, text string) (dictate.Outcome, string, error) {
	if err := h.open(); err != nil {
		return dictate.Kept, text, err
	}
	h.mu.Lock()
	t := h.typist
	h.mu.Unlock()
	if t == nil {
		return dictate.Kept, text, errNoKeyboard
	}
	style := h.screen.current()
	t.Rules, t.Limit, t.Gate = style.rules(), style.PasteLimit, h.screen.gate(ctx)
	defer h.fingers.close()
	r, err := t.Type(ctx, text)
	return outcome(r.Outcome), r.Rest, err
}

// A typist is the hand of a daemon, which is made after the stages.
type typist struct{ *daemon }

// Type implements dictate.Typist.
func (t typist) Type(ctx context.Context, text string) (dictate.Outcome, string, error) {
	text = t.hand.seam.fit(text)
	how, rest, err := t.hand.write(ctx, text)
	t.hand.seam.wrote(text, rest)
	return how, rest, err
}

func outcome(o inject.Outcome) dictate.Outcome {
	switch o {
	case inject.Pasted:
		return dictate.Pasted
	case inject.Clipboard:
		return dictate.Clipboard
	}
	return dictate.Typed
}
