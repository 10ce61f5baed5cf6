//go:build e2e

package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// overlayStopped: a dictation works while the overlay is stopped, and after it was killed.
// The service manager starts it again.
func overlayStopped(t *testing.T, o *overlay) {
	for _, signal := range []string{"STOP", "KILL"} {
		pid := o.show(t, "MainPID")
		o.ctl(t, "start")
		o.listens(t)
		_, err := m.As(within(t, time.Minute), "alice", "kill -"+signal+" "+pid)
		ok(t, err)
		pass(t, time.Second)
		o.ctl(t, "stop")
		o.says(t, "typed all the same")
	}
	_, err := m.As(within(t, time.Minute), "alice", "until systemctl --user is-active -q vocoder-osd; do sleep .2; done")
	ok(t, err)
	o.ctl(t, "start")
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	o.ctl(t, "cancel")
	o.sees(t, "nothing", none)
}

// flood changes the daemon's status 500 times, as fast as the daemon allows, during a
// recording.
const flood = `perl -MIO::Socket::UNIX -e 'for (1 .. 500) {
	my $s = IO::Socket::UNIX->new("$ENV{XDG_RUNTIME_DIR}/vocoder.sock") or die "connect: $!\n";
	print $s "POST /v1/language/" . ($_ % 2 ? "de" : "default") . " HTTP/1.1\r\nHost: vocoder\r\n\r\n"; $s->flush;
	<$s> =~ / 200 / or die "no answer\n";
}'`

// overlayFlooded: a dictation is as quick as ever while the overlay gets hundreds of statuses
// and the levels of a tone, and also if it reads none of them.
func overlayFlooded(t *testing.T, o *overlay) {
	defer hum(t)()
	dictation := func(meanwhile string) time.Duration {
		t.Helper()
		o.ctl(t, "start")
		o.listens(t)
		_, err := m.As(within(t, 2*time.Minute), "alice", meanwhile)
		ok(t, err)
		o.ctl(t, "stop")
		began := time.Now()
		o.says(t, "typed at once")
		return time.Since(began)
	}
	goOn := "kill -CONT " + o.show(t, "MainPID")
	for _, tt := range []struct{ what, meanwhile string }{
		{"flooded", flood},
		{"stopped and flooded", strings.Replace(goOn, "CONT", "STOP", 1) + " && " + flood},
	} {
		for n := range takes { // a busy host is slow now and then
			usual, took := dictation("true"), dictation(tt.meanwhile)
			_, err := m.As(within(t, time.Minute), "alice", goOn)
			ok(t, err)
			t.Logf("the words came after %v, %s %v", usual, tt.what, took)
			if took < 2*usual+time.Second { // the daemon gives a reader 2 s
				break
			}
			if n == takes-1 {
				t.Errorf("%s: the dictation waited for the overlay each time", tt.what)
			}
		}
	}
	o.sees(t, "nothing", none)
	o.ctl(t, "start")
	o.sees(t, "the tone", loud(1))
	o.ctl(t, "cancel")
	o.sees(t, "nothing", none)
}

// displayServers are the programs of the display servers, of sessions that start again when they end.
var displayServers = map[string]string{"sway": "sway", "xorg": "Xorg", "kde": "kwin_wayland"}

// serverAgain kills the display server, and returns when the terminal of the next one has the
// focus.
func (o *overlay) serverAgain(t *testing.T) {
	t.Helper()
	ctx := within(t, 4*time.Minute)
	_, err := m.Run(ctx, "cd /run/user/1000 && rm -f typed-tty session-environment && pkill -KILL -x "+displayServers[session()]+" && until test -s typed-tty; do sleep .5; done")
	ok(t, err)
	if session() == "xorg" {
		onFocus(ctx, t, "typed")()
	}
	o.hears(t)
	_, err = m.As(ctx, "alice", "vocoderctl cancel; vocoderctl forget")
	ok(t, err)
	o.sees(t, "nothing", none)
	for len(o.heard) > 0 {
		<-o.heard
	}
}

// serverRestarted: when the display server has ended and runs again, the overlay is there
// again, and the words arrive.
func serverRestarted(t *testing.T, o *overlay) {
	if displayServers[session()] == "" {
		t.Skip("this session does not start again by itself")
	}
	o.ctl(t, "start")
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	pid := o.show(t, "MainPID")
	o.serverAgain(t)
	o.ctl(t, "start")
	o.sees(t, "dots", flat(1))
	o.ctl(t, "stop")
	o.says(t, "typed after all")
	if got := o.show(t, "MainPID"); got != pid {
		t.Errorf("the overlay was started again: it had ended with the display server")
	}
}

// wordsLeaveNoTrace: the words that are shown while the user speaks are in no status, journal
// or file. If the daemon and the overlay are killed at that moment, they are in no core dump
// either (F-37, F-41).
func wordsLeaveNoTrace(t *testing.T, o *overlay) {
	ctx := within(t, 5*time.Minute)
	const words = "wallaby tamarind" // as long as a mark
	const units = "/run/systemd/user/vocoder.service.d /run/systemd/user/vocoder-osd.service.d"
	_, err := m.Run(ctx, "mkdir -p "+units+" && for d in "+units+`; do printf '[Service]\nLimitCORE=infinity\nEnvironment=GOTRACEBACK=crash\n' > $d/test.conf; done
		sysctl -q kernel.core_pattern=/var/tmp/core.%e.%p && rm -f /var/tmp/core.*`)
	ok(t, err)
	ok(t, o.systemctl(ctx, "daemon-reload"))
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm -r "+units+" /var/tmp/core.*; sysctl -q kernel.core_pattern=core")
		ok(t, err)
		ok(t, o.systemctl(context.Background(), "daemon-reload"))
	})
	o.startWith(t, strings.Replace(plain, "key: KEY_F14\n", "", 1)+"audio: {gate: false}\n")
	o.hears(t)
	talk(t)
	shown := follow(ctx, t, "alice", "exec vocoderctl watch --partial")
	o.ctl(t, "start")
	o.next(t).answer <- words // the speech up to a gap; the recording continues
	shown.until(t, contains(words))
	if status := text(m.As(ctx, "alice", "vocoderctl status --json"))(t); strings.Contains(status, words) || !strings.Contains(status, `"recording":true`) {
		t.Errorf("the status while words are shown: %s", status)
	}
	marks := []mark{words}
	nowhereFound(ctx, t, "while they are shown", marks)
	_, err = m.Run(ctx, "for p in "+o.pid+" "+o.show(t, "MainPID")+"; do kill -ABRT $p; while test -d /proc/$p; do sleep .1; done; done")
	ok(t, err)
	onlyShellDumpsCore(ctx, t)
	nowhereFound(ctx, t, "after both were killed", marks)
	notOnDisk(ctx, t, marks)
}
