package evdev

import (
	"fmt"
	"strings"
	"testing"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// A script is lines of "time device what keys => edges". A device, a or b, sends
// keys (+ down, - up), joins (with keys down), leaves, or syncs (with the keys
// that are down). tick lets time pass. Times are milliseconds. The bindings are
// 0: F13, 1: Ctrl+F13, 2: F14 on b only.
var scriptBindings = []Binding{
	bind(f13), bind(ctrl, f13), {Keys: []key.Code{f14}, Device: "b"},
}

func TestHolds(t *testing.T) {
	tests := map[string]string{
		"a hold": `
			0   a join
			10  a +F13   => 0↓10
			900 a -F13   =>
			919 tick     =>
			920 tick     => 0↑900`,
		"a bounce on the way up is no release": `
			0   a join
			10  a +F13   => 0↓10
			500 a -F13   =>
			505 a +F13   =>
			510 a -F13   =>
			530 tick     => 0↑510`,
		"20 ms apart are two holds": `
			0   a join
			10  a +F13   => 0↓10
			500 a -F13   =>
			520 a +F13   => 0↑500 0↓520`,
		"a key down at the start counts once it was up": `
			0   a join F13
			100 a -F13   =>
			200 a +F13   => 0↓200`,
		"a fresh press whose release was missed counts": `
			0   a join F13
			200 a +F13   => 0↓200`,
		"leaving releases at once": `
			0   a join
			10  a +F13   => 0↓10
			50  a leave  => 0↑50 gone
			99  tick     =>`,
		"leaving during a bounce": `
			0   a join
			10  a +F13   => 0↓10
			50  a -F13   =>
			55  a leave  =>
			70  tick     => 0↑50`,
		"a second device joins and ends last": `
			0   a join
			0   b join
			10  a +F13   => 0↓10
			20  b +F13   =>
			30  a -F13   =>
			99  tick     =>
			100 b leave  => 0↑100 gone`,
		"a release that was lost": `
			0   a join
			10  a +F13   => 0↓10
			50  a sync   => 0↑50 resync
			60  a -F13   =>`,
		"a press that was lost": `
			0   a join
			50  a sync F13 => 0↓50
			60  a -F13   =>
			80  tick     => 0↑60`,
		"what was down at the start stays ignored after a resync": `
			0   a join F13
			50  a sync F13 =>
			60  a sync   =>
			70  a sync F13 => 0↓70`,
		"the larger chord is meant": `
			0   a join
			10  a +CTRL  =>
			20  a +F13   => 1↓20
			30  a -CTRL  =>
			50  tick     => 1↑30
			60  a -F13   =>
			90  a +F13   => 0↓90`,
		"the smaller, if it came first, goes on": `
			0   a join
			10  a +F13   => 0↓10
			20  a +CTRL  => 1↓20
			30  a -F13   =>
			50  tick     => 0↑30 1↑30`,
		"a chord over two devices": `
			0   a join
			0   b join
			10  a +CTRL  =>
			20  b +F13   => 1↓20
			30  b leave  => 1↑30 gone`,
		"a chord whose part was down at the start": `
			0   a join CTRL
			20  a +F13   => 0↓20
			30  a -CTRL  =>
			40  a +CTRL  => 1↓40`,
		"only the device named": `
			0   a join
			0   b join
			10  a +F14   =>
			20  b +F14   => 2↓20
			30  a -F14   =>
			60  tick     =>`,
		"times of two devices out of order": `
			0   a join
			0   b join
			100 a +F13   => 0↓100
			90  b +F13   =>
			95  a -F13   =>
			96  b leave  => 0↑100 gone
			98  a +F13   => 0↓100`,
		"a stranger": `
			10  a +F13   =>
			20  a sync F13 =>
			30  a leave  =>`,
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) { play(t, newHolds(scriptBindings), script) })
	}
}

func play(t *testing.T, h *holds, script string) {
	for line := range strings.Lines(strings.TrimSpace(script)) {
		do, want, _ := strings.Cut(strings.TrimSpace(line), "=>")
		got := ""
		for _, e := range step(h, strings.Fields(do)) {
			got += fmt.Sprintf(" %d%c%d", e.binding, map[bool]rune{true: '↓', false: '↑'}[e.down], e.at.Milliseconds())
			if e.cause != key.Physical {
				got += " " + e.cause.String()
			}
		}
		if strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Fatalf("%s: %q, want %q", strings.TrimSpace(do), strings.TrimSpace(got), strings.TrimSpace(want))
		}
	}
}

var scriptKeys = map[string]key.Code{"F13": f13, "F14": f14, "CTRL": ctrl}

func step(h *holds, words []string) []edge {
	at, err := time.ParseDuration(words[0] + "ms")
	if err != nil {
		panic(err)
	}
	if words[1] == "tick" {
		return h.expire(at)
	}
	id, what := int(words[1][0]), words[2]
	var keys Set
	for _, w := range words[3:] {
		keys.add(scriptKeys[w])
	}
	switch what {
	case "join":
		d := Device{Name: words[1], Keys: SetOf(f13, f14, ctrl)}
		h.added(id, d, h.wants(d), keys)
		return nil
	case "sync":
		return h.resynced(id, keys, at)
	case "leave":
		return h.removed(id, at)
	}
	return h.key(id, keyChange{scriptKeys[what[1:]], what[0] == '+', at})
}

// TestNextDeadline: what is due first is done first, be it the end of a hold, the next
// attempt to open a device, or the next scan.
func TestNextDeadline(t *testing.T) {
	for _, script := range []string{"100 b -F13, 105 b -F14", "100 b -F14, 105 b -F13"} {
		h := newHolds(scriptBindings)
		for line := range strings.SplitSeq("0 b join, 10 b +F13, 20 b +F14, "+script, ", ") {
			step(h, strings.Fields(line))
		}
		for _, want := range []time.Duration{120 * time.Millisecond, 125 * time.Millisecond} {
			at, ok := h.deadline()
			if !ok || at != want {
				t.Errorf("%s: due at %v, %v, want %v", script, at, ok, want)
			}
			h.expire(at)
		}
		if at, ok := h.deadline(); ok {
			t.Errorf("%s: due at %v, and nothing is left", script, at)
		}
	}
	for _, tt := range []struct {
		a, b, scan, want time.Duration // 0: none
		pausedA          bool
	}{
		{},
		{a: 2, want: 2},
		{a: 2, b: 3, want: 2},
		{a: 3, b: 2, want: 2},
		{a: 2, b: 3, scan: 4, want: 2},
		{a: 3, b: 4, scan: 2, want: 2},
		{scan: 2, want: 2},
		{a: 1, b: 2, pausedA: true, want: 2},
	} {
		ds := newDeviceSet(newFake(t), newHolds(scriptBindings), nil, nil, nil)
		if tt.a > 0 {
			ds.retries["a"] = &retry{at: tt.a, paused: tt.pausedA}
		}
		if tt.b > 0 {
			ds.retries["b"] = &retry{at: tt.b}
		}
		ds.scans, ds.nextScan = tt.scan > 0, tt.scan
		if at, ok := ds.deadline(); at != tt.want || ok != (tt.want > 0) {
			t.Errorf("%+v: due at %d, %v", tt, at, ok)
		}
	}
}

// The law of holds: for each binding a press comes first, presses and releases
// alternate, times do not go back, and the reported state is that of the keys.
func FuzzHolds(f *testing.F) {
	f.Add([]byte{0, 0, 10, 1, 0, 5, 2, 0, 30, 6, 0, 200})
	f.Add([]byte{0, 1, 1, 0, 2, 1, 1, 1, 2, 1, 2, 3, 4, 1, 4, 5, 2, 5, 2, 1, 9})
	f.Fuzz(func(t *testing.T, ops []byte) {
		h, l := newHolds(scriptBindings), law{t: t, down: map[int]bool{}, last: map[int]time.Duration{}}
		devices := map[int]*struct{ down, ignored Set }{}
		now := time.Duration(0)
		for ; len(ops) >= 3; ops = ops[3:] {
			id, c := int(ops[1]&1), []key.Code{f13, f14, ctrl, keyA}[ops[1]>>1&3]
			now += time.Duration(ops[2]) * time.Millisecond
			p := devices[id]
			switch op := ops[0] % 6; {
			case op == 0 && p == nil: // a number is used once
				d := Device{Name: string(rune('a' + id)), Keys: SetOf(f13, f14, ctrl)}
				h.added(id, d, h.wants(d), SetOf(c))
				devices[id] = &struct{ down, ignored Set }{ignored: SetOf(c)}
			case op == 1 || op == 2:
				l.check(h.key(id, keyChange{c, op == 1, now}))
				if p == nil {
					break
				}
				p.ignored.remove(c)
				if p.down.remove(c); op == 1 {
					p.down.add(c)
				}
			case op == 3:
				l.check(h.resynced(id, SetOf(c), now))
				if p != nil {
					p.ignored = p.ignored.and(SetOf(c))
					p.down = SetOf(c).without(p.ignored)
				}
			case op == 4:
				l.check(h.removed(id, now))
				delete(devices, id)
			case op == 5:
				l.check(h.expire(now))
				if at, ok := h.deadline(); ok && at <= now {
					t.Fatalf("due at %v, and it is %v", at, now)
				}
			}
			for i, b := range scriptBindings {
				complete := true
				for _, c := range b.Keys {
					any := false
					for id, p := range devices {
						any = any || p.down.Has(c) && (b.Device == "" || id == 1)
					}
					complete = complete && any
				}
				if !complete && l.down[i] && !h.state[i].released {
					t.Fatalf("binding %d is reported down and is up", i)
				}
				if complete && !l.down[i] && !h.state[i].superseded {
					t.Fatalf("binding %d is down and was not reported", i)
				}
			}
		}
		for id := range 2 {
			l.check(h.removed(id, now))
		}
		l.check(h.expire(now + bounce))
		for i, down := range l.down {
			if down {
				t.Fatalf("binding %d has no end", i)
			}
		}
	})
}

// A law checks edges.
type law struct {
	t    *testing.T
	down map[int]bool
	last map[int]time.Duration
}

func (l law) check(edges []edge) {
	for _, e := range edges {
		if l.down[e.binding] == e.down {
			l.t.Fatalf("binding %d: down %v twice", e.binding, e.down)
		}
		if e.at < l.last[e.binding] {
			l.t.Fatalf("binding %d: time goes back", e.binding)
		}
		if e.down && e.cause != key.Physical {
			l.t.Fatalf("binding %d: a press that is %v", e.binding, e.cause)
		}
		l.down[e.binding], l.last[e.binding] = e.down, e.at
	}
}

// The law of the stream: for any bytes, the changes are those of keys that went down
// or up outside of what was dropped. It does not matter how reads divide the bytes.
func FuzzStream(f *testing.F) {
	press := input(1, goevdev.EV_KEY, uint16(f13), 1)
	report := input(1, goevdev.EV_SYN, goevdev.SYN_REPORT, 0)
	dropped := input(1, goevdev.EV_SYN, goevdev.SYN_DROPPED, 0)
	f.Add(append(append([]byte{}, press...), report...), uint8(1))
	f.Add(append(append(append([]byte{}, dropped...), press...), report...), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		b = b[:len(b)/eventSize*eventSize]
		var whole, parts stream
		want, lost := whole.feed(b)
		at := min(int(cut)*eventSize, len(b))
		got, lostA := parts.feed(b[:at])
		more, lostB := parts.feed(b[at:])
		got = append(got, more...)
		if fmt.Sprint(got) != fmt.Sprint(want) || (lostA || lostB) != lost || whole.dropped != parts.dropped {
			t.Fatalf("in parts %v %v, in one %v %v", got, lostA || lostB, want, lost)
		}
		if len(want) > len(b)/eventSize {
			t.Fatalf("%d changes of %d events", len(want), len(b)/eventSize)
		}
	})
}

func TestStream(t *testing.T) {
	const at = 90*time.Second + 123456*time.Microsecond
	k := func(c key.Code, value int32) []byte { return input(at, goevdev.EV_KEY, uint16(c), value) }
	syn := input(at, goevdev.EV_SYN, goevdev.SYN_REPORT, 0)
	drop := input(at, goevdev.EV_SYN, goevdev.SYN_DROPPED, 0)
	scan := input(at, goevdev.EV_MSC, goevdev.MSC_SCAN, 1)
	tests := map[string]struct {
		reads [][]byte
		want  string
		lost  bool // in the last read
	}{
		"press and release":          {[][]byte{k(f13, 1), syn, k(f13, 0), syn}, "F13↓ F13↑", false},
		"repeats and what is no key": {[][]byte{scan, k(f13, 1), syn, k(f13, 2), syn, k(f13, 3), k(f13, -1)}, "F13↓", false},
		"dropped up to the report":   {[][]byte{append(append(append(drop, k(f13, 0)...), syn...), k(f14, 1)...)}, "F14↓", true},
		"report in a later read":     {[][]byte{drop, k(f13, 0), append(syn, k(f14, 1)...)}, "F14↓", true},
		"half an event":              {[][]byte{k(f13, 1)[:eventSize-1]}, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var s stream
			var got []string
			var lost bool
			for _, b := range tt.reads {
				var changes []keyChange
				changes, lost = s.feed(b)
				for _, k := range changes {
					got = append(got, strings.TrimPrefix(k.code.String(), "KEY_")+map[bool]string{true: "↓", false: "↑"}[k.down])
					if k.at != at {
						t.Errorf("at %v, want %v", k.at, at)
					}
				}
			}
			if strings.Join(got, " ") != tt.want || lost != tt.lost {
				t.Errorf("%v, lost %v; want %v, %v", got, lost, tt.want, tt.lost)
			}
		})
	}
}
