package desktop

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// lights returns the locks that the lights of the keyboards show. Compositors switch
// them. A keyboard without lights shows nothing. Source:
// docs.kernel.org/leds/leds-class.html.
func lights(root string) (keymap.Locks, string) {
	dir := rooted(root, "sys/class/leds")
	caps, some := lit(dir, "capslock")
	num, more := lit(dir, "numlock")
	if !some && !more {
		return keymap.Locks{}, "no keyboard has lights"
	}
	return keymap.Locks{Caps: caps, Num: num}, "/sys/class/leds"
}

// lit reports whether a light is on at some keyboard, and whether any has it.
func lit(dir, light string) (on, any bool) {
	files, _ := filepath.Glob(filepath.Join(dir, "*::"+light, "brightness")) // the pattern is good
	for _, file := range files {
		value, err := os.ReadFile(file)
		if err != nil {
			continue // the keyboard went away
		}
		any = true
		on = on || !bytes.Equal(bytes.TrimSpace(value), []byte("0"))
	}
	return on, any
}
