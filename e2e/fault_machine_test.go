//go:build e2e

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// portOfAnother checks that the daemon sends nothing to bob, who listens on the
// recognizer's port.
func portOfAnother(t *testing.T, f *faultSession) {
	bob := follow(within(t, time.Minute), t, "bob", `exec timeout 40 perl -MSocket -e '$| = 1; socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); bind(S, sockaddr_in(8773, INADDR_LOOPBACK)) or die; listen(S, 5); print "listening\n"; while (accept(C, S)) { my $n = sysread(C, my $b, 65536); print "heard ", $n || 0, "\n"; close(C) }'`)
	bob.until(t, contains("listening"))
	f.startWith(t, strings.Replace(settings, "8771", "8773", 1)+"key: KEY_F14\n")
	f.hears(t)
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	f.log.until(t, contains("utterance kept"))
	if s := f.alice(t, "vocoderctl status --json"); !strings.Contains(s, "another user") {
		t.Errorf("the status says nothing of another user: %s", s)
	}
	f.alice(t, "exec 3<>/dev/tcp/127.0.0.1/8773; echo hello >&3; sleep .3")
	if got := bob.until(t, contains("heard")); got != "heard 6" && got != "heard 0" {
		t.Errorf("bob %s", got)
	} else if got == "heard 0" { // vocoder checks the owner of the port after it has connected
		t.Log("bob was connected to, and sent nothing")
	}
	f.dictate(t)
}

// noUinput checks that the daemon without the node records, reports that typing is
// unavailable, and prints the text on request. When the node is back, it types.
func noUinput(t *testing.T, f *faultSession) {
	journal := follow(within(t, time.Minute), t, "root", "exec journalctl -f -n 0 -o cat -u vocoder-inputd")
	f.root(t, "mv /dev/uinput /dev/uinput.away && systemctl restart vocoder-inputd")
	f.later(t, "test ! -e /dev/uinput.away || mv /dev/uinput.away /dev/uinput")
	l := follow(within(t, time.Minute), t, "alice", "exec vocoderctl watch --json")
	t.Log(l.until(t, contains(`"keyboard":"`)))
	journal.until(t, contains("device came", "Footpedal"))
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	f.next(t).answer <- flower + " kept"
	if line := f.log.until(t, contains("utterance ", "utterance=1 ", "reason=")); !strings.Contains(line, "kept") {
		t.Errorf("without a keyboard: %s", line)
	}
	f.printsLast(t, flower+" kept")
	f.root(t, "mv /dev/uinput.away /dev/uinput")
	l.until(t, func(s string) bool { return !strings.Contains(s, `"keyboard":"`) })
	f.alice(t, "vocoderctl retry")
	f.typed = flower + " kept "
	f.types(t, f.typed)
}

// nothingWritten makes alice's home read-only and the disk full, also at the start.
func nothingWritten(t *testing.T, f *faultSession) {
	f.root(t, "mount --bind /home/alice /home/alice && mount -o remount,bind,ro /home/alice")
	f.later(t, "rm -f /var/full; umount -l /home/alice")
	f.root(t, "fallocate -l $(df --output=avail -B1 / | tail -1) /var/full || true; df / | tail -1")
	if _, err := m.As(within(t, time.Minute), "alice", "echo > ~/written || dd if=/dev/zero of=/var/tmp/written bs=1M count=1 2>/dev/null"); err == nil {
		t.Fatal("something can be written")
	}
	f.launch(t, "restart")
	f.hears(t)
	f.says(t, flower+" unwritten")
}

// stoppedAndStarved stops the daemon, and then its helper, for ten seconds of a hold.
// Four programs use all processors.
func stoppedAndStarved(t *testing.T, f *faultSession) {
	for _, pid := range []string{f.pid, strings.TrimSpace(f.root(t, "systemctl show -P MainPID vocoder-inputd"))} {
		f.rig.do(t, "press p KEY_F14", "wait 500ms")
		f.root(t, "kill -STOP "+pid+"; sleep 10; kill -CONT "+pid)
		f.rig.do(t, "wait 300ms", "release p KEY_F14")
		q := f.next(t)
		t.Logf("%v were recorded of a hold of 10.8 s", q.Duration())
		if q.Duration() < 10*time.Second {
			t.Errorf("I3: %v were recorded", q.Duration())
		}
		f.answers(t, q, flower+" stood")
	}
	f.root(t, "for i in 1 2 3 4; do timeout 8 sh -c 'while :; do :; done' > /dev/null 2>&1 & done")
	f.says(t, flower+" starved")
	f.alice(t, "sleep 8")
	if n := show(t, "NRestarts"); n != "0" {
		t.Errorf("%s restarts", n)
	}
}

// noJournal stops journald, and then removes it; dictation works in both cases.
func noJournal(t *testing.T, f *faultSession) {
	f.root(t, "kill -STOP $(systemctl show -P MainPID systemd-journald)")
	f.later(t, "kill -CONT $(systemctl show -P MainPID systemd-journald); systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald")
	for i := range 3 {
		f.says(t, fmt.Sprint(flower, " stuck ", i))
	}
	f.root(t, "kill -CONT $(systemctl show -P MainPID systemd-journald)")
	f.root(t, "systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journald 2>/dev/null; true")
	f.says(t, flower+" absent")
	f.root(t, "systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald")
}

// recognizerKey checks that the key comes from the manager and reaches the recognizer,
// and that no other place has it.
func recognizerKey(t *testing.T, f *faultSession) {
	const secret = "sesame-7f3a"
	f.alice(t, "umask 077; printf "+secret+" > ~/.config/vocoder/api-key")
	f.later(t, "rm -f /home/alice/.config/vocoder/api-key")
	f.dropIn(t, "LoadCredential=api-key:/home/alice/.config/vocoder/api-key")
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	q := f.next(t)
	if q.authorization != "Bearer "+secret {
		t.Errorf("the recognizer was sent a key of %d characters", len(q.authorization))
	}
	f.answers(t, q, flower+" opened")
	f.nowhere(t, secret)
}

// nowhere fails if a word is in the journal, in the properties of the unit, or in the
// arguments and environments of processes.
func (f *faultSession) nowhere(t *testing.T, word string) {
	t.Helper()
	// The searching shell gets the word from its input, so that its arguments do not have it.
	out, err := m.Feed(within(t, 2*time.Minute), "root", `read w; echo journal $(journalctl -b -o export | grep -c -- "$w")
		echo unit $(systemctl --user -M alice@ show vocoder | grep -c -- "$w")
		echo environ $(cat /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' | grep -c -- "$w")`, strings.NewReader(word+"\n"))
	ok(t, err)
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if place, n, _ := strings.Cut(line, " "); n != "0" {
			t.Errorf("I5: it is in the %s, %s times", place, n)
		}
	}
}

// nothingLogged checks that after these tests, at the log level debug, no word is
// anywhere.
func nothingLogged(t *testing.T, f *faultSession) {
	f.says(t, flower+" whispered")
	f.nowhere(t, flower)
	pid := f.pid
	f.root(t, "cat /proc/"+pid+"/environ > /dev/null")
	if _, err := m.As(within(t, time.Minute), "alice", "cat /proc/"+pid+"/environ"); err == nil {
		t.Error("alice's other programs can read what the daemon was started with")
	}
}

// crowdAtSocket checks that the socket refuses bob, and that many clients that send
// invalid data or nothing do not disturb alice.
func crowdAtSocket(t *testing.T, f *faultSession) {
	if _, err := m.As(within(t, time.Minute), "bob", "vocoderctl --socket /run/user/1000/vocoder.sock status"); err == nil {
		t.Error("bob controls alice's daemon")
	}
	l := follow(within(t, 2*time.Minute), t, "alice", `exec perl -MSocket -e '$| = 1; $SIG{PIPE} = "IGNORE"; my @all;
		for my $i (1 .. 1000) { socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die; connect($s, sockaddr_un("$ENV{XDG_RUNTIME_DIR}/vocoder.sock")) or next;
			syswrite($s, $i % 3 ? "x" x 9000 : $i % 2 ? "GET /v1/status HT" : ""); push @all, $s; shift @all if @all > 200 }
		print "crowded\n"; sleep 5'`)
	l.until(t, contains("crowded"))
	f.says(t, flower+" crowded")
	f.alice(t, "sleep 6; vocoderctl status")
}

// anyOrder starts helper, sound server, recognizer and daemon in any order. Dictation
// must work without help.
func anyOrder(t *testing.T, f *faultSession) {
	start := map[byte]func(){
		'h': func() { f.root(t, "systemctl start vocoder-inputd.socket") },
		's': func() { f.alice(t, "systemctl --user start "+sounds) },
		'd': func() { f.launch(t, "--no-block start") },
	}
	f.start(t, "key: KEY_F14\ndevices: helper\n")
	orders := []string{"dhs", "dsh", "hsd", "hds", "shd", "sdh"}
	for _, order := range orders {
		f.alice(t, "systemctl --user stop vocoder "+sounds)
		f.root(t, "systemctl stop vocoder-inputd.socket vocoder-inputd")
		ok(t, m.ClearTyped(within(t, time.Minute)))
		f.typed = ""
		for i := range order {
			start[order[i]]()
			pass(t, time.Second)
		}
		began := time.Now()
		f.back(t)
		t.Logf("%s: all heard %v after the last", order, time.Since(began).Round(100*time.Millisecond))
		f.says(t, flower+" "+order)
	}
}

// socketsPassed checks that the daemon ignores descriptors for a different process, and
// uses its own of those that systemd passes.
func socketsPassed(t *testing.T, f *faultSession) {
	t.Run("meant for another", func(t *testing.T) {
		f.dropIn(t, "Environment=LISTEN_PID=1 LISTEN_FDS=2")
		f.says(t, flower+" alone")
	})
	top, err := repo.Top()
	ok(t, err)
	const dir = "/run/systemd/user/"
	f.root(t, "mkdir -p "+dir)
	ok(t, m.Put(within(t, time.Minute), filepath.Join(top, "packaging", "vocoder.socket"), dir+"vocoder.socket"))
	other := filepath.Join(t.TempDir(), "other.socket")
	ok(t, os.WriteFile(other, []byte("[Socket]\nListenStream=%t/other.sock\nService=vocoder.service\n"), 0o644))
	ok(t, m.Put(within(t, time.Minute), other, dir+"other.socket"))
	f.alice(t, "systemctl --user daemon-reload")
	f.later(t, "systemctl --user -M alice@ stop vocoder.socket other.socket vocoder; rm -f "+dir+"vocoder.socket "+dir+"other.socket; systemctl --user -M alice@ daemon-reload")
	for _, sockets := range []string{"vocoder.socket", "vocoder.socket other.socket"} {
		t.Run(sockets, func(t *testing.T) {
			f.alice(t, "systemctl --user stop vocoder && systemctl --user start "+sockets+" && timeout 20 vocoderctl status")
			f.back(t)
			f.says(t, flower+" passed")
		})
	}
	f.alice(t, "systemctl --user stop vocoder.socket other.socket vocoder")
	f.launch(t, "start")
}
