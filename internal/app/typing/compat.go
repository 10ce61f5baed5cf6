package typing

import (
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
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
