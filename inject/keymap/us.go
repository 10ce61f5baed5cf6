package keymap

import _ "embed"

//go:generate sh -c "printf 'xkb_keymap { xkb_keycodes { include \"evdev+aliases(qwerty)\" }; xkb_types { include \"complete\" }; xkb_compat { include \"complete\" }; xkb_symbols { include \"pc+us+inet(evdev)\" }; };' | xkbcomp -w0 -xkb - us.xkb"

//go:embed us.xkb
var us string

// US returns the plain layout of the United States, from the data of the X
// Keyboard Configuration Database (MIT). It is what a keyboard has by default.
func US() *Map {
	m, err := Parse(us)
	if err != nil {
		panic("keymap: " + err.Error())
	}
	return m
}
