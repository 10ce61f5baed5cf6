// Package bus runs a private D-Bus for a test.
package bus

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/isolated"
)

// Start returns the address of a session bus that lives as long as the test. It skips the
// test if there is no dbus-daemon(1).
func Start(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("there is no dbus-daemon")
	}
	c := exec.CommandContext(t.Context(), program, "--session", "--nofork", "--print-address=1", "--address=unix:dir="+t.TempDir())
	c.Env = isolated.Environ(t.TempDir())
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Wait() }) // the context ends it
	b := make([]byte, 512)
	n, err := out.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b[:n]))
}
