package keymap

import "github.com/arealicehole/vocoder/internal/key"

// The costs decide between the ways to type a character: the main block before the keypad,
// which Mouse Keys may use, Shift before AltGr, both before a latch, and a key that also
// sets modifiers last.
const (
	latchCost    = 20
	sideCost     = 8  // the key itself sets a modifier while it is down
	sequenceCost = 10 // of each key of a dead-key sequence
)

// pressCost is lower for keys that people type with more often.
func pressCost(c key.Code) int {
	switch {
	case c >= 2 && c <= 13, c >= 15 && c <= 28, c >= 30 && c <= 41, c >= 43 && c <= 53, c == 57, c == 86:
		return 0 // the main block, from KEY_1 to KEY_SPACE and KEY_102ND
	case c == 89, c == 124: // KEY_RO, KEY_YEN
		return 1
	case c == 55, c >= 71 && c <= 83, c == 96, c == 98: // the keypad
		return 40
	}
	return 60
}

// holdCost is lower for keys that people hold more often. Keys that lock something, or are
// commands on other layouts, come last.
func holdCost(c key.Code) int {
	switch c {
	case 42, 100: // KEY_LEFTSHIFT, KEY_RIGHTALT
		return 4
	case 54: // KEY_RIGHTSHIFT
		return 5
	case 29, 43, 86, 97: // KEY_LEFTCTRL, KEY_BACKSLASH, KEY_102ND, KEY_RIGHTCTRL
		return 6
	case 84, 195: // without a name; xkeyboard-config has them as <LVL3> and <MDSW>
		return 7
	case 56, 58, 125, 126: // KEY_LEFTALT, KEY_CAPSLOCK, KEY_LEFTMETA, KEY_RIGHTMETA
		return 8
	}
	return 10
}
