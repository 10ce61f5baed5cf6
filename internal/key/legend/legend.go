// Package legend has what is printed on keys, for messages to people.
package legend

import (
	"regexp"
	"strings"
)

// legends are what keyboards print on keys whose kernel name does not say it.
var legends = map[string]string{
	"KEY_LEFTCTRL": "Left Ctrl", "KEY_RIGHTCTRL": "Right Ctrl",
	"KEY_LEFTSHIFT": "Left Shift", "KEY_RIGHTSHIFT": "Right Shift",
	"KEY_LEFTALT": "Left Alt", "KEY_RIGHTALT": "Right Alt",
	"KEY_LEFTMETA": "Left Super", "KEY_RIGHTMETA": "Right Super",
	"KEY_CAPSLOCK": "Caps Lock", "KEY_NUMLOCK": "Num Lock", "KEY_SCROLLLOCK": "Scroll Lock",
	"KEY_PAUSE": "Pause", "KEY_SYSRQ": "Print Screen", "KEY_COMPOSE": "Menu",
	"KEY_INSERT": "Insert", "KEY_SPACE": "Space",
}

// keyName matches a kernel name of a key or button.
var keyName = regexp.MustCompile(`\b(KEY|BTN)_\w+`)

// Of replaces the kernel names in keys, which may be joined by "+" and ", ", by the
// legends: KEY_RIGHTCTRL by "Right Ctrl". A key without a known legend keeps its name.
func Of(keys string) string {
	return keyName.ReplaceAllStringFunc(keys, func(name string) string {
		if l, ok := legends[name]; ok {
			return l
		}
		if n, ok := strings.CutPrefix(name, "KEY_F"); ok && strings.Trim(n, "0123456789") == "" {
			return "F" + n
		}
		return name
	})
}

// AndName returns the legends with the kernel names after them, as in "Right Ctrl
// (KEY_RIGHTCTRL)": the name is what the settings want.
func AndName(keys string) string {
	if l := Of(keys); l != keys {
		return l + " (" + keys + ")"
	}
	return keys
}
