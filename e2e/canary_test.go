//go:build e2e

package e2e_test

import (
	"bytes"
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

// warble is a sound that no other is like.
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

// A mark is eight samples of a recording as bytes.
type mark [16]byte

// distinctive returns marks from all over a recording, where it is loud.
func distinctive(t *testing.T, c pcm.Clip) []mark {
	t.Helper()
	var marks []mark
	step := len(c.Samples) / 40
	for at := 0; at+8 <= len(c.Samples); at += step {
		var k mark
		loud := 0
		for i, v := range c.Samples[at : at+8] {
			binary.LittleEndian.PutUint16(k[2*i:], uint16(v))
			if v > 2000 || v < -2000 {
				loud++
			}
		}
		if loud >= 5 {
			marks = append(marks, k)
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
		if bytes.Contains(b, k[:]) {
			found = append(found, k)
		}
	}
	return found
}

// onDisk returns how many marks are in what was written to the machine's disk,
// and how much that is in bytes. What is on it is not compressed.
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
		kept = copy(b, b[len(b)-len(mark{}):])
	}
}

// remembered returns how many marks are in the memory of a process.
func remembered(t *testing.T, pid string, marks []mark) int {
	t.Helper()
	var list []string
	for _, k := range marks {
		list = append(list, hex.EncodeToString(k[:]))
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
