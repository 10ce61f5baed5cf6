//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// unpluggedWhileHeld checks that the speech until a device is removed is typed, whether
// the daemon waits for the device at that moment or is busy (F-01).
func unpluggedWhileHeld(t *testing.T, b *mockSession) {
	ctx := within(t, 3*time.Minute)
	b.start(t, "bindings: [{key: KEY_F14}, {key: KEY_RIGHTCTRL}]\n")

	t.Run("usb", func(t *testing.T) {
		ok(t, m.Plug(ctx, "held"))
		b.came(t, "USB Keyboard")
		ok(t, m.KeyDown(ctx, "ctrl_r"))
		b.rig.do(t, "wait 600ms")
		ok(t, m.Unplug(ctx, "held"))
		b.next(t).answer <- "usb"
		b.types(t, "usb ")
		ok(t, m.KeyUp(ctx, "ctrl_r"))
	})
	for _, tt := range []struct {
		name           string
		freeze, unplug string
	}{
		{"waiting", "true", "true"},
		{"busy", "kill -STOP " + b.pid, "kill -CONT " + b.pid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ok(t, m.ClearTyped(ctx))
			b.rig.do(t, "create p 05f3:00ff KEY_F14,KEY_F15,KEY_F16 Doomed")
			b.came(t, "Doomed")
			b.rig.do(t, "press p KEY_F14", "wait 600ms")
			_, err := m.Run(ctx, tt.freeze)
			ok(t, err)
			b.rig.do(t, "destroy p")
			_, err = m.Run(ctx, tt.unplug)
			ok(t, err)
			b.next(t).answer <- tt.name
			b.types(t, tt.name+" ")
			b.none(t)
		})
	}
}

// pluggedInElsewhere checks that the daemon finds a device each time it comes back,
// under any name (F-02).
func pluggedInElsewhere(t *testing.T, b *mockSession) {
	b.start(t, "key: KEY_F14\ndevice: '05f3:00ff'\n")
	defer b.noWords(t)()
	nodes := map[string]bool{}
	n := b.rarely(20, 200)
	for i := range n {
		// A file stays at the path of the node, so that the next node has another path.
		name := fmt.Sprintf("Pedal %d", i)
		node := b.rig.do(t, "create p 05f3:00ff KEY_F14 "+name)
		nodes[node] = true
		b.came(t, name)
		b.rig.do(t, "hold p KEY_F14 10ms", "destroy p")
		b.touched(t, i+1)
		b.rig.do(t, fmt.Sprintf("create d%d 1:1 KEY_F20 Decoy", i%2))
		if i > 0 {
			b.rig.do(t, fmt.Sprintf("destroy d%d", 1-i%2))
		}
	}
	b.rig.do(t, fmt.Sprintf("destroy d%d", (n-1)%2))
	if len(nodes) < 2 {
		t.Errorf("it was always %v", nodes)
	}
	t.Logf("found %d times, at %d nodes", n, len(nodes))
	b.pedals(t) // it stays
	b.came(t, "Footpedal")
}

// noWords is a recognizer that finds no words in any clip, until the test calls stop.
func (b *mockSession) noWords(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case q := <-b.heard:
				q.answer <- ""
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// touched waits until the daemon has seen so many touches of the key. It treats them as
// slips or, on a slow machine, as utterances without words.
func (b *mockSession) touched(t *testing.T, n int) {
	t.Helper()
	b.log.until(t, contains("utterance refused", fmt.Sprintf("utterance=%d ", n)))
}

// pluggedInAgain checks that the daemon finds a real USB keyboard each time, too (F-02).
func pluggedInAgain(t *testing.T, b *mockSession) {
	ctx := within(t, 20*time.Minute)
	b.start(t, "key: KEY_RIGHTCTRL\n")
	defer b.noWords(t)()
	n := b.rarely(5, 200)
	for i := range n {
		ok(t, m.Plug(ctx, "again"))
		b.came(t, "USB Keyboard")
		ok(t, m.KeyDown(ctx, "ctrl_r"))
		ok(t, m.KeyUp(ctx, "ctrl_r"))
		b.touched(t, i+1)
		ok(t, m.Unplug(ctx, "again"))
		b.log.until(t, contains("device went", "USB Keyboard"))
		if i%20 == 19 {
			t.Logf("USB keyboard found %d times", i+1)
		}
	}
	t.Logf("USB keyboard found %d times", n)
}

// devicesComeAndGo checks that other devices that come and go do not shorten a recording
// (F-03). A second recorder shows what the sound server delivered, because 500 devices
// keep the machine so busy that the server loses sound.
func devicesComeAndGo(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	n := b.rarely(10, 250)
	other := recordBeside(t)
	began := time.Now()
	b.rig.do(t, "press p KEY_F14", fmt.Sprintf("churn %d KEY_F14,KEY_F15 Visitor", n),
		fmt.Sprintf("churn %d KEY_A,KEY_B Passer-by", n), "wait 1s", "release p KEY_F14")
	held := time.Since(began)
	lost := other.lost(t)
	q := b.next(t)
	missing := held + around - q.Duration()
	t.Logf("%d devices in %v: recorded %v, %v are missing; another recorder lost %v", 2*n, held, q.Duration(), missing, lost)
	if missing > lost+time.Second {
		t.Errorf("%v are missing, %v of it only here", missing, missing-lost)
	}
	known, all := familiar(q.Clip, loopedSpeech(t))
	t.Logf("%d of %d pieces are whole", known, all)
	if known < all*3/4 {
		t.Errorf("only %d of %d pieces of the recording are what was spoken", known, all)
	}
	q.answer <- "whole"
	b.types(t, "whole ")
	b.none(t)
	b.rig.do(t, holding("KEY_F14", 300*time.Millisecond))
	b.next(t).answer <- "on"
	b.types(t, "whole on ")
}

// A recorder is a parec that records at the same time as the daemon.
type recorder struct {
	began time.Time
	had   time.Duration
}

func recordBeside(t *testing.T) *recorder {
	t.Helper()
	const unit = "systemctl --user stop other 2>/dev/null; "
	ctx := within(t, time.Minute)
	_, err := m.As(ctx, "alice", unit+"systemd-run --user --unit other sh -c 'exec parec --raw --format=s16le --rate=16000 --channels=1 --latency-msec=50 > $XDG_RUNTIME_DIR/other'; sleep 2")
	ok(t, err)
	t.Cleanup(func() { _, _ = m.As(context.Background(), "alice", unit) }) // the unit may have ended
	r := &recorder{}
	r.had, r.began = r.has(t), time.Now()
	return r
}

// has returns the length of the recording.
func (*recorder) has(t *testing.T) time.Duration {
	t.Helper()
	var bytes int
	_, err := fmt.Sscan(text(m.As(within(t, time.Minute), "alice", "stat -c %s $XDG_RUNTIME_DIR/other"))(t), &bytes)
	ok(t, err)
	return time.Duration(bytes) * time.Second / 32000
}

// lost returns the length of the missing sound.
func (r *recorder) lost(t *testing.T) time.Duration {
	t.Helper()
	has := r.has(t)
	return time.Since(r.began) - (has - r.had)
}

// familiar counts the pieces of a clip, a second each, that are part of the repeated
// speech.
func familiar(c, loop pcm.Clip) (known, all int) {
	const piece = 100 // of an envelope
	heard, said := envelope(c.Samples), envelope(append(loop.Samples, loop.Samples...))
	for ; len(heard) >= piece; heard = heard[piece:] {
		all++
		if likeness(heard[:piece], said) > 0.8 {
			known++
		}
	}
	return known, all
}

// readableLater checks that the daemon reads a node that udev opens to the user later
// (F-27).
func readableLater(t *testing.T, b *mockSession) {
	ctx := within(t, time.Minute)
	_, err := m.Run(ctx, `mkdir -p /run/udev/rules.d && echo 'ATTRS{name}=="Late", TAG-="uaccess", MODE="0600"' > /run/udev/rules.d/72-late.rules && udevadm control --reload`)
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm /run/udev/rules.d/72-late.rules && udevadm control --reload")
		ok(t, err)
	})
	b.start(t, "key: KEY_F14\n")
	node := b.rig.do(t, "create late 1:1 KEY_F14 Late")
	t.Cleanup(func() { b.rig.do(t, "destroy late") })
	_, err = m.Run(ctx, "udevadm settle")
	ok(t, err)
	b.rig.do(t, "hold late KEY_F14 300ms", "wait 2s")
	b.none(t)
	_, err = m.Run(ctx, "chmod o+r "+node)
	ok(t, err)
	b.came(t, "Late")
	b.rig.do(t, "hold late KEY_F14 300ms")
	b.next(t).answer <- "late"
	b.types(t, "late ")
}

// pedal checks that a device without any key of a keyboard works as a trigger (VEC
// 05f3:00ff), and that no other program gets its grabbed key.
func pedal(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\ndevice: '05f3:00ff'\n")
	q := b.records(t, 600*time.Millisecond, holding("KEY_F14", 600*time.Millisecond))
	q.answer <- "pedal"
	b.types(t, "pedal ")
}

// grab checks that the key of a button box reaches the terminal unless it is grabbed.
func grab(t *testing.T, b *mockSession) {
	const f5 = "\x1b[15~" // the terminal's escape sequence for F5
	for _, tt := range []struct{ grab, want string }{{"false", f5 + "box "}, {"true", "box "}} {
		t.Run(tt.grab, func(t *testing.T) {
			b.rig.do(t, "create p 1:2 KEY_F5,KEY_F6 Button box")
			t.Cleanup(func() { b.rig.do(t, "destroy p") })
			b.start(t, "bindings: [{key: KEY_F5, device: '0001:0002', grab: "+tt.grab+"}]\n")
			b.rig.do(t, "wait 1s") // the compositor has to open it too
			b.rig.do(t, holding("KEY_F5", 400*time.Millisecond))
			b.next(t).answer <- "box"
			b.types(t, tt.want)
		})
	}
}

// grabOfKeyboard checks that the daemon does not grab a full keyboard, and logs why.
func grabOfKeyboard(t *testing.T, b *mockSession) {
	b.rig.do(t, "create p 1:3 1-248 Full keyboard")
	t.Cleanup(func() { b.rig.do(t, "destroy p") })
	b.start(t, "bindings: [{key: KEY_F14, device: Full keyboard, grab: true}]\n")
	b.log.until(t, contains("not grabbed", "Full keyboard", "it is a full keyboard"))
	b.rig.do(t, "wait 1s", "tap p KEY_X 1") // the compositor has to open it too
	b.types(t, "x")
	b.rig.do(t, holding("KEY_F14", 400*time.Millisecond))
	b.next(t).answer <- "still"
	b.types(t, "xstill ")
}

// learn checks that `vocoder keys --learn` writes the pressed key into the settings.
func learn(t *testing.T, b *mockSession) {
	ctx := within(t, time.Minute)
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	l := follow(ctx, t, "alice", "exec vocoder keys --learn 2>&1")
	l.until(t, contains("Press the key"))
	b.rig.do(t, holding("KEY_F16", 100*time.Millisecond))
	l.until(t, contains("KEY_F16"))
	l.until(t, contains("VEC Footpedal", "05f3:00ff", "buttons"))
	l.until(t, contains("written to", "vocoder.yaml"))
	if got := text(m.Run(ctx, "cat "+settingsFile))(t); !strings.Contains(got, "key: KEY_F16") || !strings.Contains(got, "pre_roll: 300ms") {
		t.Errorf("the settings are now:\n%s", got)
	}
	ok(t, b.systemctl(ctx, "reload vocoder"))
	b.log.until(t, contains("new settings"))
	b.came(t, "VEC Footpedal")
	b.rig.do(t, holding("KEY_F16", 400*time.Millisecond))
	b.next(t).answer <- "learned"
	b.types(t, "learned ")
}

// learnLetter checks that the command refuses a key that types a letter, and does not
// print it.
func learnLetter(t *testing.T, b *mockSession) {
	ctx := within(t, time.Minute)
	b.rig.do(t, "create p 1:3 1-248 Full keyboard")
	t.Cleanup(func() { b.rig.do(t, "destroy p") })
	before := text(m.Run(ctx, "udevadm settle; cat "+settingsFile))(t)
	l := follow(ctx, t, "alice", "vocoder keys --learn 2>&1; echo status $?")
	l.until(t, contains("Press the key"))
	b.rig.do(t, holding("KEY_Q", 100*time.Millisecond))
	var said strings.Builder
	l.until(t, func(line string) bool {
		said.WriteString(line + "\n")
		return strings.HasPrefix(line, "status ")
	})
	if s := said.String(); !strings.Contains(s, "letters, digits") || strings.Contains(s, "status 0") || strings.Contains(s, "KEY_Q") {
		t.Errorf("it said:\n%s", s)
	}
	if after := text(m.Run(ctx, "cat "+settingsFile))(t); after != before {
		t.Errorf("the settings are now:\n%s", after)
	}
}
