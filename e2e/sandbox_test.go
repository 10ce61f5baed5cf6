//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// TestSetupSandbox checks when setup puts the daemon in a sandbox. It does not if the
// daemon could not distinguish the recognizer from a stranger's server. Otherwise it
// does, and the daemon starts in it. Setup also removes the sandbox again.
func TestSetupSandbox(t *testing.T) {
	if !sweeping() {
		t.Skip("make sweep-setup")
	}
	newHelper(t, newMockSession(t))
	top, err := repo.Top()
	ok(t, err)
	const shipped = "/usr/local/share/vocoder/vocoder.service.d/50-sandbox.conf"
	_, err = m.Run(within(t, time.Minute), "mkdir -p "+filepath.Dir(shipped))
	ok(t, err)
	ok(t, m.Put(within(t, time.Minute), filepath.Join(top, "packaging", "50-sandbox.conf"), shipped))
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm -r /usr/local/share/vocoder")
		ok(t, err)
	})
	relay(t, "recognizer", "127.0.0.1:8772", fmt.Sprint("127.0.0.1:", port))
	const state = "; readlink ~/.config/systemd/user/vocoder.service.d/50-sandbox.conf; systemctl --user show -P ActiveState -P PrivateDevices vocoder"
	for _, tt := range []struct{ name, command, want string }{
		{"root's recognizer", "vocoder setup --start now", "no\nactive\n"},
		{"one of alice's own", "vocoder setup --start now --recogniser http://127.0.0.1:8772/v1/transcribe", shipped + "\nyes\nactive\n"},
		{"undone", "vocoder setup --undo", "no\ninactive\n"},
	} {
		out := text(m.As(within(t, 2*time.Minute), "alice", tt.command+" 2>&1"+state))(t)
		t.Logf("%s:\n%s", tt.name, out)
		if !strings.HasSuffix(out, "\n"+tt.want) || tt.name != "one of alice's own" && strings.Contains(out, shipped) {
			t.Errorf("%s: it ends with %q, want %q", tt.name, out, tt.want)
		}
	}
}
