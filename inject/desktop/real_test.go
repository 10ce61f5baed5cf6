package desktop

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/test/hostdisplay"
	wire "github.com/arealicehole/vocoder/internal/wayland"
	"github.com/arealicehole/vocoder/internal/x11"
)

// run starts a program until the test ends.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
}

// xvfb starts an X server without a screen and returns its display.
func xvfb(t *testing.T) string {
	hostdisplay.Need(t, "Xvfb", "setxkbmap", "xkbcomp")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "64x64x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	run(t, cmd)
	_ = w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return ":" + strings.TrimSpace(number)
}

// TestX11Pressed: a key that is not down yet is waited for. If no key is ever
// seen, that ends after a while; if one was, only with the text. A wait that its context
// ends closes the connection, and the next question gets another one at once.
func TestX11Pressed(t *testing.T) {
	const unknown key.Code = 240
	c := place(t)
	c.Hint = Desktop{X11: xvfb(t)}
	w := start(t, c)
	state(t, w)
	conn, sock, err := x11.Dial(t.Context(), c.Hint.X11, "")
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Close()
	if err := xtest.Init(conn); err != nil {
		t.Fatal(err)
	}
	seen := make(chan error, 1)
	go func() { seen <- w.Pressed(t.Context(), unknown) }()
	select {
	case err := <-seen:
		t.Fatalf("a key was seen before its press, %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if err := xtest.FakeInputChecked(conn, xproto.KeyPress, byte(unknown)+firstKeycode, 0, 0, 0, 0, 0).Check(); err != nil {
		t.Fatal(err)
	}
	if err := <-seen; err != nil {
		t.Fatal(err)
	}
	for name, wait := range map[string]func(context.Context) error{
		"up":   func(ctx context.Context) error { return w.Released(ctx, unknown) },
		"down": func(ctx context.Context) error { return w.Pressed(ctx, unknown-1) },
	} {
		if err := w.Pressed(t.Context(), unknown); err != nil { // so that a key was seen
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), firstKeyLimit+time.Second)
		if err := wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: gave up: %v", name, err)
		}
		cancel()
		if err := w.Released(t.Context(), unknown-1); err != nil {
			t.Errorf("%s: the next question: %v", name, err)
		}
	}
	for range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		if err := w.Released(ctx, unknown); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("gave up: %v", err)
		}
		cancel()
		if err := w.Pressed(t.Context(), unknown); err != nil {
			t.Fatalf("the next question: %v", err)
		}
	}
}

// TestX11ChangesWhileItIsRead: a keymap that changes while xkbcomp prints the old one is
// asked for again.
func TestX11ChangesWhileItIsRead(t *testing.T) {
	name := xvfb(t)
	real, err := exec.LookPath("xkbcomp")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, fifo := range []string{"changed", "go"} {
		if err := unix.Mkfifo(filepath.Join(dir, fifo), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := "#!/bin/sh\ncd " + dir + "\n" + real + ` "$@" > old
if [ -p changed ]; then setxkbmap -display ` + name + ` -layout de; echo > changed; read go < go; rm changed; fi
cat old
`
	if err := os.WriteFile(filepath.Join(dir, "xkbcomp"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	touched := make(chan struct{}, 1)
	x, err := dialX11(t.Context(), Desktop{X11: name}, "", func() {
		select {
		case touched <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- x.run(t.Context()) }()
	defer func() { x.close(); <-ended }()
	if err := x.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	released := make(chan error, 1)
	go func() {
		_, err := os.ReadFile(filepath.Join(dir, "changed"))
		<-touched
		released <- errors.Join(err, os.WriteFile(filepath.Join(dir, "go"), []byte("\n"), 0o600))
	}()
	for _, want := range []string{"English (US)", "German"} {
		text, _, err := x.keymap(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if m, err := keymap.Parse(text); err != nil || m.Groups()[0] != want {
			t.Errorf("%v, %v, want %s", m.Groups(), err, want)
		}
	}
	if err := <-released; err != nil {
		t.Error(err)
	}
}

func TestX11Unheard(t *testing.T) {
	c := place(t)
	c.Hint = Desktop{X11: xvfb(t)}
	w := start(t, c)
	state(t, w)
	for _, most := range []time.Duration{2 * firstKeyLimit, firstKeyLimit / 2} {
		began := time.Now()
		if err := w.Pressed(t.Context(), 240); err != nil || time.Since(began) > most {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	}
}

func TestX11(t *testing.T) {
	c := place(t)
	c.Hint = Desktop{X11: xvfb(t)}
	setxkbmap := func(args ...string) {
		t.Helper()
		cmd := exec.Command("setxkbmap", append([]string{"-display", c.Hint.X11}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("setxkbmap: %v: %s", err, out)
		}
	}
	setxkbmap("-layout", "us,ru")
	w := start(t, c)
	s := state(t, w)
	if s.Map == nil || s.Group != 0 || s.Locks != (keymap.Locks{}) {
		t.Fatalf("got %+v", s)
	}
	if got := s.Map.Groups(); !slices.Equal(got, []string{"English (US)", "Russian"}) {
		t.Errorf("groups %q", got)
	}
	if want := (Origins{"xkbcomp of " + c.Hint.X11, "the X server", "the X server", "none runs", errUntold.Error()}); s.From != want {
		t.Errorf("from %+v", s.From)
	}

	x, err := dialX11(t.Context(), c.Hint, "", func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	if err := x.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	lock := func(mods, group byte) { // XkbLatchLockState, then a round trip
		t.Helper()
		args := binary.LittleEndian.AppendUint16(nil, coreKeyboard)
		cookie := x.conn.NewCookie(true, false)
		x.conn.NewRequest(append([]byte{x.xkb, 5, 4, 0}, append(args, 0xff, mods, 1, group, 0, 0, 0, 0, 0, 0)...), cookie)
		if err := cookie.Check(); err != nil {
			t.Fatal(err)
		}
	}
	lock(0x02, 1)
	if err := w.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-s.Changed
	if s = state(t, w); s.Group != 1 || s.Locks != (keymap.Locks{Caps: true}) {
		t.Errorf("group %d, locks %v", s.Group, s.Locks)
	}
	lock(0x10, 0)
	if s = state(t, w); s.Group != 0 || s.Locks != (keymap.Locks{Num: true}) {
		t.Errorf("group %d, locks %v", s.Group, s.Locks)
	}
	lock(0x80, 0)
	if s = state(t, w); s.Map != nil || s.From.Map != errOtherLock.Error() {
		t.Errorf("with level 3 locked: %+v", s)
	}
	lock(0, 0)

	s = state(t, w)
	setxkbmap("-layout", "de")
	<-s.Changed
	if s = state(t, w); s.Map == nil || s.Map.Groups()[0] != "German" {
		t.Errorf("after a change: %+v", s)
	}
}

// TestX11Device finds the keymap of one keyboard among those of the server.
func TestX11Device(t *testing.T) {
	c := place(t)
	c.Hint = Desktop{X11: xvfb(t)}
	c.Keyboard = "Virtual core XTEST keyboard"
	if s := state(t, start(t, c)); s.Map == nil || !strings.Contains(s.From.Map, ", device ") {
		t.Errorf("got %+v", s)
	}
}

// TestSway has a real compositor, a keyboard that a client makes, and two
// layouts.
func TestSway(t *testing.T) {
	hostdisplay.Need(t, "sway")
	c := place(t)
	write(t, "exec echo > ready\n", c.Runtime, "config")
	dir := filepath.Dir(c.Runtime)
	if err := unix.Mkfifo(filepath.Join(c.Runtime, "ready"), 0o600); err != nil {
		t.Fatal(err)
	}
	ready, err := os.OpenFile(filepath.Join(c.Runtime, "ready"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ready.Close() }()
	cmd := exec.Command("sway", "-c", filepath.Join(c.Runtime, "config"))
	cmd.Dir = c.Runtime
	cmd.Env = []string{"XDG_RUNTIME_DIR=" + c.Runtime, "HOME=" + dir, "PATH=" + os.Getenv("PATH"),
		"WLR_BACKENDS=headless", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_RENDERER=pixman"}
	if os.Geteuid() == 0 { // which sway refuses to be
		const unprivileged = 65534
		for _, path := range []string{dir, c.Runtime, c.Runtime + "/config", c.Runtime + "/ready"} {
			if err := os.Chown(path, unprivileged, unprivileged); err != nil {
				t.Fatal(err)
			}
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: unprivileged, Gid: unprivileged}}
	}
	run(t, cmd)
	if err := ready.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := ready.Read(make([]byte, 1)); err != nil {
		t.Fatalf("wait for sway: %v", err)
	}

	w := start(t, c)
	s := state(t, w)
	if s.Desktop.Name != "sway" || s.Map != nil {
		t.Fatalf("got %+v", s)
	}
	plugIn(t, s.Desktop.Wayland)
	<-s.Changed
	s = state(t, w)
	if s.Map == nil || !slices.Equal(s.Map.Groups(), []string{"English (US)", "Russian"}) || s.Group != 0 || s.From.Group != "sway" {
		t.Fatalf("got %+v", s)
	}
	conn, err := dialSocket(t.Context(), s.Desktop.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.close()
	if err := swayWrite(conn, 0, "input * xkb_switch_layout 1"); err != nil {
		t.Fatal(err)
	}
	<-s.Changed
	if s = state(t, w); s.Group != 1 {
		t.Errorf("group %d from %s", s.Group, s.From.Group)
	}
	if err := w.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// plugIn makes a virtual keyboard that stays until the test ends. Source:
// virtual-keyboard-unstable-v1.xml.
func plugIn(t testing.TB, path string) {
	t.Helper()
	conn, err := wire.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = conn.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	try(conn.Start(t.Context()))
	seat, _, err := conn.Bind(nil, "wl_seat", 7)
	try(err)
	maker, _, err := conn.Bind(nil, "zwp_virtual_keyboard_manager_v1", 1)
	try(err)
	keyboard, err := conn.Create(nil, maker, 0, seat, wire.NewID{})
	try(err)
	keymap := symbols("English (US)", "Russian")
	f, err := os.CreateTemp(t.TempDir(), "keymap")
	try(err)
	defer func() { _ = f.Close() }()
	_, err = f.WriteString(keymap + "\x00")
	try(err)
	try(conn.Request(keyboard, 0, uint32(1), f, uint32(len(keymap)+1)))
	try(conn.Sync(t.Context()))
}
