//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestFault tests the rows of docs/reliability.md that no other test here shows. Each
// test has the number of its row. After each, all invariants must hold.
func TestFault(t *testing.T) {
	if os.Getenv("VOCODER_FAULTS") == "" && !sweeping() {
		t.Skip("minutes of faults: make faults")
	}
	f := newFaulty(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *faultSession)
	}{
		{"F-05 down at the start", downAtTheStartOfBoth},
		{"F-12 sound server restarted", soundRestarted},
		{"F-13 default microphone changed", defaultChanged},
		{"F-14 microphone removed", microphoneRemoved},
		{"F-16 muted", mutedMicrophone},
		{"F-17 recognizer down", recognizerDown},
		{"F-19 answers of all sorts", badAnswers},
		{"F-20 port of another user", portOfAnother},
		{"F-21 killed while recording", killedWhileRecording},
		{"F-22 killed while typing", killedWhileTyping},
		{"F-23 helper killed with Shift down", helperKilledWithShift},
		{"F-24 keys down", keysDown},
		{"F-25 two daemons", twoDaemons},
		{"F-26 no uinput", noUinput},
		{"F-28 locked", lockedOut},
		{"F-29 another terminal", otherTerminal},
		{"F-31 focus elsewhere, text too old", focusElsewhere},
		{"F-32 control characters", controlCharacters},
		{"F-33 at a prompt", atPrompt},
		{"F-34 words made up", madeUp},
		{"F-35 characters the layout lacks", notInLayout},
		{"F-36 nothing can be written", nothingWritten},
		{"F-38 stopped and starved", stoppedAndStarved},
		{"F-39 many utterances", manyUtterances},
		{"F-40 no journal", noJournal},
		{"F-42 key of the recognizer", recognizerKey},
		{"F-43 recognizer by TLS", recognizerByTLS},
		{"F-44 mistakes in the settings", settingsMistakes},
		{"F-45 watchdog", watchdog},
		{"F-46 ended while recognizing", endedWhileRecognizing},
		{"F-47 crowd at the socket", crowdAtSocket},
		{"F-48 any order", anyOrder},
		{"F-49 sockets passed", socketsPassed},
		{"F-50 layout changed", layoutChanged},
		{"F-41 nothing logged", nothingLogged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.dictate(t)
			f.typed = ""
			tt.test(t, f)
			f.check(t)
		})
	}
}

// A faultSession is a session with the helper, in which a test causes faults.
type faultSession struct {
	*helper
	typed string // all text that must have been typed
}

func newFaulty(t *testing.T) *faultSession {
	return &faultSession{helper: newHelper(t, newMockSession(t))}
}

// dictate starts the daemon with the settings of most faults: it types and never pastes.
func (f *faultSession) dictate(t *testing.T) {
	t.Helper()
	f.start(t, "key: KEY_F14\ntyping: {paste_limit: 0}\n")
}

// says dictates words, and waits until they are typed.
func (f *faultSession) says(t *testing.T, words string) {
	t.Helper()
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	q := f.next(t)
	if most := 700*time.Millisecond + around + time.Second; q.Duration() > most {
		t.Errorf("I2: %v were recorded of a hold of 0.7 s", q.Duration())
	}
	f.answers(t, q, words)
}

// hold holds the key and returns the recording and the daemon's log from then on.
func (f *faultSession) hold(t *testing.T) (*request, *lines) {
	t.Helper()
	l := fromNow(t, "_SYSTEMD_USER_UNIT=vocoder.service")
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	return f.next(t), l
}

// answers answers a recording with words, and waits until they are typed.
func (f *faultSession) answers(t *testing.T, q *request, words string) {
	t.Helper()
	q.answer <- words
	f.typed += words + " "
	f.types(t, f.typed)
}

// check dictates once more and fails if an invariant of docs/reliability.md does
// not hold.
func (f *faultSession) check(t *testing.T) {
	t.Helper()
	f.hears(t)
	f.says(t, flower)
	f.invariants(t, f.typed)
}

// printsLast fails if vocoderctl does not print the words that were dictated last.
func (f *faultSession) printsLast(t *testing.T, words string) {
	t.Helper()
	if got := strings.TrimSpace(f.alice(t, "vocoderctl last --print")); got != words {
		t.Errorf("I3: vocoderctl last says %q, want %q", got, words)
	}
}

// back waits until the restarted daemon has a microphone and its key.
func (f *faultSession) back(t *testing.T) {
	t.Helper()
	_, err := m.As(within(t, time.Minute), "alice", "for i in $(seq 300); do vocoderctl status > /dev/null 2>&1 && exit; sleep .1; done; exit 1")
	ok(t, err)
	_, err = m.As(within(t, time.Minute), "alice", "for i in $(seq 500); do systemctl --user show -P StatusText vocoder | grep -q '^idle; hold' && exit; sleep .1; done; systemctl --user status vocoder; exit 1")
	ok(t, err)
	f.pid = show(t, "MainPID")
}

// root runs a command as root, which must succeed.
func (f *faultSession) root(t *testing.T, command string) string {
	t.Helper()
	return text(m.Run(within(t, time.Minute), command))(t)
}

// alice runs a command as alice, which must succeed.
func (f *faultSession) alice(t *testing.T, command string) string {
	t.Helper()
	return text(m.As(within(t, time.Minute), "alice", command))(t)
}

// later runs a command as root when the test has ended.
func (f *faultSession) later(t *testing.T, command string) {
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), command)
		ok(t, err)
	})
}

// dropIn adds lines to the daemon's unit until the test ends, and restarts the daemon.
func (f *faultSession) dropIn(t *testing.T, service string) {
	t.Helper()
	const dir = "/run/systemd/user/vocoder.service.d"
	f.root(t, fmt.Sprintf("mkdir -p %s && printf '[Service]\\n%s\\n' > %s/fault.conf", dir, service, dir))
	f.alice(t, "systemctl --user daemon-reload")
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm -r "+dir+"; systemctl --user -M alice@ daemon-reload")
		ok(t, err)
	})
	f.launch(t, "restart")
	f.back(t)
}
