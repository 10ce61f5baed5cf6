package inject

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
)

func TestOpenSaysWhy(t *testing.T) {
	dir := t.TempDir()
	if _, err := openKeyboard(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such node: %v", err)
	}
	closed := filepath.Join(dir, "closed")
	if err := os.WriteFile(closed, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		t.Skip("root may open everything")
	}
	if _, err := openKeyboard(closed); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("node of others: %v", err)
	}
}

func TestSysname(t *testing.T) {
	if got := sysname("/sys/devices/virtual/input/input17\x00\x00\x00"); got != "input17" {
		t.Errorf("got %q", got)
	}
}

func TestReadyWaitsForTheReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &Keyboard{made: time.Now()}
		time.Sleep(200 * time.Millisecond) // virtual
		if err := k.Ready(t.Context()); err != nil || time.Since(k.made) != 500*time.Millisecond {
			t.Errorf("ready after %v, %v", time.Since(k.made), err)
		}
		if err := k.Ready(t.Context()); err != nil || time.Since(k.made) != 500*time.Millisecond {
			t.Errorf("ready again after %v, %v", time.Since(k.made), err)
		}
		k.made = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := k.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("done ctx: %v", err)
		}
	})
}

func TestKeysOfTheMachineAreRefused(t *testing.T) {
	k := &Keyboard{}
	for _, name := range []string{"KEY_ESC", "KEY_F1", "KEY_F10", "KEY_F12", "KEY_SYSRQ", "KEY_POWER", "KEY_SLEEP", "KEY_SUSPEND", "BTN_LEFT"} {
		c, err := key.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Down(c); err == nil || errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"KEY_A", "KEY_ENTER", "KEY_INSERT", "KEY_LEFTSHIFT", "KEY_RIGHTALT", "KEY_102ND", "KEY_RO", "KEY_KP7"} {
		c, err := key.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Down(c); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
}

// A reader reads a Keyboard as a compositor does.
type reader struct {
	t *testing.T
	f *os.File
}

// open returns a keyboard of the kernel and its reader. Without /dev/uinput the
// test is skipped, with VOCODER_DEVICES=1 it fails.
func open(t *testing.T) (*Keyboard, *reader) {
	t.Helper()
	k, err := OpenKeyboard()
	if err != nil {
		if os.Getenv("VOCODER_DEVICES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := k.Ready(t.Context()); err != nil { // also gives udev the time to make the node readable
		t.Fatal(err)
	}
	nodes, err := filepath.Glob("/sys/class/input/" + k.Sysname() + "/event*")
	if err != nil || len(nodes) != 1 {
		t.Fatalf("nodes of %s: %v, %v", k.Sysname(), nodes, err)
	}
	f, err := os.OpenFile("/dev/input/"+filepath.Base(nodes[0]), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return k, &reader{t, f}
}

// keys returns the next n key events, as codes, negative for a release.
func (r *reader) keys(n int) []int {
	r.t.Helper()
	if err := r.f.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		r.t.Fatal(err)
	}
	var got []int
	b := make([]byte, 24) // struct input_event of 64-bit machines
	for len(got) < n {
		if _, err := r.f.Read(b); err != nil {
			r.t.Fatalf("after %v: %v", got, err)
		}
		typ, code := binary.NativeEndian.Uint16(b[16:]), int(binary.NativeEndian.Uint16(b[18:]))
		if typ == unix.EV_KEY && binary.NativeEndian.Uint32(b[20:]) == 0 {
			code = -code
		}
		if typ == unix.EV_KEY {
			got = append(got, code)
		}
	}
	return got
}

// held reports which keys the kernel has down.
func (r *reader) held() (down []int) {
	r.t.Helper()
	bits := make([]byte, 32)
	conn, err := r.f.SyscallConn()
	if err != nil {
		r.t.Fatal(err)
	}
	const eviocgkey = 2<<30 | 32<<16 | 'E'<<8 | 0x18
	err = conn.Control(func(fd uintptr) {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, eviocgkey, uintptr(unsafe.Pointer(&bits[0]))); errno != 0 {
			r.t.Error(errno)
		}
	})
	if err != nil {
		r.t.Fatal(err)
	}
	for c := range 256 {
		if bits[c/8]>>(c%8)&1 != 0 {
			down = append(down, c)
		}
	}
	return down
}

func TestKernelSeesTheKeys(t *testing.T) {
	k, r := open(t)
	ty := &Typist{Device: k, Source: inEffect{layout(false)}}
	if res, err := ty.Type(t.Context(), "aBü"); err != nil || res.Rest != "" {
		t.Fatalf("%v, %v", res, err)
	}
	want := []int{30, -30, 42, 48, -48, -42, 100, 40, -40, -100, 22, -22}
	if got := r.keys(len(want)); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestKernelHasNoKeyDownAfterAStop(t *testing.T) {
	k, r := open(t)
	ty := &Typist{Device: k, Source: inEffect{layout(false)}}
	for ms := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(ms)*time.Millisecond)
		if _, err := ty.Type(ctx, "AÜ¿!aÜ"); err != nil {
			t.Error(err)
		}
		cancel()
		if down := r.held(); down != nil {
			t.Fatalf("stopped after %d ms: %v are down", ms, down)
		}
	}
}

func TestKernelReleasesAtClose(t *testing.T) {
	k, r := open(t)
	for _, c := range []key.Code{leftShift, 30} {
		if err := k.Down(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	got := r.keys(4)
	slices.Sort(got)
	if want := []int{-42, -30, 30, 42}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := r.f.Read(make([]byte, 24)); !errors.Is(err, unix.ENODEV) {
		for err == nil { // SYN_REPORT
			_, err = r.f.Read(make([]byte, 24))
		}
		if !errors.Is(err, unix.ENODEV) {
			t.Errorf("after Close: %v", err)
		}
	}
}

// TestKeysOfText: the keyboard presses no key on which the desktop or the kernel acts.
func TestKeysOfText(t *testing.T) {
	k := &Keyboard{} // without a device, which says so for a key that may be pressed
	for c, want := range map[key.Code]bool{
		0: false, 1: false, 2: true, 58: true, 59: false, 68: false, 69: true, 87: false, 88: false, 89: true, 99: false,
		116: false, 142: false, 143: false, 152: false, 205: false, 247: true, 248: false, 249: false, 767: false,
	} {
		for _, press := range []func(key.Code) error{k.Down, k.Tap, k.Up} {
			if got := errors.Is(press(c), os.ErrClosed); got != want {
				t.Errorf("key %d may be pressed: %v, want %v", c, got, want)
			}
		}
	}
}
