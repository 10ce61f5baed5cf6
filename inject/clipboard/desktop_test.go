package clipboard

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/test/hostdisplay"
)

// A desktop is a display with programs that copy and paste on it.
type testDesktop struct {
	t       *testing.T
	display desktop.Desktop
	env     []string
	account *syscall.Credential
	copy    map[selection][]string // commands that read what to copy
	paste   map[selection][]string // commands that print the selection
	kind    string                 // the option before a MIME type
}

var desktops = map[string]func(t *testing.T) *testDesktop{
	"wayland": sway,
	"x11":     func(t *testing.T) *testDesktop { return xvfb(t) },
}

// sway returns a compositor without a screen.
func sway(t *testing.T) *testDesktop {
	hostdisplay.Need(t, "sway", "wl-copy", "wl-paste")
	dir, err := os.MkdirTemp("", "paste") // not t.TempDir, which others may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &testDesktop{t: t, display: desktop.Desktop{Wayland: filepath.Join(dir, "wayland-1")}, kind: "-t",
		copy:  map[selection][]string{clipboard: {"wl-copy", "-f"}, primary: {"wl-copy", "-f", "-p"}},
		paste: map[selection][]string{clipboard: {"wl-paste", "-n"}, primary: {"wl-paste", "-n", "-p"}},
		env: []string{"XDG_RUNTIME_DIR=" + dir, "WAYLAND_DISPLAY=wayland-1", "HOME=" + dir, "PATH=" + os.Getenv("PATH"),
			"WLR_BACKENDS=headless", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_RENDERER=pixman"},
	}
	if os.Geteuid() == 0 { // which sway refuses to be
		const unprivileged = 65534
		if err := os.Chown(dir, unprivileged, unprivileged); err != nil {
			t.Fatal(err)
		}
		d.account = &syscall.Credential{Uid: unprivileged, Gid: unprivileged}
	}
	d.start(nil, "sway", "-c", "/dev/null")
	d.until("the compositor is there", func() bool { _, err := os.Stat(d.display.Wayland); return err == nil })
	return d
}

// xvfb returns an X server without a screen.
func xvfb(t *testing.T, options ...string) *testDesktop {
	hostdisplay.Need(t, "Xvfb", "xclip")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	d := &testDesktop{t: t, kind: "-t", env: []string{"PATH=" + os.Getenv("PATH")},
		copy:  map[selection][]string{clipboard: {"xclip", "-quiet", "-i", "-sel", "c"}, primary: {"xclip", "-quiet", "-i", "-sel", "p"}},
		paste: map[selection][]string{clipboard: {"xclip", "-o", "-sel", "c"}, primary: {"xclip", "-o", "-sel", "p"}},
	}
	options = append(options, "-displayfd", "3", "-screen", "0", "64x64x24", "-nolisten", "tcp", "-noreset")
	d.start([]*os.File{w}, "Xvfb", options...)
	_ = w.Close()
	var number int
	if _, err := fmt.Fscan(r, &number); err != nil {
		t.Fatal(err)
	}
	d.display.X11 = fmt.Sprintf(":%d", number)
	d.env = append(d.env, "DISPLAY="+d.display.X11)
	return d
}

func (d *testDesktop) command(name string, args ...string) *exec.Cmd {
	return d.commandWithin(context.Background(), name, args...)
}

func (d *testDesktop) commandWithin(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = d.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: d.account, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// start runs a program until the test ends.
func (d *testDesktop) start(files []*os.File, name string, args ...string) *exec.Cmd {
	d.t.Helper()
	cmd := d.command(name, args...)
	cmd.ExtraFiles = files
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// until waits for something that other programs do and do not tell.
func (d *testDesktop) until(what string, ok func() bool) {
	d.t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(end) {
			d.t.Fatalf("not in time: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// copies has a program copy something.
func (d *testDesktop) copies(s selection, data []byte, kind string) *exec.Cmd {
	d.t.Helper()
	name := filepath.Join(d.t.TempDir(), "copied")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		d.t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	args := d.copy[s]
	if kind != "" {
		args = append(args[:len(args):len(args)], d.kind, kind)
	}
	cmd := d.command(args[0], args[1:]...)
	cmd.Stdin = f
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	d.until("something is copied", func() bool { return bytes.Equal(d.pastes(s, kind), data) })
	return cmd
}

// pastes has a program paste, as kind if that is not empty.
func (d *testDesktop) pastes(s selection, kind string) []byte {
	args := d.paste[s]
	if kind != "" {
		args = append(args[:len(args):len(args)], d.kind, kind)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, _ := d.commandWithin(ctx, args[0], args[1:]...).Output() // fails on an empty selection
	return out
}

func (d *testDesktop) want(s selection, kind, want string) {
	d.t.Helper()
	if got := string(d.pastes(s, kind)); got != want {
		d.t.Errorf("selection %d pastes %.40q (%d bytes), want %.40q (%d bytes)", s, got, len(got), want, len(want))
	}
}

// clipboard returns a Clipboard of the desktop that runs.
func (d *testDesktop) clipboard() *Clipboard {
	c := New(at(d.display))
	c.saveLimit = 30 * time.Second // however busy the machine is
	ctx, cancel := context.WithCancel(context.Background())
	var ran sync.WaitGroup
	ran.Go(func() {
		if err := c.Run(ctx); err != nil {
			d.t.Error(err)
		}
	})
	d.t.Cleanup(func() { cancel(); ran.Wait() })
	return c
}

// TestDesktops uses real displays and programs, so that nothing in it is our own
// idea of the protocols.
func TestDesktops(t *testing.T) {
	big := make([]byte, 3<<20)
	for i := range big {
		big[i] = byte(rand.N(256))
	}
	long := strings.Repeat("多言語のテキスト 🌍 ", 40_000)
	for name, open := range desktops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			c := d.clipboard()
			paste := func(text string, chord func()) bool {
				t.Helper()
				was, _, err := c.Paste(t.Context(), text, func(context.Context) error { chord(); return nil })
				if err != nil {
					t.Fatal(err)
				}
				return was
			}

			// What was there comes back, in its own form, and an empty selection is empty again.
			d.copies(clipboard, big, "image/png")
			d.copies(primary, []byte("older"), "")
			for _, text := range []string{"Grüße, 你好 😀", long} {
				if !paste(text, func() {
					d.want(clipboard, "", text)
					d.want(primary, "", text)
				}) {
					t.Error("it was not seen that the text was read")
				}
				d.want(clipboard, "image/png", string(big))
				d.want(primary, "", "older")
			}

			// Without a reader the text stays, and then comes back like anything else.
			if paste("stays", func() {}) {
				t.Error("no program read the text, but a reader was reported")
			}
			d.want(clipboard, "", "stays")
			paste("another", func() { d.want(primary, "", "another") })
			d.want(clipboard, "", "stays")
			d.want(primary, "", "stays")

			// Another program copies something; ours gives up the selection.
			d.copies(clipboard, []byte("theirs"), "")
			d.copies(primary, []byte("too"), "")
			if err := c.Wait(t.Context()); err != nil {
				t.Error(err)
			}

			// Too much to be kept is not put back.
			d.copies(clipboard, append(big, big...), "image/png")
			paste("new", func() { d.want(clipboard, "", "new") })
			d.want(clipboard, "", "new")
			d.want(primary, "", "too")
		})
	}
}

// TestHungOwner shows that a program which does not answer costs some time, and
// nothing else.
func TestHungOwner(t *testing.T) {
	for name, open := range desktops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			owner := d.copies(clipboard, []byte("old"), "")
			d.copies(primary, []byte("older"), "")
			if err := owner.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			c := d.clipboard()
			c.saveLimit = 2 * time.Second
			was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
				d.want(clipboard, "", "new")
				return nil
			})
			if !was || err != nil {
				t.Errorf("got %t, %v", was, err)
			}
			d.want(clipboard, "", "new")
			d.want(primary, "", "older")
		})
	}
}

// TestLateReader is an application that reads 600 ms after the chord, a hundred
// times: it never gets anything but the text, whether that was in time or not.
func TestLateReader(t *testing.T) {
	tries := 2
	if os.Getenv("VOCODER_DEVICES") == "1" {
		tries = 100
	}
	for name, open := range desktops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.copies(clipboard, []byte("stale"), "")
			c := d.clipboard()
			for i := range tries {
				text := fmt.Sprintf("text %d", i)
				got := make(chan string, 1)
				_, _, err := c.Paste(t.Context(), text, func(context.Context) error {
					time.AfterFunc(600*time.Millisecond, func() { got <- string(d.pastes(clipboard, "")) })
					return nil
				})
				if s := <-got; s != text || err != nil {
					t.Errorf("the application got %q for %q; %v", s, text, err)
				}
			}
		})
	}
}

// TestStuckReader shows that a program which asks and does not read keeps Run
// from nothing.
func TestStuckReader(t *testing.T) {
	for name, open := range desktops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			c := New(at(d.display))
			ctx, cancel := context.WithCancel(t.Context())
			ran := make(chan error, 1)
			go func() { ran <- c.Run(ctx) }()
			reader := d.command(d.paste[clipboard][0], d.paste[clipboard][1:]...)
			out, err := reader.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = out.Close() }()
			if _, _, err := c.Paste(t.Context(), strings.Repeat("text ", 1<<18), func(context.Context) error {
				return reader.Start()
			}); err != nil {
				t.Error(err)
			}
			begin := time.Now()
			cancel()
			if err := <-ran; err != nil || time.Since(begin) > time.Second {
				t.Errorf("Run returned %v after %v", err, time.Since(begin))
			}
			_ = reader.Process.Kill()
			_ = reader.Wait()
		})
	}
}
