package inject_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
	wire "github.com/arealicehole/vocoder/internal/wayland"
)

const novel = "Call me Ishmael. Some years ago, having little or no money, and nothing " +
	"particular to interest me on shore, I thought I would sail about a little and see the watery part of the world. "

// BenchmarkProse types into the terminal of a real sway and compares what that got.
// All is as in use, the pace and the questions between bursts, but for the
// kernel's device: the keys come by zwp_virtual_keyboard_v1. It needs
// VOCODER_DEVICES=1.
func BenchmarkProse(b *testing.B) {
	if os.Getenv("VOCODER_DEVICES") != "1" {
		b.Skip("VOCODER_DEVICES is not 1")
	}
	p := newPlace(b)
	device := sway(b, p)
	p.listens(b, device)
	typist := inject.Typist{Device: device, Source: brisk{keymap.US().Table(0, keymap.Locks{}, nil)}}
	watcher := desktop.New(desktop.Config{Runtime: p.dir, Home: p.dir, Hint: p.desktop})
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- watcher.Run(ctx) }()
	defer func() { cancel(); <-ran }()
	typist.Gate = watcher
	text := strings.Repeat(novel, 1000/len(novel)+1)
	typed, typing := 0, time.Duration(0)
	for b.Loop() {
		began := time.Now()
		if _, err := typist.Type(ctx, text); err != nil {
			b.Fatal(err)
		}
		typing += time.Since(began)
		typed += len(text)
		if got := p.read(b, len(text)); got != text {
			b.Fatalf("of %d characters, %d came, not the same", len(text), len(got))
		}
	}
	b.ReportMetric(float64(typed)/typing.Seconds(), "chars/s")
	b.ReportMetric(float64(typed), "chars")
	b.ReportMetric(0, "wrong")
}

// brisk is the Source of a layout on compositors that need no care.
type brisk struct{ layout *keymap.Table }

func (s brisk) Target(context.Context) (inject.Target, error) {
	return inject.Target{Layout: s.layout, Pace: inject.Brisk}, nil
}

// A place is where a display server and its terminal run.
type place struct {
	dir     string
	desktop desktop.Desktop
	typed   *os.File // what the terminal got
	account *syscall.Credential
	env     []string
}

func newPlace(b *testing.B) *place {
	dir, err := os.MkdirTemp("", "prose") // not b.TempDir, which others may not enter
	try(b, err)
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	typed := filepath.Join(dir, "typed")
	try(b, unix.Mkfifo(typed, 0o600))
	p := &place{dir: dir, env: []string{"XDG_RUNTIME_DIR=" + dir, "HOME=" + dir, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}}
	p.typed, err = os.OpenFile(typed, os.O_RDWR, 0)
	try(b, err)
	b.Cleanup(func() { _ = p.typed.Close() })
	if os.Geteuid() == 0 { // which sway refuses to be
		const unprivileged = 65534
		for _, path := range []string{dir, typed} {
			try(b, os.Chown(path, unprivileged, unprivileged))
		}
		p.account = &syscall.Credential{Uid: unprivileged, Gid: unprivileged}
	}
	return p
}

// terminal is what runs in a terminal: it says one letter once it does.
func (p *place) terminal() string {
	return fmt.Sprintf("stty -icanon min 1; { printf !; exec cat; } > %s/typed", p.dir)
}

// start runs a program until the benchmark ends.
func (p *place) start(b *testing.B, files []*os.File, name string, args ...string) {
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.ExtraFiles, cmd.Dir = p.env, files, p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.account, Pdeathsig: syscall.SIGKILL}
	try(b, cmd.Start())
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// listens waits until the terminal gets what is pressed: a key now and then, and
// another one once the first has come.
func (p *place) listens(b *testing.B, device inject.Device) {
	const a, stop = 30, 48
	tap := func(c key.Code) { try(b, device.Tap(c)) }
	came := make(chan struct{})
	go func() {
		defer close(came)
		_ = p.read(b, 1)
	}()
	for waiting := true; waiting; {
		tap(a)
		select {
		case <-came:
			waiting = false
		case <-time.After(50 * time.Millisecond):
		}
	}
	tap(stop)
	for got := ""; got != "b"; got = p.read(b, 1) {
	}
}

// read returns n bytes of what the terminal got, fewer if there are no more.
func (p *place) read(b *testing.B, n int) string {
	try(b, p.typed.SetReadDeadline(time.Now().Add(20*time.Second)))
	var got bytes.Buffer
	for got.Len() < n {
		piece := make([]byte, n-got.Len())
		k, err := p.typed.Read(piece)
		got.Write(piece[:k])
		if err != nil {
			break
		}
	}
	return got.String()
}

func try(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// A virtual is a keyboard of a Wayland client, which also says what its
// modifiers are. Source: virtual-keyboard-unstable-v1.xml.
type virtual struct {
	conn     *wire.Conn
	keyboard wire.ID
}

const shift key.Code = 42

func (v virtual) Ready(context.Context) error { return nil }
func (v virtual) Down(c key.Code) error       { return v.press(c, 1) }
func (v virtual) Up(c key.Code) error         { return v.press(c, 0) }
func (v virtual) Tap(c key.Code) error        { return errors.Join(v.Down(c), v.Up(c)) }

func (v virtual) press(c key.Code, state uint32) error {
	if err := v.conn.Request(v.keyboard, 1, uint32(0), uint32(c), state); err != nil || c != shift {
		return err
	}
	return v.conn.Request(v.keyboard, 2, state, uint32(0), uint32(0), uint32(0))
}

// sway starts a compositor with foot.
func sway(b *testing.B, p *place) inject.Device {
	config := fmt.Sprintf("exec foot sh -c '%s'\n", p.terminal())
	try(b, os.WriteFile(filepath.Join(p.dir, "config"), []byte(config), 0o644))
	p.env = append(p.env, "WLR_BACKENDS=headless", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_RENDERER=pixman")
	p.start(b, nil, "sway", "-c", filepath.Join(p.dir, "config"))
	if p.read(b, 1) != "!" {
		b.Fatal("foot did not start")
	}
	p.desktop = desktop.Desktop{Wayland: filepath.Join(p.dir, "wayland-1")}
	conn, err := wire.Dial(p.desktop.Wayland)
	try(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- conn.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-ran })
	try(b, conn.Start(ctx))
	seat, _, err := conn.Bind(nil, "wl_seat", 7)
	try(b, err)
	maker, _, err := conn.Bind(nil, "zwp_virtual_keyboard_manager_v1", 1)
	try(b, err)
	keyboard, err := conn.Create(nil, maker, 0, seat, wire.NewID{})
	try(b, err)
	text, err := os.ReadFile("keymap/us.xkb")
	try(b, err)
	name := filepath.Join(b.TempDir(), "keymap")
	try(b, os.WriteFile(name, append(text, 0), 0o600))
	f, err := os.Open(name)
	try(b, err)
	defer func() { _ = f.Close() }()
	try(b, conn.Request(keyboard, 0, uint32(1), f, uint32(len(text)+1)))
	try(b, conn.Sync(ctx))
	return virtual{conn, keyboard}
}
