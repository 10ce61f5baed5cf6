//go:build e2e

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// downAtTheStartOfBoth checks that a key that was down before helper and daemon started
// does not begin a recording.
func downAtTheStartOfBoth(t *testing.T, f *faultSession) {
	f.rig.do(t, "press p KEY_F14", "wait 200ms")
	go func() { (<-f.heard).answer <- "" }() // the recording until the restart
	f.root(t, "systemctl kill -s KILL vocoder-inputd")
	f.launch(t, "restart")
	f.hears(t)
	f.rig.do(t, "wait 1s", "release p KEY_F14", "wait 300ms")
	f.none(t)
}

// killedWhileRecording checks that the recording is lost with the daemon, and that the
// daemon runs again within seconds. The key, which is still down, does not begin a
// recording.
func killedWhileRecording(t *testing.T, f *faultSession) {
	f.rig.do(t, "press p KEY_F14", "wait 800ms")
	f.root(t, "kill -KILL "+f.pid)
	f.back(t)
	f.rig.do(t, "wait 500ms", "release p KEY_F14", "wait 500ms")
	f.none(t)
}

// mixed is a text that needs Shift many times. The daemon must not refuse it as made up.
const mixed = "AbC{d}E " + flower + ": the Quick BROWN Fox (Jumps) Over 12 Lazy DOGS; Twelve Zebras WENT Home & Back, {Past} Five OLD Barns!"

// typing dictates a text and returns when n characters of it were typed. The hold is
// long enough to speak the text; otherwise the daemon refuses it.
func (f *faultSession) typing(t *testing.T, words string, n int) {
	t.Helper()
	f.rig.do(t, holding("KEY_F14", 5*time.Second))
	f.next(t).answer <- words
	if _, err := m.WaitTyped(within(t, f.eventLimit()), func(s string) bool { return len(s) > n }); err != nil {
		t.Fatal(err)
	}
}

// stays returns the typed text. It must be the beginning of the given text and must not
// change any more.
func (f *faultSession) stays(t *testing.T, words string) string {
	t.Helper()
	first := text(m.Typed(within(t, time.Minute)))(t)
	pass(t, 2*time.Second)
	got := text(m.Typed(within(t, time.Minute)))(t)
	if !strings.HasPrefix(words+" ", got) || got != first {
		t.Errorf("I4: typed %q and then %q of %q", first, got, words)
	}
	return got
}

// killedWhileTyping checks that no key stays down, and that nothing is typed again.
func killedWhileTyping(t *testing.T, f *faultSession) {
	for i := range f.rarely(3, 6) {
		ok(t, m.ClearTyped(within(t, time.Minute)))
		f.typing(t, mixed, 1+7*i)
		f.root(t, "kill -KILL "+f.pid)
		f.noKeyDown(t)
		f.back(t)
		got := f.stays(t, mixed)
		t.Logf("killed after %d of %d characters", len(got), len(mixed))
		f.typed = got
	}
}

// helperKilledWithShift checks that the kernel releases the keys of a killed helper. The
// daemon connects to the new helper, does not type the text again, and prints it on
// request.
func helperKilledWithShift(t *testing.T, f *faultSession) {
	shouted := strings.ToUpper(mixed) // Shift is down nearly all the time
	f.typing(t, shouted, 10)
	f.root(t, "systemctl kill -s KILL vocoder-inputd")
	f.noKeyDown(t)
	f.typed = f.stays(t, shouted)
	t.Logf("killed after %d of %d characters", len(f.typed), len(shouted))
	if len(f.typed) == len(shouted)+1 {
		t.Error("all was typed before the kill")
	}
	f.printsLast(t, shouted)
}

// twoDaemons checks that the second daemon exits and prints why.
func twoDaemons(t *testing.T, f *faultSession) {
	out := f.alice(t, "timeout 20 vocoder run 2>&1; echo status $?")
	t.Log(out)
	if !strings.Contains(out, "status 1\n") || !strings.Contains(out, "running") {
		t.Errorf("the second daemon says %q", out)
	}
}

// settingsMistakes checks that at a failed reload the old settings stay and the command
// fails. At the start the unit fails with 78, once.
func settingsMistakes(t *testing.T, f *faultSession) {
	const broken = "sed -i 's/^key: .*/kye: KEY_F14/' " + settingsFile
	out := f.alice(t, broken+"; vocoderctl reload 2>&1; echo status $?; systemctl --user reload vocoder 2>&1; echo status $?")
	t.Log(out)
	if strings.Count(out, "status 1") != 2 || !strings.Contains(out, "kye") || !strings.Contains(out, "line ") && !strings.Contains(out, ":6") {
		t.Errorf("a reload says %q", out)
	}
	f.says(t, flower+" stays")
	f.alice(t, "systemctl --user stop vocoder; systemctl --user start vocoder 2>&1 || true")
	pass(t, 3*time.Second)
	if got := show(t, "ExecMainStatus") + " " + show(t, "NRestarts") + " " + show(t, "ActiveState"); got != "78 0 failed" {
		t.Errorf("a start with a mistake: %s", got)
	}
	f.alice(t, "sed -i 's/^kye: /key: /' "+settingsFile)
	f.launch(t, "start")
}

// watchdog checks that systemd does not restart a daemon that waits for a hanging
// recognizer for twenty watchdog periods. It restarts a daemon that is stopped.
func watchdog(t *testing.T, f *faultSession) {
	f.dropIn(t, "WatchdogSec=3")
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	f.next(t)
	pass(t, time.Minute)
	if n := show(t, "NRestarts"); n != "0" {
		t.Errorf("%s restarts while the recognizer was slow", n)
	}
	f.log.until(t, contains("utterance kept"))
	for len(f.heard) > 0 {
		<-f.heard
	}
	f.alice(t, "vocoderctl retry")
	f.answers(t, f.next(t), flower+" late")
	pid := f.pid
	f.root(t, "kill -STOP "+pid+"; for i in $(seq 400); do test -d /proc/"+pid+" || exit 0; sleep .1; done; exit 1")
	f.back(t)
	if n := show(t, "NRestarts"); n != "1" {
		t.Errorf("%s restarts of a daemon that stood still", n)
	}
}

// endedWhileRecognizing checks that the daemon types what the recognizer has at the end,
// and the present recording, and exits with success.
func endedWhileRecognizing(t *testing.T, f *faultSession) {
	for i, at := range []string{"recognizing", "speaking"} {
		f.rig.do(t, "press p KEY_F14", "wait 800ms")
		var q *request
		if i == 0 {
			f.rig.do(t, "release p KEY_F14")
			q = f.next(t)
		}
		f.alice(t, "systemctl --user --no-block stop vocoder; sleep .5")
		f.rig.do(t, "release p KEY_F14")
		if i == 1 {
			q = f.next(t)
		}
		f.answers(t, q, at+" "+flower)
		f.alice(t, "for i in $(seq 150); do systemctl --user is-active -q vocoder || exit 0; sleep .1; done; exit 1")
		if got := fmt.Sprint(show(t, "Result"), " ", show(t, "ExecMainStatus")); got != "success 0" {
			t.Errorf("%s: the unit ended with %s", at, got)
		}
		f.launch(t, "start")
		f.hears(t)
	}
}

// manyUtterances checks that daemon and helper have the same memory, files and threads
// after fifty utterances as after ten.
func manyUtterances(t *testing.T, f *faultSession) {
	type held struct{ kB, files, threads int }
	helper := strings.TrimSpace(f.root(t, "systemctl show -P MainPID vocoder-inputd"))
	holds := func() (both [2]held) {
		for i, pid := range []string{f.pid, helper} {
			h := &both[i]
			_, err := fmt.Sscan(f.root(t, fmt.Sprintf("awk '/^VmRSS/ {print $2}' /proc/%[1]s/status; ls /proc/%[1]s/fd | wc -l; ls /proc/%[1]s/task | wc -l", pid)), &h.kB, &h.files, &h.threads)
			ok(t, err)
		}
		return both
	}
	speak := func(from, to int) {
		for i := from; i < to; i++ {
			f.says(t, fmt.Sprint(flower, " ", i))
		}
	}
	speak(0, 10)
	before := holds()
	speak(10, 50)
	for i, now := range holds() {
		was, who := before[i], []string{"daemon", "helper"}[i]
		t.Logf("%s: %+v, forty utterances later %+v", who, was, now)
		if now.kB > was.kB+3000 || now.files > was.files+1 || now.threads > was.threads+3 {
			t.Errorf("the %s grows: %+v, forty utterances later %+v", who, was, now)
		}
	}
}
