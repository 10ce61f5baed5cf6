// Package environment separates the programs that a test starts from the user's session.
package environment

import "os"

// inherited are the variables that a program needs to run at all.
var inherited = []string{"PATH", "LD_LIBRARY_PATH", "TMPDIR"}

// In returns the environment of a program whose home and runtime folder is dir, with
// additional variables. The program does not get the user's home, XDG folders, session
// bus, display or sound server.
func In(dir string, more ...string) []string {
	env := []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "DBUS_SESSION_BUS_ADDRESS=unix:path=" + dir + "/bus"}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return append(env, more...)
}
