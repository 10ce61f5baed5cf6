//go:build e2e

package e2e_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
)

// Exit statuses of vocoder that scripts may rely on: vocoder(1).
const failed, misused, misset = 1, 2, 78

// TestFilterMistakes checks that every stage alone prints what is wrong, and what to do.
func TestFilterMistakes(t *testing.T) {
	ctx := within(t, 2*time.Minute)
	ok(t, shipped.Install(ctx, m))
	_, err := m.Run(ctx, "printf 'typo: 1\\n' > /tmp/typo.yaml; chmod 644 /tmp/typo.yaml")
	ok(t, err)
	for _, tt := range []struct {
		name, user, command string
		status              int
		says                string
	}{
		{"keys without permission", "bob", "vocoder keys --count 1", failed, "permission"},
		{"type without permission", "bob", "echo hello | vocoder type", failed, "permission"},
		{"keys without a device", "alice", "vocoder keys --key KEY_F24 --count 1", failed, "KEY_F24"},
		{"record without a microphone", "alice", "vocoder record --audio-source nowhere --seconds 1 | cat >/dev/null; exit ${PIPESTATUS[0]}", failed, "nowhere"},
		{"record without a sound server", "alice", "PULSE_SERVER=unix:/nowhere vocoder record --seconds 1 | cat >/dev/null; exit ${PIPESTATUS[0]}", failed, ""},
		{"transcribe without a server", "alice", "vocoder record --seconds 1 > /tmp/one.wav; WHISPER_URL=http://127.0.0.1:9/ vocoder transcribe --audio-gate=false < /tmp/one.wav", failed, "127.0.0.1:9"},
		{"transcribe silence", "alice", "vocoder record --seconds 1 | vocoder transcribe", failed, "no voice"},
		{"broken WAV", "alice", "echo RIFF | vocoder transcribe", failed, "WAV"},
		{"unknown key", "alice", "vocoder keys --key KEY_NOWHERE", misset, "KEY_NOWHERE"},
		{"typo in the settings", "alice", "vocoder keys --config /tmp/typo.yaml", misset, "/tmp/typo.yaml:1"},
		{"unknown flag", "alice", "vocoder keys --nowhere", misused, "--nowhere"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := m.As(within(t, 30*time.Second), tt.user, "( "+tt.command+" ) 2>&1")
			status := 0
			if e, is := errors.AsType[*exec.ExitError](err); is {
				status = e.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if status != tt.status || !strings.Contains(out, tt.says) || !strings.Contains(out, "hint: ") {
				t.Errorf("status %d, want %d, with %q and a hint; printed:\n%s", status, tt.status, tt.says, out)
			} else {
				t.Logf("%s", out)
			}
		})
	}
}

// TestUnit checks that systemd accepts the unit without a warning, and that the unit
// names no user (the predecessor's named one).
func TestUnit(t *testing.T) {
	ctx := within(t, time.Minute)
	ok(t, shipped.Install(ctx, m))
	const unit = "/usr/lib/systemd/user/vocoder.service"
	// The image leaves manual pages out, so man(1) is not there to ask.
	out, err := m.As(ctx, "alice", "systemd-analyze verify --user --man=no "+unit+" 2>&1")
	if err != nil || strings.TrimSpace(out) != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	shown := text(m.Run(ctx, "cat "+unit))(t)
	for _, fixed := range []string{"/home", "/run/user", "1000"} {
		if strings.Contains(shown, fixed) {
			t.Errorf("the unit has %s in it", fixed)
		}
	}
}

// TestFilters checks that each stage that needs no recognizer works alone.
func TestFilters(t *testing.T) {
	ctx := within(t, 2*time.Minute)
	ok(t, shipped.Install(ctx, m))
	_, err := m.As(ctx, "alice", "systemctl --user stop vocoder; rm -f ~/.config/vocoder/vocoder.yaml")
	ok(t, err)
	t.Run("record", func(t *testing.T) {
		out := text(m.As(ctx, "alice", "vocoder record --seconds 1 | od -An -t u2 -j 22 -N 6"))(t)
		if f := strings.Fields(out); len(f) != 3 || f[0] != "1" || f[1] != "16000" {
			t.Errorf("channels and rate: %q, want 1 and 16000", out)
		}
	})
	t.Run("type", func(t *testing.T) {
		ok(t, m.ClearTyped(ctx))
		_, err := m.As(ctx, "alice", "printf 'Hello, world' | vocoder type")
		ok(t, err)
		if got := text(m.Typed(ctx))(t); strings.TrimSpace(got) != "Hello, world" {
			t.Errorf("typed %q", got)
		}
	})
	for _, list := range []string{"devices", "sources"} {
		t.Run(list, func(t *testing.T) {
			if out := text(m.As(ctx, "alice", "vocoder "+list))(t); strings.TrimSpace(out) == "" {
				t.Error("printed nothing")
			}
		})
	}
	t.Run("keys", func(t *testing.T) {
		keys := follow(ctx, t, "alice", "exec vocoder keys --count 1 2>&1")
		keys.until(t, contains("listening to"))
		ok(t, m.KeyDown(ctx, defaultKey))
		ok(t, m.KeyUp(ctx, defaultKey))
		keys.until(t, contains("KEY_RIGHTCTRL pressed"))
		keys.until(t, contains("KEY_RIGHTCTRL released after"))
	})
}
