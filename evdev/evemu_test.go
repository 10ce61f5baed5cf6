package evdev

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// recordings are what devices send, and what it means.
var recordings = []struct {
	file     string
	bindings []Binding
	want     string // milliseconds
}{
	{
		"vec-footpedal.evemu",
		[]Binding{bind(f14), bind(f15), {Keys: []key.Code{f16}, Device: "05f3:00ff"}},
		"1↓0 1↑1500 0↓2250 2↓2402 2↑2502 0↑2650",
	},
	{"qemu-at-keyboard.evemu", []Binding{bind(ctrl)}, "0↓0 0↑880 0↓1900 0↑2032"},
	{"worn-button.evemu", []Binding{bind(f13)}, "0↓0 0↑1014 0↓1800 0↑2000"},
}

func TestRecordings(t *testing.T) {
	for _, tt := range recordings {
		// The meaning does not depend on how many events a read returns.
		for _, perRead := range []int{1, 3, 64} {
			t.Run(fmt.Sprintf("%s by %d", tt.file, perRead), func(t *testing.T) {
				d, events := readEvemu(t, tt.file)
				h := newHolds(tt.bindings)
				h.added(0, d, h.wants(d), Set{})
				var in stream
				var got []string
				say := func(edges []edge) {
					for _, e := range edges {
						got = append(got, fmt.Sprintf("%d%c%d", e.binding, map[bool]rune{true: '↓', false: '↑'}[e.down], e.at.Milliseconds()))
					}
				}
				for ; len(events) > 0; events = events[min(perRead*eventSize, len(events)):] {
					changes, lost := in.feed(events[:min(perRead*eventSize, len(events))])
					if lost {
						t.Fatal("events lost")
					}
					for _, s := range changes {
						say(h.key(0, s))
					}
				}
				say(h.expire(time.Hour))
				if got := strings.Join(got, " "); got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
			})
		}
	}
}

// A Listener finds and listens to devices with the description of real ones.
func TestRecordedDevices(t *testing.T) {
	for _, tt := range recordings {
		t.Run(tt.file, func(t *testing.T) {
			onEach(t, func(t *testing.T, r rig) {
				d, _ := readEvemu(t, tt.file)
				d.Name = "recorded " + d.Name // the machine may have the real one
				s := listen(t, r, Config{Bindings: tt.bindings})
				dev := s.plug(r, d)
				for i, b := range tt.bindings {
					dev.press(b.Keys...)
					s.wants(fmt.Sprintf("%d down", i))
					dev.release(b.Keys...)
					s.wants(fmt.Sprintf("%d up", i))
				}
			})
		})
	}
}

// readEvemu reads a recording as evemu-record(1) writes it: the name, ids and
// bitmaps of the device, then events.
func readEvemu(t *testing.T, file string) (d Device, events []byte) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := 0 // in the bitmap of keys
	for in := bufio.NewScanner(f); in.Scan(); {
		line, _, _ := strings.Cut(in.Text(), "#")
		what, rest, _ := strings.Cut(strings.TrimRight(line, " \t"), ": ")
		var err error
		switch what {
		case "N":
			d.Name = rest
		case "I":
			_, err = fmt.Sscanf(rest, "%x %x %x", &d.Bus, &d.Vendor, &d.Product)
		case "B":
			var typ int
			var b [8]int
			_, err = fmt.Sscanf(rest, "%x %x %x %x %x %x %x %x %x", &typ, &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7])
			if typ != goevdev.EV_KEY {
				break
			}
			for i, v := range b {
				for bit := range 8 {
					if v&(1<<bit) != 0 {
						d.Keys.add(key.Code(at + 8*i + bit))
					}
				}
			}
			at += 64
		case "E":
			var sec, usec int
			var typ, code uint16
			var value int32
			_, err = fmt.Sscanf(rest, "%d.%d %x %x %d", &sec, &usec, &typ, &code, &value)
			events = append(events, input(time.Duration(sec)*time.Second+time.Duration(usec)*time.Microsecond, typ, code, value)...)
		}
		if err != nil {
			t.Fatalf("%s: %q: %v", file, in.Text(), err)
		}
	}
	return d, events
}
