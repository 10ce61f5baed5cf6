package typing

import (
	"regexp"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/config"
)

// deadKeys reports whether é may be typed as ´ and e. IBus and Qt process what they
// compose later than the letters before it, so that "Más" becomes "áMs". That was seen
// in GNOME 48 with IBus, in Konsole of KDE's 6.3, and in qterminal under sway, even with
// 50 ms before each dead key. A program does not report that it uses Qt. So dead keys are
// used only in programs that are known to keep the order.
func deadKeys(setting string, s desktop.State) bool {
	if setting == "false" || s.Relayed || s.Desktop.Name == "kde" || strings.HasPrefix(s.App, "org.kde.") {
		return false
	}
	return setting == "true" || slices.ContainsFunc(orderDeadKeys, func(app string) bool { return strings.EqualFold(app, s.App) })
}

// orderDeadKeys are programs that were seen to process letters and dead keys in the order
// of the keys: their app_id or class, in any case.
var orderDeadKeys = []string{"foot", "footclient", "xterm", "alacritty", "kitty", "sakura", "firefox", "firefox-esr", "chromium", "chromium-browser"}

// pace returns how fast to type. Sway reads keyboards and answers questions in one
// thread, and an X server is asked for the keys themselves. Of other desktops this is
// not known well enough.
func pace(setting string, s desktop.State) inject.Pace {
	name := s.Desktop.Name
	switch {
	case setting == "careful" || setting == "auto" && (name == "" || name == "gnome" || s.Relayed):
		return inject.Careful
	case (name == "sway" || name == "x11") && !s.Relayed:
		return inject.Brisk
	}
	return inject.Even
}

// typedAhead is how many characters are typed at most into programs that mix up what they
// have not read yet. Firefox on Wayland reads its socket in a thread of its own, which sends
// newer events past older ones once the window is some 180 characters behind. The barrier
// asks the compositor, and cannot see it.
const typedAhead = 150

// mixUp matches the app_id of programs with that thread: packages, snaps, flatpaks, nightly
// builds, and programs that are made from Firefox.
var mixUp = regexp.MustCompile(`(?i)(^|[^a-z])(firefox[a-z]*|thunderbird|betterbird|librewolf|waterfox|floorp|icecat|zen|(tor|mullvad) ?browser)([^a-z]|$)`)

// mixesUp reports whether a program may be one that mixes up keys. A desktop that does not
// tell which program has the focus may have given it to one.
func mixesUp(s desktop.State) bool {
	return s.Desktop.Wayland != "" && (s.App == "" || mixUp.MatchString(s.App))
}

// pasteLimit returns how long a text may be that is typed, negative for any.
func pasteLimit(t config.Typing, s desktop.State) int {
	switch limited := t.PasteLimit > 0; {
	case mixesUp(s) && !t.OwnLimit && !(limited && t.PasteLimit < typedAhead):
		return typedAhead
	case limited:
		return t.PasteLimit
	}
	return -1
}

// A deadKeyUse is for which characters dead keys are pressed.
type deadKeyUse uint8

const (
	noDeadKeys deadKeyUse = iota
	forLetters            // and not for ^ and `, which are a dead key and Space
	forAll
)

// deadKeyUseOf returns what dead keys may be pressed for. Firefox on Wayland turns the
// first dead key and Space of a text into a space.
func deadKeyUseOf(setting string, s desktop.State) deadKeyUse {
	switch {
	case !deadKeys(setting, s):
		return noDeadKeys
	case mixesUp(s) && setting != "true":
		return forLetters
	}
	return forAll
}
