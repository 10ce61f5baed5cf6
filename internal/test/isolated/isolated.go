// Package isolated separates tests, and the programs that they start, from the session of
// the user who runs them.
package isolated

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Main runs the tests of a package and ends the program. What the tests start inherits
// an empty home, and no session, D-Bus, service manager or sound server.
func Main(m *testing.M) {
	home, err := os.MkdirTemp("", "vocoder-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); ofSession(name) {
			set(name, "")
		}
	}
	set("HOME", home)
	set("XDG_RUNTIME_DIR", home)
	set("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(home, "no-system-bus"))
	status := m.Run()
	_ = os.RemoveAll(home) // a temporary folder
	os.Exit(status)
}

// Environ returns the environment of a program whose home and runtime folder is dir, with
// additional variables. It has nothing of the user's home and session.
func Environ(dir string, more ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return ofSession(name)
	})
	return append(append(env, "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "DBUS_SESSION_BUS_ADDRESS=unix:path="+dir+"/bus"), more...)
}

// ofSession reports whether a variable leads to the user's session.
func ofSession(name string) bool {
	switch name {
	case "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "SWAYSOCK", "HYPRLAND_INSTANCE_SIGNATURE", "NOTIFY_SOCKET", "WATCHDOG_USEC", "JOURNAL_STREAM":
		return true
	}
	for _, prefix := range []string{"XDG_", "DBUS_", "PULSE_", "PIPEWIRE_", "SSH_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// set sets a variable of this process, or removes it if the value is empty.
func set(name, value string) {
	err := os.Unsetenv(name)
	if value != "" {
		err = os.Setenv(name, value)
	}
	if err != nil {
		panic("isolated: " + err.Error())
	}
}
