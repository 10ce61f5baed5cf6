#!/bin/sh
# Compiles the keymaps of the tests from the X Keyboard Configuration Database.
set -eu
cd "$(dirname "$0")"
compile() {
	printf 'xkb_keymap {
		xkb_keycodes { include "evdev+aliases(qwerty)" };
		xkb_types { include "complete" };
		xkb_compat { include "complete" };
		xkb_symbols { include "pc+%s+inet(evdev)" };
	};' "$1" | xkbcomp -w0 -xkb - "$2"
}
compile 'de+us:2+ru:3' de+us+ru.xkb
compile 'de(neo)' neo.xkb
compile 'ch(fr)+level3(caps_switch)' ch-fr.xkb
compile 'us+de(neo):2' us+neo.xkb
compile 'us(dvorak)+ru:2+group(lshift_toggle)+ctrl(swapcaps)' dvorak+ru.xkb
