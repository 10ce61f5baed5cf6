//go:build e2e

package e2e_test

import (
	"fmt"
	"image/png"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/speech"
)

// These tests are about the machine alone. The tests of vocoder rely on what they show.

func TestMachineKeyboard(t *testing.T) {
	ctx := within(t, time.Minute)
	for _, tt := range []struct {
		name, qcode, key string
	}{
		{"a key that types nothing", "ctrl_r", "KEY_RIGHTCTRL"},
		{"a letter", "a", "KEY_A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events := follow(ctx, t, "alice", "exec stdbuf -oL evtest /dev/input/event0")
			events.until(t, contains("interrupt to exit"))
			ok(t, m.KeyDown(ctx, tt.qcode))
			events.until(t, contains("("+tt.key+"), value 1"))
			ok(t, m.KeyUp(ctx, tt.qcode))
			events.until(t, contains("("+tt.key+"), value 0"))
		})
	}
}

func TestMachineHotPlug(t *testing.T) {
	ctx := within(t, time.Minute)
	devices := follow(ctx, t, "root", "exec stdbuf -oL udevadm monitor --udev --subsystem-match=input")
	devices.until(t, contains("UDEV - "))
	ok(t, m.Plug(ctx, "pedal"))
	node := devices.until(t, contains("add", "/event"))
	node = "/dev/input/" + strings.Fields(node[strings.LastIndex(node, "/")+1:])[0]

	events := follow(ctx, t, "alice", "exec stdbuf -oL evtest "+node)
	events.until(t, contains("interrupt to exit"))
	ok(t, m.KeyDown(ctx, "ctrl_r"))
	events.until(t, contains("(KEY_RIGHTCTRL), value 1"))
	ok(t, m.Unplug(ctx, "pedal"))
	devices.until(t, contains("remove", "/event"))
	ok(t, m.KeyUp(ctx, "ctrl_r"))
}

// TestMachineMicrophone checks that a program in the machine records what is played. On a
// busy host the sound card loses sound now and then.
func TestMachineMicrophone(t *testing.T) {
	clips, err := speech.Clips()
	ok(t, err)
	clip := clips[len(clips)-1].Clip
	for range takes {
		w := newWitness(t)
		ok(t, m.Play(within(t, time.Minute), clip))
		pass(t, soundDelay)
		got := w.heard(clip)
		t.Logf("envelopes correlate by %.3f", got)
		if got > delivered {
			return
		}
	}
	t.Errorf("none of %d takes was delivered whole", takes)
}

// A keyboard of uinput types into alice's terminal.
func TestMachineUinput(t *testing.T) {
	ctx := within(t, time.Minute)
	ok(t, m.ClearTyped(ctx))
	_, err := m.Run(ctx, "evemu-describe /dev/input/event0 > /tmp/keyboard")
	ok(t, err)
	inputs := follow(ctx, t, "alice", swayEvents(`["input"]`, ".change"))
	inputs.until(t, contains("subscribed"))
	made := follow(ctx, t, "root", "exec stdbuf -oL evemu-device /tmp/keyboard")
	line := made.until(t, contains("/dev/input/event"))
	node := line[strings.LastIndex(line, "/dev"):]
	inputs.until(t, contains("added"))

	_, err = m.Run(ctx, fmt.Sprintf(`for k in H E L L O ENTER; do for v in 1 0; do evemu-event %s --type EV_KEY --code KEY_$k --value $v --sync; done; done`, node))
	ok(t, err)
	if got := text(m.WaitTyped(ctx, ended))(t); got != "hello\n" {
		t.Errorf("the terminal got %q", got)
	}
}

// ended reports whether a whole line was typed.
func ended(typed string) bool { return strings.HasSuffix(typed, "\n") }

func TestMachineScreen(t *testing.T) {
	ctx := within(t, time.Minute)
	ok(t, m.ClearTyped(ctx))
	empty := ink(t)
	for _, k := range []string{"i", "n", "k", "ret"} {
		ok(t, m.KeyDown(ctx, k))
		ok(t, m.KeyUp(ctx, k))
	}
	if got := text(m.WaitTyped(ctx, ended))(t); got != "ink\n" {
		t.Errorf("the terminal got %q", got)
	}
	// grim waits for a frame that the compositor has finished.
	_, err := m.As(ctx, "alice", "grim - > /dev/null")
	ok(t, err)
	if full := ink(t); full == empty {
		t.Error("the screen shows nothing of what was typed")
	}
}

// ink counts the bright pixels of the screen.
func ink(t *testing.T) (n int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "screen.png")
	ok(t, m.Screenshot(t.Context(), path))
	f, err := os.Open(path)
	ok(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	ok(t, err)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, _, _, _ := img.At(x, y).RGBA(); r > 0x8000 {
				n++
			}
		}
	}
	return n
}

// The guest's loopback address reaches a server on the host, until Unforward.
func TestMachineForward(t *testing.T) {
	ctx := within(t, time.Minute)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed
			}
			_, _ = io.WriteString(c, "hello from the host\n")
			_ = c.Close()
		}
	}()
	const port, ask = 8771, "cat < /dev/tcp/127.0.0.1/8771"
	ok(t, m.Forward(ctx, port, l.Addr().String()))
	if got := text(m.As(ctx, "alice", ask))(t); got != "hello from the host\n" {
		t.Errorf("got %q", got)
	}
	ok(t, m.Unforward(ctx, port, l.Addr().String()))
	if _, err := m.As(ctx, "alice", ask); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("after the server was cut off: got %v, want a refusal", err)
	}
}

func TestMachineSnapshot(t *testing.T) {
	ctx := within(t, 2*time.Minute)
	ok(t, m.Save(ctx, "before"))
	_, err := m.Run(ctx, "touch /root/after")
	ok(t, err)
	ok(t, m.Load(ctx, "before"))
	if _, err := m.Run(ctx, "test ! -e /root/after"); err != nil {
		t.Error("the machine is not what it was when it was saved")
	}
}

// Put and Get copy files unchanged.
func TestMachineFiles(t *testing.T) {
	ctx := within(t, time.Minute)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	want := strings.Repeat("\x00\xff\n", 1000)
	ok(t, os.WriteFile(in, []byte(want), 0o755))
	ok(t, m.Put(ctx, in, "/tmp/file"))
	if got := strings.TrimSpace(text(m.Run(ctx, "stat -c '%a %U' /tmp/file"))(t)); got != "755 root" {
		t.Errorf("mode and owner: got %s", got)
	}
	ok(t, m.Get(ctx, "/tmp/file", out))
	got, err := os.ReadFile(out)
	ok(t, err)
	if string(got) != want {
		t.Error("the file came back changed")
	}
}

// bob has no access to alice's session.
func TestMachineStranger(t *testing.T) {
	ctx := within(t, time.Minute)
	for _, node := range []string{"/dev/uinput", "/dev/input/event0"} {
		if _, err := m.As(ctx, "alice", "test -r "+node); err != nil {
			t.Errorf("alice cannot use %s", node)
		}
		if _, err := m.As(ctx, "bob", "test ! -r "+node); err != nil {
			t.Errorf("bob can use %s", node)
		}
	}
}

func contains(parts ...string) func(string) bool {
	return func(line string) bool {
		for _, p := range parts {
			if !strings.Contains(line, p) {
				return false
			}
		}
		return true
	}
}
