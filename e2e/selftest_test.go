//go:build e2e

package e2e_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// selftest starts vocoder selftest in its own terminal, which gets the focus.
func selftest(t *testing.T, how string) {
	t.Helper()
	_, err := m.As(within(t, time.Minute), "alice",
		`rm -f /tmp/selftest.*; `+swayCommand(`exec foot --title=selftest sh -c 'tty > /tmp/selftest.tty; vocoder selftest --yes `+how+` > /tmp/selftest.out 2> /tmp/selftest.err; echo $? > /tmp/selftest.status'`))
	ok(t, err)
}

// awaits waits until a shell command in the machine succeeds.
func awaits(t *testing.T, limit time.Duration, condition string) {
	t.Helper()
	_, err := m.As(within(t, limit), "alice", "until "+condition+"; do sleep 0.2; done")
	ok(t, err)
}

// selftested returns the report of the self-test, and its exit status.
func selftested(t *testing.T) (out, status string) {
	t.Helper()
	awaits(t, 90*time.Second, "test -s /tmp/selftest.status")
	out = text(m.As(within(t, time.Minute), "alice", "cat /tmp/selftest.err /tmp/selftest.out"))(t)
	status = text(m.As(within(t, time.Minute), "alice", "cat /tmp/selftest.status"))(t)
	return out, strings.TrimSpace(status)
}

// leavesNothing fails if something of the self-test remains, or if it typed into any other
// window than its own.
func leavesNothing(t *testing.T) {
	t.Helper()
	left := text(m.As(within(t, time.Minute), "alice",
		`pactl list short modules | grep vocoder_selftest; pactl list short sources | grep vocoder_selftest; grep -h "vocoder keyboard" /proc/bus/input/devices; true`))(t)
	if left != "" {
		t.Errorf("left behind:\n%s", left)
	}
	if typed := text(m.Typed(within(t, time.Minute)))(t); typed != "" {
		t.Errorf("%d bytes were typed into another window", len(typed))
	}
}

// TestSelftest checks that the self-test tests a whole dictation, types only into its own
// terminal, and removes everything, also if it is killed.
func TestSelftest(t *testing.T) {
	if !sweeping() {
		// It compares words. A busy host loses some of them.
		t.Skip("make sweep-selftest")
	}
	newRealSession(t)
	_, err := m.As(within(t, time.Minute), "alice", "systemctl --user stop vocoder")
	ok(t, err)
	ok(t, m.ClearTyped(within(t, time.Minute)))
	t.Run("whole", func(t *testing.T) {
		began := time.Now()
		selftest(t, "")
		// The terminal reports the focus only when it changes. It changes while the
		// self-test waits for it, or has just changed.
		awaits(t, 30*time.Second, `stty -F "$(cat /tmp/selftest.tty)" -a 2>/dev/null | grep -q -- -icanon`)
		_, err := m.As(within(t, time.Minute), "alice", `for i in $(seq 15); do grep -q window /tmp/selftest.out && exit; sleep 0.2; done
			`+swayCommand(`[title="typed"] focus`, `[title="selftest"] focus`))
		ok(t, err)
		out, status := selftested(t)
		t.Logf("%v:\n%s", time.Since(began).Round(time.Second), out)
		for _, link := range []string{"sound", "window", "key", "microphone", "recogniser", "typing"} {
			if !regexp.MustCompile(`(?m)^ok +` + link + ` `).MatchString(out) {
				t.Errorf("%s is not ok", link)
			}
		}
		if status != "0" || strings.Contains(out, "left behind") || !regexp.MustCompile(`[01] of 8 words are wrong`).MatchString(out) {
			t.Errorf("status %s", status)
		}
		for _, word := range []string{"disposed", "young", "alice"} {
			if strings.Contains(out, word) {
				t.Errorf("the report says %q", word)
			}
		}
		leavesNothing(t)
	})
	t.Run("terminated", func(t *testing.T) {
		selftest(t, "")
		awaits(t, 30*time.Second, "pactl list short sinks | grep -q vocoder_selftest")
		_, err := m.As(within(t, time.Minute), "alice", "pkill -TERM -x -f 'vocoder selftest --yes ?'")
		ok(t, err)
		selftested(t)
		leavesNothing(t)
	})
	t.Run("killed", func(t *testing.T) {
		selftest(t, "")
		awaits(t, 30*time.Second, "pactl list short sinks | grep -q vocoder_selftest")
		_, err := m.As(within(t, time.Minute), "alice", "pkill -KILL -x -f 'vocoder selftest --yes ?'")
		ok(t, err)
		overNetwork(t)
		leavesNothing(t)
	})
}

// overNetwork runs the self-test in a session over the network. There it tests sound and
// recognizer, and removes what a killed one left.
func overNetwork(t *testing.T) {
	t.Helper()
	out := text(m.As(within(t, time.Minute), "alice", "vocoder selftest --yes --json; test $? = 4"))(t)
	t.Log(out)
	var report struct {
		State string
		Links []struct{ Link, State, Says string }
		Words struct{ Spoken, Wrong int }
		Left  []string
	}
	ok(t, json.Unmarshal([]byte(out), &report))
	var links [][2]string
	for _, l := range report.Links {
		links = append(links, [2]string{l.Link, l.State})
	}
	want := [][2]string{{"sound", "ok"}, {"key", "warning"}, {"microphone", "ok"}, {"recogniser", "ok"}, {"typing", "warning"}}
	if !slices.Equal(links, want) || report.State != "warning" {
		t.Errorf("state %s, links %v; want %v", report.State, links, want)
	}
	if !strings.Contains(out, "not tested: this terminal is on another machine") || report.Words.Spoken != 8 || report.Words.Wrong > 1 || len(report.Left) > 0 {
		t.Errorf("words %+v, left %q", report.Words, report.Left)
	}
}
