package main

import (
	"testing"

	"github.com/arealicehole/vocoder/internal/test/help"
)

func TestHelp(t *testing.T) { help.Check(t, (&cli{}).command(), 20) }

// TestCompletionBindable: keys that can be bound are offered to hold, with what setup takes
// besides, and no others.
func TestCompletionBindable(t *testing.T) {
	for _, args := range [][]string{{"setup", "--key", ""}, {"run", "--key", ""}, {"config", "set", "key", ""}, {"run", "--cancel-key", ""}} {
		offered := completions(t, args...)
		for _, bad := range []string{"KEY_A", "KEY_1", "KEY_ENTER", "BTN_LEFT"} {
			if offered[bad] {
				t.Errorf("%q: %s is offered", args, bad)
			}
		}
		if !offered["KEY_F13"] || !offered["KEY_RIGHTCTRL"] || offered["keep"] != (args[0] == "setup") {
			t.Errorf("%q: %d are offered", args, len(offered))
		}
	}
	if chords := completions(t, "setup", "--key", "KEY_LEFTMETA+"); !chords["KEY_LEFTMETA+KEY_F9"] {
		t.Error("no chord is offered")
	}
	if all := completions(t, "setup", "--microphone", ""); !all["default"] || !all["speak"] {
		t.Errorf("%v", all)
	}
}
