//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// window opens a terminal in which a program of alice's shell runs, and waits until it
// has the focus. back closes it, so that the first terminal has the focus again.
func (f *faultSession) window(t *testing.T, program string) (back func()) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	focused := onFocus(ctx, t, "other")
	f.alice(t, "rm -f $XDG_RUNTIME_DIR/runs; "+swayCommand(`exec foot --title=other sh -c 'echo > $XDG_RUNTIME_DIR/runs; `+program+`'`))
	focused()
	f.alice(t, "until test -e $XDG_RUNTIME_DIR/runs; do sleep .1; done")
	return func() {
		t.Helper()
		focused := onFocus(ctx, t, "typed")
		f.alice(t, swayCommand(`[title="^other$"] kill`))
		focused()
	}
}

// keysDown checks that the daemon types nothing while a key of a keyboard is down, so
// that no shortcut fires. When the key is up, it types everything.
func keysDown(t *testing.T, f *faultSession) {
	f.rig.do(t, "create k 0001:0002 1-127 Full keyboard")
	t.Cleanup(func() { f.rig.do(t, "destroy k") })
	f.root(t, "udevadm settle")
	for _, k := range []string{"KEY_LEFTCTRL", "KEY_LEFTSHIFT", "KEY_LEFTMETA", "KEY_LEFTALT"} {
		q, _ := f.hold(t)
		f.rig.do(t, "press k "+k)
		q.answer <- flower + " cvqw"
		f.rig.do(t, "wait 1500ms")
		before := text(m.Typed(within(t, time.Minute)))(t)
		f.rig.do(t, "release k "+k)
		if before != f.typed {
			t.Errorf("I4: typed %q while %s was down, want %q", before, k, f.typed)
		}
		f.typed += flower + " cvqw "
		f.types(t, f.typed)
	}
}

// focusElsewhere checks that a text goes to the window that has the focus when the text
// comes. The daemon keeps a text that has waited for a locked session for more than half
// a minute.
func focusElsewhere(t *testing.T, f *faultSession) {
	const other = "/run/user/1000/typed-other"
	f.later(t, "rm -f "+other)
	q, l := f.hold(t)
	back := f.window(t, "stty -icanon -isig -echo min 1 time 0; cat >> "+other)
	q.answer <- flower + " elsewhere"
	l.until(t, contains("utterance typed"))
	if got := f.alice(t, "cat "+other); got != flower+" elsewhere " {
		t.Errorf("I4: the other window got %q", got)
	}
	back()
	if got := text(m.Typed(within(t, time.Minute)))(t); got != "" {
		t.Errorf("I4: the first window got %q", got)
	}

	q, l = f.hold(t)
	lockHint(t, true)
	t.Cleanup(func() { ok(t, lockedHint(context.Background(), false)) })
	q.answer <- flower + " late"
	l.until(t, contains("utterance kept", "session away"))
	lockHint(t, false)
	f.printsLast(t, flower+" late")
	f.hears(t)
	f.alice(t, "vocoderctl retry")
	f.typed = flower + " late "
	f.types(t, f.typed)
}

// lockedOut and otherTerminal check that the daemon does not record or type while the
// session is locked or not on the screen. It types what was said before when the session
// is back.
func lockedOut(t *testing.T, f *faultSession)     { f.locked(t); f.typed = "before after " }
func otherTerminal(t *testing.T, f *faultSession) { f.elsewhere(t); f.typed = "before after " }

// atPrompt checks that text which a shell could run is typed at its prompt, and not run.
func atPrompt(t *testing.T, f *faultSession) {
	const made = "/run/user/1000/made"
	f.later(t, "rm -f "+made)
	back := f.window(t, "exec bash --norc")
	for _, said := range []string{"touch " + made, "; touch " + made + " #", "run $(touch " + made + ")\\n", "run `touch " + made + "`\\r\\n"} {
		q, l := f.hold(t)
		q.reply <- as(200, "application/json", `{"text":"`+said+`"}`)
		l.until(t, contains("utterance typed"))
	}
	if out := f.alice(t, "ls "+made+" 2>&1 || true"); !strings.Contains(out, "No such file") {
		t.Errorf("a shell made %s", out)
	}
	back()
}

// notInLayout checks that the daemon pastes what the layout lacks. If it may not paste,
// it reports that, and presses no other key instead.
func notInLayout(t *testing.T, f *faultSession) {
	const foreign = flower + " 日本 Ж👍"
	f.alice(t, "printf before | wl-copy > /dev/null 2>&1")
	q, l := f.hold(t)
	q.answer <- foreign
	l.until(t, contains("utterance pasted"))
	f.typed = foreign + " "
	f.types(t, f.typed)
	if got := f.alice(t, "wl-paste -n"); got != "before" {
		t.Errorf("the clipboard has %q, want what it had", got)
	}

	f.root(t, "mkdir -p /etc/vocoder && echo 'paste: false' > /etc/vocoder/input.yaml && systemctl restart vocoder-inputd")
	f.later(t, "rm -f /etc/vocoder/input.yaml; systemctl restart vocoder-inputd")
	f.hears(t)
	q, l = f.hold(t)
	q.answer <- foreign
	l.until(t, contains("utterance kept"))
	f.printsLast(t, foreign)
	f.says(t, flower+" typed")
}

// layoutChanged checks that the daemon types on the layout that alice switched to during
// recognition.
func layoutChanged(t *testing.T, f *faultSession) {
	t.Cleanup(func() { american(t) })
	f.alice(t, asXKB("us,de", ""))
	for i := range 4 {
		q, _ := f.hold(t)
		f.alice(t, swayCommand(fmt.Sprintf("input type:keyboard xkb_switch_layout %d", (i+1)%2)))
		f.answers(t, q, flower+" [zy]; {zebra}?")
	}
}
