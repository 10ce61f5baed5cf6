package selftest

import (
	"errors"

	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/key"
)

// A meaning is what a byte from the terminal means.
type meaning uint8

const (
	within   meaning = iota // part of a sequence
	letter                  // text
	focusIn                 // the terminal got the focus
	focusOut                // the terminal lost the focus
)

// A scanner separates text from the sequences that terminals send for reports and for
// keys without text: ESC [ ... final, ESC O final, ESC char. Source: ECMA-48, 5.4.
type scanner struct {
	state  byte // 0, ESC, '[' or 'O'
	params int  // the number of bytes after ESC [
}

// next returns the meaning of the next byte.
func (s *scanner) next(c byte) meaning {
	const esc = 0x1b
	switch s.state {
	case 0:
		if c != esc {
			return letter
		}
		s.state = esc
	case esc:
		s.state, s.params = 0, 0
		if c == '[' || c == 'O' || c == esc {
			s.state = c
		}
	case 'O':
		s.state = 0
	case '[':
		if c < 0x40 || c > 0x7e {
			s.params++
			break
		}
		s.state = 0
		if s.params == 0 && c == 'I' {
			return focusIn
		}
		if s.params == 0 && c == 'O' {
			return focusOut
		}
	}
	return within
}

var errNoFocus = errors.New("press key: the terminal of the test does not have the focus")

// A guardedKeyboard presses a key only if the terminal of the test has the focus.
type guardedKeyboard struct {
	typing.Device
	hasFocus func() bool
}

// Down implements inject.Device.
func (s guardedKeyboard) Down(c key.Code) error {
	if !s.hasFocus() {
		return errNoFocus
	}
	return s.Device.Down(c)
}

// Tap implements inject.Device.
func (s guardedKeyboard) Tap(c key.Code) error {
	if !s.hasFocus() {
		return errNoFocus
	}
	return s.Device.Tap(c)
}
