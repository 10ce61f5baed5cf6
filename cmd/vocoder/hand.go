package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/app/helper"
)

var errNoKeyboard = errors.New("no virtual keyboard")

// A hand is the virtual keyboard as dictate sees it: one device for the life of
// the program. It is safe for concurrent use, but types one text at a time.
type hand struct {
	log    *slog.Logger
	screen *screen
	helper *helper.Client              // has the keyboard; nil if this program may make one itself
	guard  func(typewriter) typewriter // nil: every key may be pressed
	told   func(error)                 // is given what is wrong with the keyboard, nil if nothing

	mu       sync.Mutex
	keyboard typewriter     // nil while it cannot be made
	typist   *inject.Typist // of that keyboard
	fingers  watched
	failed   string // the last error, told once
	seam     seam
}

// A typewriter is a virtual keyboard, our own or that of vocoder-inputd.
type typewriter interface {
	inject.Device
	Sysname() string
	Close() error
}

// Watched are the physical keys, looked at from Up to close.
type watched interface {
	inject.Fingers
	Close()
}

func newHand(log *slog.Logger, s *screen, told func(error)) *hand {
	return &hand{log: log, screen: s, told: told}
}

// open makes the device if it is not there. It is called again whenever there
// is a chance that it works now, and logs each error once.
func (h *hand) open() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keyboard != nil && h.helper == nil {
		return nil
	}
	k, f, err := h.device()
	if err != nil {
		if h.failed != err.Error() {
			h.failed = err.Error()
			h.log.Error("typing unavailable", "err", err)
		}
		h.told(err)
		return err
	}
	h.failed = ""
	h.told(nil)
	if h.keyboard != nil {
		return nil
	}
	h.keyboard, h.fingers = k, f
	h.typist = &inject.Typist{Device: k, Source: source{h.screen, k}, Fingers: h.fingers, Paster: h.screen.clipboard}
	return nil
}

// device returns the keyboard to type on, and what watches the others.
func (h *hand) device() (typewriter, watched, error) {
	if h.helper != nil {
		return h.helper, helper.PhysicalKeys{Client: h.helper}, h.helper.Check()
	}
	k, err := inject.OpenKeyboard()
	if err != nil {
		return nil, nil, err
	}
	if h.guard != nil {
		return h.guard(k), &fingers{own: k.Sysname()}, nil
	}
	return k, &fingers{own: k.Sysname()}, nil
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
	t.Rules, t.Limit, t.Gate = style.rules(), style.PasteLimit, h.screen.gate(ctx, t.Device)
	defer h.fingers.Close()
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
