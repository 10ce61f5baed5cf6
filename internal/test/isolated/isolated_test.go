package isolated

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestEnviron checks that a program gets nothing of the user's session.
func TestEnviron(t *testing.T) {
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "PULSE_SERVER", "DISPLAY", "NOTIFY_SOCKET", "DBUS_SESSION_BUS_ADDRESS"} {
		t.Setenv(name, "the user's")
	}
	c := exec.Command("env")
	c.Env = Environ("/the/test", "PULSE_SERVER=/the/test/native")
	out, err := c.Output()
	if err != nil || strings.Contains(string(out), "the user's") {
		t.Errorf("%s, %v", out, err)
	}
	for _, want := range []string{"HOME=/the/test", "PULSE_SERVER=/the/test/native"} {
		if !slices.Contains(strings.Split(string(out), "\n"), want) {
			t.Errorf("without %s: %s", want, out)
		}
	}
}
