//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/helperproto"
)

// TestHelper runs alice's daemon without any permission for devices. vocoder-inputd has
// the devices, and other processes try to get more from it than they are allowed to.
func TestHelper(t *testing.T) {
	b := newMockSession(t)
	h := newHelper(t, b)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *helper)
	}{
		{"dictation through the helper", helperDictation},
		{"key learned", keyLearned},
		{"golden keys", goldenKeys},
		{"keys stolen", keysStolen},
		{"locked and inactive", lockedAndInactive},
		{"another user", anotherUser},
		{"inside the unit", insideUnit},
		{"killed at any stroke", killedAtAnyStroke},
		{"hung with a key down", hungKeyDown},
		{"more than the hold was worth", overspent},
		{"helper restarted", helperRestarted},
		{"flood without a hold", floodWithoutHold},
		{"hold of long ago", holdOfLongAgo},
		{"nothing leaks", nothingLeaks},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, h) })
	}
}

// A helper is the installed vocoder-inputd, and a pedal with KEY_F14.
type helper struct{ *mockSession }

// rights is the file with the machine's own rules, which let alice open all devices.
const rights = "/etc/udev/rules.d/70-machine.rules"

func newHelper(t *testing.T, b *mockSession) *helper {
	ctx := within(t, 2*time.Minute)
	bring(ctx, t, "knock")
	_, err := m.Run(ctx, "systemctl stop vocoder-inputd.socket vocoder-inputd 2>/dev/null; true")
	ok(t, err)
	ok(t, shipped.InstallPart(ctx, m, "install-inputd"))
	out, err := m.Run(ctx, `systemd-sysusers && mv `+rights+` /root/ && udevadm control --reload &&
		udevadm trigger --settle --subsystem-match=input --subsystem-match=misc && knock plain
		systemctl daemon-reload && systemctl start vocoder-inputd.socket && ls -l /dev/uinput /dev/input/event0 /run/vocoder`)
	ok(t, err)
	t.Log(out)
	h := &helper{b}
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), `mv /root/70-machine.rules `+rights+`; systemctl stop vocoder-inputd.socket vocoder-inputd
			rm /usr/lib/udev/rules.d/70-vocoder.rules /usr/lib/systemd/system/vocoder-inputd.*; systemctl daemon-reload
			udevadm control --reload; udevadm trigger --settle --subsystem-match=input --subsystem-match=misc`)
		ok(t, err)
	})
	b.rig.do(t, "create p 05f3:00ff KEY_F14,KEY_F15,KEY_F16 VEC Footpedal") // ends with the rig
	t.Cleanup(func() {
		if t.Failed() {
			out, err := m.Run(context.Background(), "journalctl -o short-monotonic -n 80 -u vocoder-inputd; systemctl status vocoder-inputd vocoder-inputd.socket")
			t.Logf("the helper said (%v):\n%s", err, out)
		}
	})
	return h
}

// dictate starts the daemon, which connects to the helper.
func (h *helper) dictate(t *testing.T) {
	t.Helper()
	h.start(t, "key: KEY_F14\n")
}

// alone stops the daemon, so that the test's programs can connect in its place.
func (h *helper) alone(t *testing.T) {
	t.Helper()
	ok(t, h.systemctl(within(t, time.Minute), "stop vocoder"))
	ok(t, m.ClearTyped(within(t, time.Minute)))
}

// knock runs a command of knock and returns its last line.
func (h *helper) knock(t *testing.T, user, command string) string {
	t.Helper()
	out, err := m.As(within(t, 3*time.Minute), user, "timeout 170 knock "+command+" || true")
	ok(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	t.Logf("%s, knock %s: %s", user, command, lines[len(lines)-1])
	return lines[len(lines)-1]
}

// utter holds the key and answers the recording with words.
func (h *helper) utter(t *testing.T, words string) {
	t.Helper()
	h.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	h.next(t).answer <- words
}

// helperDictation checks that alice, who may open no device, can dictate with a daemon
// that may write no file (T10).
func helperDictation(t *testing.T, h *helper) {
	if got := h.knock(t, "alice", "open"); !strings.HasSuffix(got, " opened=0") {
		t.Errorf("alice can open devices: %s", got)
	}
	h.dictate(t)
	if line := h.log.until(t, contains("restricted", "landlock=")); strings.HasSuffix(line, "landlock=0") {
		t.Error("the daemon may write to every file of alice's")
	}
	h.utter(t, "Hello, (World)!")
	h.types(t, "Hello, (World)! ")
}

// keyLearned checks that only root learns which key is pressed. For other users the
// command prints what to do.
func keyLearned(t *testing.T, h *helper) {
	out := text(m.As(within(t, time.Minute), "alice", "vocoder keys --learn --print 2>&1 || true"))(t)
	if !strings.Contains(out, "permission denied\nhint: ") || !strings.Contains(out, "sudo vocoder keys --learn --print") {
		t.Errorf("for alice the command prints %q", out)
	}
	l := follow(within(t, time.Minute), t, "root", "exec vocoder keys --learn --print 2>&1")
	l.until(t, contains("Press the key"))
	h.rig.do(t, holding("KEY_F15", 300*time.Millisecond))
	if got := l.until(t, contains("key:")); got != "key:     KEY_F15" {
		t.Errorf("for root the command prints %q", got)
	}
}

// helperRestarted replaces the helper under a running daemon (F-48). Nothing may be
// typed twice.
func helperRestarted(t *testing.T, h *helper) {
	h.dictate(t)
	for _, step := range []struct{ verb, words, typed string }{
		{"restart", "after", "after "},
		{"kill -s KILL", "again", "after again "},
	} {
		log := fromNow(t, "-u vocoder-inputd")
		_, err := m.Run(within(t, time.Minute), "systemctl "+step.verb+" vocoder-inputd")
		ok(t, err)
		log.until(t, contains("client connected"))
		log.until(t, contains("device came", "Footpedal"))
		h.utter(t, step.words)
		h.types(t, step.typed)
	}
}

// golden are the keys of the virtual keyboard (T15): the letters' block, the digits'
// block with Num Lock, the keys of some countries, Insert, and a key without a meaning.
var golden = [][2]int{{2, 13}, {16, 27}, {30, 41}, {42, 55}, {57, 57}, {69, 69}, {71, 84}, {86, 86}, {89, 89}, {98, 98},
	{100, 100}, {110, 110}, {117, 118}, {121, 121}, {124, 124}, {179, 180}, {195, 195}, {240, 240}}

// goldenKeys compares golden with the keys that the kernel accepts: no Escape, Enter,
// Tab, Backspace, Ctrl, left Alt, Meta, SysRq, Power or function key.
func goldenKeys(t *testing.T, h *helper) {
	h.dictate(t)
	ctx := within(t, time.Minute)
	got := strings.Fields(text(m.Run(ctx, `cat $(grep -l '^vocoder keyboard$' /sys/class/input/input*/name | xargs dirname)/capabilities/key`))(t))
	t.Log(got)
	for c := range 768 {
		var word uint64
		if i := len(got) - 1 - c/64; i >= 0 {
			_, err := fmt.Sscanf(got[i], "%x", &word)
			ok(t, err)
		}
		want := slices.ContainsFunc(golden, func(s [2]int) bool { return s[0] <= c && c <= s[1] })
		if has := word>>(c%64)&1 == 1; has != want {
			t.Errorf("key %d: %v, want %v", c, has, want)
		}
	}
}

// floodWithoutHold checks that a client types nothing unless the key was held (T2).
func floodWithoutHold(t *testing.T, h *helper) {
	h.alone(t)
	if got := h.knock(t, "alice", "flood 10000"); !strings.HasPrefix(got, "granted=0 ") {
		t.Error(got)
	}
	if got := text(m.Typed(within(t, time.Minute)))(t); got != "" {
		t.Errorf("typed %q", got)
	}
}

// anotherUser checks that bob, who is not at the machine, cannot record, type or control
// (T4, T6).
func anotherUser(t *testing.T, h *helper) {
	h.dictate(t)
	done := make(chan string)
	go func() { done <- h.knock(t, "bob", "listen 4s") }()
	pass(t, time.Second)
	h.utter(t, "alice")
	h.types(t, "alice ")
	if got := <-done; !strings.HasPrefix(got, "holds=0 ") || !strings.Contains(got, "typing=this user has no session") {
		t.Errorf("bob: %s", got)
	}
	if got := h.knock(t, "bob", "flood 100"); got != "error EOF" && !strings.HasPrefix(got, "granted=0 ") {
		t.Errorf("bob: %s", got)
	}
	if _, err := m.As(within(t, time.Minute), "bob", "vocoderctl --socket /run/user/1000/vocoder.sock status"); err == nil {
		t.Error("bob controls alice's daemon")
	}
}

// keysStolen checks that other processes cannot read the helper's files and memory (T1).
func keysStolen(t *testing.T, h *helper) {
	h.dictate(t)
	pid := strings.TrimSpace(text(m.Run(within(t, time.Minute), "sysctl -q kernel.yama.ptrace_scope=0; systemctl show -P MainPID vocoder-inputd"))(t))
	for _, user := range []string{"alice", "bob"} {
		if got := h.knock(t, user, "steal "+pid); got != "stolen=0 opened=0" {
			t.Errorf("%s: %s", user, got)
		}
	}
	// A second process of the helper's own user cannot read them either.
	out := text(m.Run(within(t, time.Minute), "setpriv --reuid vocoder-input --regid vocoder-input --clear-groups knock steal "+pid))(t)
	if strings.TrimSpace(out) != "stolen=0 opened=0" {
		t.Errorf("vocoder-input: %s", out)
	}
}

// lockedAndInactive checks that the helper sends no keys of such a session and types
// nothing into it (T6, T7).
func lockedAndInactive(t *testing.T, h *helper) {
	h.alone(t)
	session := strings.TrimSpace(text(m.Run(within(t, time.Minute), `loginctl list-sessions --no-legend | awk '$4=="seat0"{print $1}'`))(t))
	for _, tt := range []struct{ name, leave, back, want string }{
		{"locked", setLocked(session, true), setLocked(session, false), "the session is locked"},
		{"inactive", "busctl call org.freedesktop.login1 /org/freedesktop/login1/seat/seat0 org.freedesktop.login1.Seat SwitchTo u 2",
			"busctl call org.freedesktop.login1 /org/freedesktop/login1/seat/seat0 org.freedesktop.login1.Seat SwitchTo u 1", "another session is on the screen"},
	} {
		_, err := m.Run(within(t, time.Minute), tt.leave)
		ok(t, err)
		done := make(chan string)
		go func() { done <- h.knock(t, "alice", "listen 3s") }()
		pass(t, time.Second)
		h.rig.do(t, holding("KEY_F14", 300*time.Millisecond))
		got := <-done
		_, err = m.Run(within(t, time.Minute), tt.back)
		ok(t, err)
		if want := fmt.Sprintf("holds=0 session=%s typing=%s", tt.want, tt.want); got != want {
			t.Errorf("%s: %s, want %s", tt.name, got, want)
		}
		pass(t, time.Second)
	}
	// Back at the machine, everything works.
	h.after(t, "listen 10s", "holds=2 session=nothing typing=")
}

func setLocked(session string, locked bool) string {
	return fmt.Sprintf("busctl call org.freedesktop.login1 $(busctl call org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager GetSession s %s | cut -d'\"' -f2) org.freedesktop.login1.Session SetLockedHint b %v", session, locked)
}

// after starts a command of knock that waits for a hold, and holds the key.
func (h *helper) after(t *testing.T, command, until string) *lines {
	t.Helper()
	l := follow(within(t, time.Minute), t, "alice", "exec timeout 50 knock "+command)
	l.until(t, contains("listening"))
	h.rig.do(t, "wait 300ms", holding("KEY_F14", 500*time.Millisecond))
	t.Log(l.until(t, contains(until)))
	return l
}

// killedAtAnyStroke checks that every key that a killed daemon held down is up (T1,
// F-22).
func killedAtAnyStroke(t *testing.T, h *helper) {
	h.alone(t)
	for n := 1; n <= 6; n++ {
		h.after(t, fmt.Sprint("die ", n), "dying")
		pass(t, 100*time.Millisecond)
		if got := h.down(t); got != 0 {
			t.Errorf("%d keys are down after a kill at stroke %d", got, n)
		}
	}
}

// hungKeyDown checks that a daemon that hangs does not keep a key down.
func hungKeyDown(t *testing.T, h *helper) {
	h.alone(t)
	l := h.after(t, "hang", "holding")
	t.Log(l.until(t, contains("then: a key stayed down for too long")))
	if got := h.down(t); got != 0 {
		t.Errorf("%d keys are down", got)
	}
}

// overspent checks that a hold permits as many keys as its length allows to speak.
func overspent(t *testing.T, h *helper) {
	h.alone(t)
	h.after(t, "spend 1000", "pressed=")
	got := text(m.Typed(within(t, time.Minute)))(t)
	if n := strings.Count(got, "a"); n < 600 || n > 630 {
		t.Errorf("%d characters for a hold of 0.5 s, want 600 to 630", n)
	}
}

// holdOfLongAgo checks that the permission of a hold ends two minutes after the hold
// (T2).
func holdOfLongAgo(t *testing.T, h *helper) {
	if !sweeping() {
		t.Skip("waits for two minutes: make sweep-helper")
	}
	h.alone(t)
	for wait, want := range map[string]string{"20s": "typing=<nil>", "125s": "typing=" + helperproto.NoHold.Err().Error()} {
		l := follow(within(t, 3*time.Minute), t, "alice", "exec timeout 170 knock listen "+wait)
		l.until(t, contains("listening"))
		h.rig.do(t, "wait 300ms", holding("KEY_F14", 1500*time.Millisecond)) // no tap
		if got := l.until(t, contains("holds=")); !strings.HasPrefix(got, "holds=2 ") || !strings.HasSuffix(got, want) {
			t.Errorf("%s after the hold: %s, want %s", wait, got, want)
		}
	}
}

// insideUnit checks that a process in the place of the helper can do nothing else (T11).
func insideUnit(t *testing.T, h *helper) {
	h.alone(t)
	out := text(m.Run(within(t, 2*time.Minute), `systemctl stop vocoder-inputd.socket vocoder-inputd
		mkdir -p /run/systemd/system/vocoder-inputd.service.d
		printf '[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=/usr/libexec/vocoder-inputd probe\n' > /run/systemd/system/vocoder-inputd.service.d/probe.conf
		cp -p /usr/libexec/vocoder-inputd /root/inputd; cp /usr/local/bin/knock /usr/libexec/vocoder-inputd
		systemctl daemon-reload; systemctl start vocoder-inputd.service
		cp -p /root/inputd /usr/libexec/vocoder-inputd; rm -r /run/systemd/system/vocoder-inputd.service.d; systemctl daemon-reload
		systemctl stop vocoder-inputd; systemctl start vocoder-inputd.socket
		journalctl -u vocoder-inputd -o cat -n 30 | grep '^can:' | tail -1`))(t)
	if got := strings.TrimSpace(out); got != "can: event-read uinput" {
		t.Errorf("inside the unit a program %q", got)
	}
	t.Log(strings.TrimSpace(text(m.Run(within(t, time.Minute), "systemd-analyze security vocoder-inputd.service | tail -1"))(t)))
}
