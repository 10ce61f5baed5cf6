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
	searchAll := func(when string) {
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
	searchAll("running")
	pids := h.pid + " " + strings.TrimSpace(text(m.Run(ctx, "systemctl show -P MainPID vocoder-inputd"))(t))
	_, err = m.Run(ctx, "for p in "+pids+"; do kill -ABRT $p; while test -d /proc/$p; do sleep .1; done; done")
	ok(t, err)
	_, err = m.As(ctx, "alice", "cd /; bash -c 'ulimit -c unlimited; kill -ABRT $$'; true")
	ok(t, err)
	if got := text(m.Run(ctx, "cd /var/tmp; ls core.*"))(t); !strings.Contains(got, "core.bash") || strings.Contains(got, "core.vocoder") {
		t.Errorf("core dumps: %q, want that of a shell alone", got)
	}
	searchAll("after both were killed")
	disk := func() int {
		t.Helper()
		_, err := m.Run(ctx, "sync")
		ok(t, err)
		found, size := onDisk(t, marks)
		t.Logf("the disk: %d of %d found in %d MiB", found, len(marks), size>>20)
		return found
	}
	if n := disk(); n > 0 {
		t.Errorf("%d of words and key are on the disk", n)
	}
	_, err = m.Feed(ctx, "alice", "cat > control.txt", strings.NewReader(words+"\n"+secret))
	ok(t, err)
	if n := disk(); n != len(marks) {
		t.Errorf("of what is on the disk, %d are found", n)
	}
	_, err = m.As(ctx, "alice", "rm control.txt")
	ok(t, err)
}
