//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// warble is a sound that is unlike all other sounds.
func warble() pcm.Clip {
	r := rand.New(rand.NewPCG(7, 7))
	c := pcm.Clip{Rate: pcm.Rate}
	phase, frequency := 0.0, 0.0
	for i := range 5 * pcm.Rate {
		if i%(pcm.Rate/20) == 0 {
			frequency = 300 + 2000*r.Float64()
		}
		phase += 2 * math.Pi * frequency / pcm.Rate
		c.Samples = append(c.Samples, int16(12000*math.Sin(phase)))
	}
	return c
}

// A mark is a pattern of sixteen bytes to search for: eight samples of a recording, or
// words.
type mark string

const markLength = 16

// distinctive returns marks from all parts of a recording where it is loud.
func distinctive(t *testing.T, c pcm.Clip) []mark {
	t.Helper()
	var marks []mark
	step := len(c.Samples) / 40
	for at := 0; at+8 <= len(c.Samples); at += step {
		var k [markLength]byte
		loud := 0
		for i, v := range c.Samples[at : at+8] {
			binary.LittleEndian.PutUint16(k[2*i:], uint16(v))
			if v > 2000 || v < -2000 {
				loud++
			}
		}
		if loud >= 5 {
			marks = append(marks, mark(k[:]))
		}
	}
	if len(marks) < 10 {
		t.Fatalf("the recording of %v is loud at %d places only", c.Duration(), len(marks))
	}
	return marks
}

// within16 returns which marks are in b.
func within16(b []byte, marks []mark) (found []mark) {
	for _, k := range marks {
		if bytes.Contains(b, []byte(k)) {
			found = append(found, k)
		}
	}
	return found
}

// onDisk returns how many marks the test found in the bytes that were written to the
// machine's disk, and the number of these bytes. The disk is not compressed.
func onDisk(t *testing.T, marks []mark) (found, size int) {
	t.Helper()
	f, err := os.Open(filepath.Join(m.Dir(), "disk.qcow2"))
	ok(t, err)
	defer f.Close()
	seen := map[mark]bool{}
	b, kept := make([]byte, 8<<20), 0
	for {
		n, err := io.ReadFull(f, b[kept:])
		for _, k := range within16(b[:kept+n], marks) {
			seen[k] = true
		}
		size += n
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return len(seen), size
		}
		ok(t, err)
		kept = copy(b, b[len(b)-markLength:])
	}
}

// remembered returns how many marks are in the memory of a process.
func remembered(t *testing.T, pid string, marks []mark) int {
	t.Helper()
	var list []string
	for _, k := range marks {
		list = append(list, hex.EncodeToString([]byte(k)))
	}
	const look = `my ($pid, @marks) = @ARGV; my %seen;
		open(my $mem, "<:raw", "/proc/$pid/mem") or die $!;
		open(my $maps, "<", "/proc/$pid/maps") or die $!;
		while (<$maps>) {
			/^(\w+)-(\w+) rw/ or next;
			my ($from, $to) = (hex $1, hex $2);
			for (my $at = $from; $at < $to; $at += 1 << 22) {
				my $n = $to - $at < 1 << 22 ? $to - $at : 1 << 22;
				sysseek($mem, $at, 0); my $b = "";
				sysread($mem, $b, $n) or last;
				for (@marks) { $seen{$_}++ if index($b, pack("H*", $_)) >= 0 }
			}
		}
		print scalar(keys %seen), "\n";`
	out, err := m.Feed(within(t, time.Minute), "root", fmt.Sprintf("cat > /run/look.pl; perl /run/look.pl %s %s; rm /run/look.pl", pid, strings.Join(list, " ")), strings.NewReader(look))
	ok(t, err)
	n, err := strconv.Atoi(strings.TrimSpace(out))
	ok(t, err)
	return n
}

// nothingLeaks checks that dictated words and the recognizer's key are not in the
// journal, the properties of the units, the arguments and environments of processes, the
// disk, files in memory, or a core dump (F-37, F-41, F-42).
func nothingLeaks(t *testing.T, h *helper) {
	if !sweeping() && os.Getenv("VOCODER_FAULTS") == "" {
		t.Skip("a minute: make sweep-helper, make faults")
	}
	ctx := within(t, 4*time.Minute)
	const words, secret = "quokka zephyrine", "sesame-7f3a-9b2c"
	const daemon, helper = "/run/systemd/user/vocoder.service.d", "/run/systemd/system/vocoder-inputd.service.d"
	const cores = `[Service]\nLimitCORE=infinity\nEnvironment=GOTRACEBACK=crash\n`
	_, err := m.Feed(ctx, "root", "mkdir -p "+daemon+" "+helper+" && printf '"+cores+"' > "+helper+"/test.conf && printf '"+cores+`LoadCredential=api-key:%%t/key\n' > `+daemon+`/test.conf
		install -m 600 -o alice /dev/stdin /run/user/1000/key && sysctl -q kernel.core_pattern=/var/tmp/core.%e.%p && rm -f /var/tmp/core.*
		systemctl daemon-reload && systemctl restart vocoder-inputd.socket`, strings.NewReader(secret))
	ok(t, err)
	ok(t, h.systemctl(ctx, "daemon-reload"))
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm -rf "+daemon+" "+helper+" /var/tmp/core.* /run/user/1000/key; sysctl -q kernel.core_pattern=core; systemctl daemon-reload; systemctl restart vocoder-inputd.socket")
		ok(t, err)
		ok(t, h.systemctl(context.Background(), "daemon-reload"))
	})
	h.start(t, "key: KEY_F14\n")
	h.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	q := h.next(t)
	if q.authorization != "Bearer "+secret {
		t.Errorf("the recognizer was sent a key of %d characters", len(q.authorization))
	}
	q.answer <- words
	h.types(t, words+" ")

	marks := []mark{words, secret}
	nowhereFound(ctx, t, "running", marks)
	pids := h.pid + " " + strings.TrimSpace(text(m.Run(ctx, "systemctl show -P MainPID vocoder-inputd"))(t))
	_, err = m.Run(ctx, "for p in "+pids+"; do kill -ABRT $p; while test -d /proc/$p; do sleep .1; done; done")
	ok(t, err)
	onlyShellDumpsCore(ctx, t)
	nowhereFound(ctx, t, "after both were killed", marks)
	notOnDisk(ctx, t, marks)
}

// notOnDisk fails if a mark is on the disk. It then checks that the search finds the marks of a
// file.
func notOnDisk(ctx context.Context, t *testing.T, marks []mark) {
	t.Helper()
	disk := func() int {
		t.Helper()
		_, err := m.Run(ctx, "sync")
		ok(t, err)
		found, size := onDisk(t, marks)
		t.Logf("the disk: %d of %d found in %d MiB", found, len(marks), size>>20)
		return found
	}
	if n := disk(); n > 0 {
		t.Errorf("%d of %q are on the disk", n, marks)
	}
	var all strings.Builder
	for _, k := range marks {
		all.WriteString(string(k) + "\n")
	}
	_, err := m.Feed(ctx, "alice", "cat > control.txt", strings.NewReader(all.String()))
	ok(t, err)
	if n := disk(); n != len(marks) {
		t.Errorf("of what is on the disk, %d are found", n)
	}
	_, err = m.As(ctx, "alice", "rm control.txt")
	ok(t, err)
}

// nowhereFound fails if a mark is in the journal, in the properties of the units, in the
// arguments and environments of processes, or in files in memory.
func nowhereFound(ctx context.Context, t *testing.T, when string, marks []mark) {
	t.Helper()
	for _, place := range []struct{ name, look string }{
		{"the journal", "journalctl -b -o export"},
		{"what systemd shows of the daemon", "systemctl --user -M alice@ show vocoder"},
		{"what systemd shows of the helper", "systemctl show vocoder-inputd"},
		{"how processes were started", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2> /dev/null || true"},
		{"files in memory", "tar -c --exclude=run/user/1000/typed --exclude=run/user/1000/key --exclude=run/user/1000/credentials -C / run dev/shm 2> /dev/null || true"},
	} {
		b := []byte(text(m.Run(ctx, place.look))(t))
		found := within16(b, marks)
		t.Logf("%s, %s: %d of %d found in %d KiB", when, place.name, len(found), len(marks), len(b)>>10)
		if len(found) > 0 || len(b) == 0 {
			t.Errorf("%s, %s: found %q in %d bytes", when, place.name, found, len(b))
		}
	}
}

// onlyShellDumpsCore fails if the daemon or the helper left a core dump, or if a shell that
// is killed leaves none.
func onlyShellDumpsCore(ctx context.Context, t *testing.T) {
	t.Helper()
	_, err := m.As(ctx, "alice", "cd /; bash -c 'ulimit -c unlimited; kill -ABRT $$'; true")
	ok(t, err)
	if got := text(m.Run(ctx, "cd /var/tmp; ls core.*"))(t); !strings.Contains(got, "core.bash") || strings.Contains(got, "core.vocoder") {
		t.Errorf("core dumps: %q, want that of a shell alone", got)
	}
}

// canary checks that recorded sound, and words that the daemon could not type, are not
// on the disk, in the journal, in files in memory, or in a core dump (F-37).
func canary(t *testing.T, b *mockSession) {
	ctx := within(t, 4*time.Minute)
	const dropIn = "/run/systemd/user/vocoder.service.d"
	_, err := m.Run(ctx, "mkdir -p "+dropIn+` && printf '[Service]\nLimitCORE=infinity\nEnvironment=GOTRACEBACK=crash\n' > `+dropIn+"/test.conf && sysctl -q kernel.core_pattern=/var/tmp/core.%e.%p && rm -f /var/tmp/core.*")
	ok(t, err)
	ok(t, b.systemctl(ctx, "daemon-reload"))
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm -r "+dropIn+" /var/tmp/core.*; sysctl -q kernel.core_pattern=core")
		ok(t, err)
		ok(t, b.systemctl(context.Background(), "daemon-reload"))
	})
	b.startWith(t, plain+"audio: {gate: false}\n")
	if got := text(m.Run(ctx, "cat /sys/fs/cgroup$(sed s/0::// /proc/"+b.pid+"/cgroup)/memory.swap.max"))(t); got != "0\n" {
		t.Errorf("of the daemon's memory, %s may go to swap", strings.TrimSpace(got))
	}
	if _, err := m.As(ctx, "alice", "cat /proc/"+b.pid+"/environ > /dev/null"); err == nil {
		t.Error("other programs of alice can look into the daemon")
	}
	const secret = "nightingale-7f3a" // as long as a mark
	song := warble()
	p, err := m.StartPlay(t.Context(), song)
	ok(t, err)
	b.rig.do(t, holding("KEY_F14", 3*time.Second))
	q := b.next(t)
	heard := q.Clip
	marks := distinctive(t, heard)
	q.answer <- "canary"
	b.types(t, "canary ")
	ok(t, p.Wait(t.Context()))
	left := remembered(t, b.pid, marks)
	t.Logf("%d of %d places of %v of sound are in the daemon's memory afterwards", left, len(marks), q.Duration())
	if left > 4 { // the microphone lingers and keeps the newest tenth of a second
		t.Error("they should have been overwritten")
	}

	b.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	q = b.next(t)
	lockHint(t, true) // the words have to wait
	q.answer <- secret
	b.log.until(t, contains("recognizer asked", fmt.Sprint("characters=", len(secret))))
	_, err = m.Run(ctx, "kill -ABRT "+b.pid+"; while test -d /proc/"+b.pid+"; do sleep .1; done")
	ok(t, err)
	lockHint(t, false)
	b.launch(t, "restart")
	b.hears(t)
	marks = append(marks, mark([]byte(secret)))

	p, err = m.StartPlay(t.Context(), song)
	ok(t, err)
	b.rig.do(t, "press p KEY_F14", "wait 2s")
	_, err = m.Run(ctx, "kill -ABRT "+b.pid+"; while test -d /proc/"+b.pid+"; do sleep .1; done")
	ok(t, err)
	b.rig.do(t, "release p KEY_F14")
	ok(t, p.Wait(t.Context()))
	onlyShellDumpsCore(ctx, t)
	canaryNotFound(ctx, t, marks, heard, secret)
}

// canaryNotFound fails if a mark is on the disk, in the journal or in files in memory. It
// then checks that the search finds the marks of a file.
func canaryNotFound(ctx context.Context, t *testing.T, marks []mark, heard pcm.Clip, secret string) {
	t.Helper()
	searched := func(what string, found, bytes int) {
		t.Helper()
		t.Logf("%s: %d of %d places found in %d MiB", what, found, len(marks), bytes>>20)
		if found > 0 {
			t.Errorf("sound is in %s", what)
		}
	}
	disk := func() (int, int) {
		_, err := m.Run(ctx, "sync")
		ok(t, err)
		return onDisk(t, marks)
	}
	found, size := disk()
	searched("the disk", found, size)
	journal := []byte(text(m.Run(ctx, "journalctl -o export"))(t))
	searched("the journal", len(within16(journal, marks)), len(journal))
	files := []byte(text(m.Run(ctx, "tar -c /run /dev/shm 2> /dev/null || true"))(t))
	searched("files in memory", len(within16(files, marks)), len(files))

	_, err := m.Feed(ctx, "alice", "cat > control.wav", io.MultiReader(bytes.NewReader(heard.WAV()), strings.NewReader(secret)))
	ok(t, err)
	if found, _ := disk(); found < len(marks)/2 {
		t.Errorf("of a recording that is on the disk, %d of %d places are found", found, len(marks))
	}
	if found, _ := onDisk(t, marks[len(marks)-1:]); found == 0 {
		t.Error("words that are on the disk are not found")
	}
	_, err = m.As(ctx, "alice", "rm control.wav")
	ok(t, err)
}
