// Package bus runs a private D-Bus for a test.
package bus

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/isolated"
)

// Start returns the address of a session bus that lives as long as the test. It skips the
// test if there is no dbus-daemon(1).
func Start(t *testing.T) string {
	t.Helper()
	address, _ := StartAt(t, "unix:dir="+t.TempDir())
	return address
}

// StartAt is Start at an address, such as unix:path=/run/user/1000/bus. stop ends the bus
// before the test does.
func StartAt(t *testing.T, listen string) (address string, stop func()) {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("there is no dbus-daemon")
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := exec.CommandContext(ctx, program, "--session", "--nofork", "--print-address=1", "--address="+listen)
	c.Env = isolated.Environ(t.TempDir())
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		cancel()
		_ = c.Wait() // the context ends it
	})
	t.Cleanup(end)
	b := make([]byte, 512)
	n, err := out.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b[:n])), end
}
