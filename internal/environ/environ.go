// Package environ has the surroundings of one call of a program: its standard streams
// and its environment variables.
package environ

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

// An Env has the surroundings of one call. Lookup works like os.LookupEnv.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Lookup func(name string) (value string, ok bool)
	Names  func() []string // of all variables; nil for none
}

// OfProcess returns the surroundings of this process.
func OfProcess() Env {
	return Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Lookup: lookup, Names: names}
}

// lookup is os.LookupEnv, but HOME is always a whole path: that of the user database if the
// variable has none, else the root. The settings of a relative one would be those of the
// folder in which the program is called.
func lookup(name string) (value string, ok bool) {
	value, ok = os.LookupEnv(name)
	if name != "HOME" || filepath.IsAbs(value) {
		return value, ok
	}
	if u, err := user.Current(); err == nil && filepath.IsAbs(u.HomeDir) {
		return u.HomeDir, true
	}
	return "/", true
}

func names() (all []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		all = append(all, name)
	}
	return all
}

// Var returns the value of an environment variable, or nothing if it is not set.
func (e Env) Var(name string) string {
	v, _ := e.Lookup(name)
	return v
}

// ConfigHome returns the folder of the user's settings, by the XDG Base Directory
// Specification.
func (e Env) ConfigHome() string {
	if d := e.Var("XDG_CONFIG_HOME"); filepath.IsAbs(d) {
		return d
	}
	return filepath.Join(e.Var("HOME"), ".config")
}

// RuntimeDir returns the folder of the user's sockets, which pam_systemd(8) makes.
func (e Env) RuntimeDir() string {
	if d := e.Var("XDG_RUNTIME_DIR"); filepath.IsAbs(d) {
		return d
	}
	return fmt.Sprintf("/run/user/%d", os.Getuid())
}

// SessionBus returns the address of the user's D-Bus: $DBUS_SESSION_BUS_ADDRESS, else
// the socket that systemd makes for dbus-daemon(1).
func (e Env) SessionBus() string {
	if address := e.Var("DBUS_SESSION_BUS_ADDRESS"); address != "" {
		return address
	}
	return "unix:path=" + filepath.Join(e.RuntimeDir(), "bus")
}

// Locale returns the name of the locale for characters. Source: locale(7).
func (e Env) Locale() string {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := e.Var(name); v != "" {
			return v
		}
	}
	return ""
}
