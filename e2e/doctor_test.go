//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A diagnosis is what vocoder doctor --json prints.
type diagnosis struct {
	State string
	Links []struct{ Link, State, Says, Mend string }
}

// examine runs doctor as alice during speech. Otherwise the emulated microphone delivers
// only zeros, unlike a microphone in a room.
func (d *realSession) examine(t *testing.T, env string) (g diagnosis, status int) {
	t.Helper()
	ctx := within(t, time.Minute)
	spoken, err := m.StartPlay(ctx, d.clips[len(d.clips)-1].Clip)
	ok(t, err)
	out, err := m.As(ctx, "alice", env+" vocoder doctor --json")
	if e, is := err.(interface{ Unwrap() error }); is {
		if e, is := e.Unwrap().(*exec.ExitError); is {
			status, err = e.ExitCode(), nil
		}
	}
	ok(t, err)
	ok(t, spoken.Wait(ctx))
	ok(t, json.Unmarshal([]byte(out), &g))
	return g, status
}

// first returns the first link that is not well.
func (g diagnosis) first() (link, state, mend string) {
	for _, l := range g.Links {
		if l.State != "ok" {
			return l.Link, l.State, l.Mend
		}
	}
	return "", "ok", ""
}

// TestDoctor breaks the machine in one place at a time. doctor must name that place and
// a command. If a script can run the command, it must repair the place.
func TestDoctor(t *testing.T) {
	d := newRealSession(t)
	_, err := m.As(within(t, time.Minute), "alice", "systemctl --user enable vocoder 2>/dev/null; systemctl --user restart vocoder")
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "systemctl --user disable vocoder 2>/dev/null")
		ok(t, err)
	})
	t.Run("healthy", func(t *testing.T) {
		g, status := d.examine(t, "")
		for _, l := range g.Links {
			t.Logf("%-8s %-11s %s", l.State, l.Link, l.Says)
			if l.State != "ok" {
				t.Errorf("%s: %s -> %s", l.Link, l.Says, l.Mend)
			}
		}
		if status != 0 || g.State != "ok" {
			t.Errorf("exit status %d, state %q", status, g.State)
		}
	})
	for _, tt := range []struct {
		name, user, fault string
		env               string // of doctor
		link, mend        string
		status            int
		cure              string // undoes the fault; empty: the command that doctor printed
	}{
		{name: "module out", user: "root", fault: "systemctl --user -M alice@ stop vocoder; modprobe -r uinput", link: "module", mend: "sudo modprobe uinput", status: 1,
			cure: "modprobe uinput; udevadm settle; systemctl --user -M alice@ start vocoder"},
		{name: "node mode", user: "root", fault: "systemctl --user -M alice@ stop vocoder; setfacl -b /dev/uinput; chmod 600 /dev/uinput", link: "node", mend: `KERNEL=="uinput"`, status: 1,
			cure: "udevadm trigger /dev/uinput; udevadm settle; systemctl --user -M alice@ start vocoder"},
		{name: "wrong key", user: "alice", fault: "true", env: "VOCODER_KEY=KEY_F24", link: "key", mend: "vocoder keys --learn", status: 1, cure: "true"},
		{name: "muted microphone", user: "alice", fault: "pactl set-source-mute @DEFAULT_SOURCE@ 1", link: "microphone", mend: "pactl set-source-mute ", status: 1},
		{name: "recognizer at a wrong path", user: "alice", fault: "true", env: "WHISPER_URL=http://127.0.0.1:8771/nowhere/v1/transcribe", link: "recogniser", mend: "vocoder config set whisper_url http://127.0.0.1:8771", status: 1, cure: "true"},
		{name: "recognizer down", user: "alice", fault: "true", env: "WHISPER_URL=http://127.0.0.1:9/v1/transcribe", link: "recogniser", mend: "vocoder config set whisper_url http://127.0.0.1:8771", status: 1, cure: "true"},
		{name: "settings typo", user: "alice", fault: "mkdir -p ~/.config/vocoder; echo 'tial: 1s' > ~/.config/vocoder/vocoder.yaml", link: "settings", mend: "vocoder.yaml", status: 1,
			cure: "rm ~/.config/vocoder/vocoder.yaml"},
		{name: "daemon masked", user: "alice", fault: "systemctl --user stop vocoder; systemctl --user disable vocoder; systemctl --user mask vocoder", link: "daemon", mend: "systemctl --user unmask vocoder", status: 1},
		{name: "not enabled", user: "alice", fault: "systemctl --user disable vocoder", link: "daemon", mend: "systemctl --user enable vocoder", status: 4},
		{name: "installed again", user: "root", fault: `touch "$(command -v vocoder)"`, link: "daemon", mend: "systemctl --user restart vocoder", status: 4,
			cure: "systemctl --user -M alice@ restart vocoder"},
		{name: "paused", user: "alice", fault: "vocoderctl pause", link: "daemon", mend: "vocoderctl resume", status: 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := within(t, 2*time.Minute)
			_, err := m.As(ctx, tt.user, "( "+tt.fault+" ) 2>/dev/null")
			ok(t, err)
			g, status := d.examine(t, tt.env)
			link, state, mend := g.first()
			if link != tt.link || status != tt.status || !strings.Contains(mend, tt.mend) {
				t.Errorf("found %s %s -> %s, exit status %d; want %s, %s, %d", link, state, mend, status, tt.link, tt.mend, tt.status)
			}
			cure := tt.cure
			if cure == "" {
				cure = mend
			}
			_, err = m.As(context.WithoutCancel(ctx), tt.user, "( "+cure+" ) 2>&1")
			ok(t, err)
		})
	}
	t.Run("mended", func(t *testing.T) {
		g, status := d.examine(t, "")
		if link, state, mend := g.first(); status != 0 {
			t.Errorf("%s is %s -> %s", link, state, mend)
		}
	})
}
