//go:build e2e

package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestSetup is a new user without a terminal. One command sets up and may be repeated; a
// second command removes everything.
func TestSetup(t *testing.T) {
	d := newRealSession(t)
	const file = "~/.config/vocoder/vocoder.yaml"
	_, err := m.As(within(t, time.Minute), "alice", "systemctl --user disable --now vocoder 2>/dev/null; rm -f "+file)
	ok(t, err)
	var first string
	for range 2 {
		out := text(m.As(within(t, time.Minute), "alice", "vocoder setup"))(t)
		t.Logf("vocoder setup:\n%s", out)
		if !strings.HasSuffix(out, "Hold Right Ctrl and speak.\n") {
			t.Errorf("it ends with %q", out)
		}
		if active, enabled := show(t, "ActiveState"), show(t, "UnitFileState"); active != "active" || enabled != "enabled" {
			t.Errorf("the unit is %s and %s", active, enabled)
		}
		now := text(m.As(within(t, time.Minute), "alice", "cat "+file))(t)
		if first != "" && now != first || !strings.Contains(now, "\nkey: KEY_RIGHTCTRL\n") {
			t.Errorf("the settings are\n%s", now)
		}
		first = now
	}
	if g, status := d.examine(t, ""); status != 0 {
		link, state, mend := g.first()
		t.Errorf("doctor: %s is %s -> %s", link, state, mend)
	}
	out := text(m.As(within(t, time.Minute), "alice", "vocoder setup --undo; test ! -e "+file))(t)
	if active := show(t, "ActiveState"); active != "inactive" {
		t.Errorf("after undo the unit is %s: %s", active, out)
	}
}

// TestNotice checks that a press with a muted microphone shows a notification on the
// desktop. It watches the D-Bus messages.
func TestNotice(t *testing.T) {
	newRealSession(t)
	ctx := within(t, 2*time.Minute)
	seen := follow(ctx, t, "alice", `exec stdbuf -oL busctl --user monitor --match="interface='org.freedesktop.Notifications'" 2>&1`)
	seen.until(t, contains("Monitoring"))
	_, err := m.As(ctx, "alice", "pactl set-source-mute @DEFAULT_SOURCE@ 1")
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "pactl set-source-mute @DEFAULT_SOURCE@ 0")
		ok(t, err)
	})
	ok(t, m.KeyDown(ctx, defaultKey))
	pass(t, time.Second)
	ok(t, m.KeyUp(ctx, defaultKey))
	seen.until(t, contains("Member=Notify"))
	t.Log(seen.until(t, contains("The microphone hears nothing useful")))
}
