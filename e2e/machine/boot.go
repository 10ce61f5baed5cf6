package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/test/loopback"
)

// Options are the options of Boot. The zero Options boot the cached image with sway and
// log nothing.
type Options struct {
	Image   Image     // zero: that of Ensure
	Log     io.Writer // progress, line by line; nil: none
	Session string    // sway, xorg, gnome, kde, applications or none; empty: sway
	Cold    bool      // boot without a snapshot, and save none
	Detach  bool      // the machine continues after this process has ended
}

// session returns the session that the machine starts. That of the applications is sway.
func (o Options) session() string {
	if o.Session == "" || o.applications() {
		return "sway"
	}
	return o.Session
}

// bigDesktop reports whether the session needs the image with GNOME and KDE.
func (o Options) bigDesktop() bool { return o.Session == "gnome" || o.Session == "kde" }

// applications reports whether the session needs the image with browsers and editors.
func (o Options) applications() bool { return o.Session == "applications" }

// with returns what the image has in addition.
func (o Options) with() string {
	switch {
	case o.bigDesktop():
		return "desktops"
	case o.applications():
		return "applications"
	}
	return ""
}

// memory returns the machine's memory in MiB.
func (o Options) memory() int {
	if o.applications() {
		return 6144
	}
	return 2048
}

func (o Options) bootTimeout() time.Duration {
	if o.with() != "" {
		return desktopBootTimeout
	}
	return coldBootTimeout
}

func (o Options) say(format string, a ...any) { _, _ = fmt.Fprintf(o.Log, format+"\n", a...) }

const (
	coldBootTimeout    = 5 * time.Minute // an idle host needs 20 s; 90 s were seen on a busy one
	desktopBootTimeout = 9 * time.Minute // of an image with more than that
	restoreTimeout     = time.Minute     // 4 s
	readySnapshot      = "ready"
)

// Boot starts a machine and returns it when the terminal has the keyboard and the
// microphone works. It restores a snapshot if there is one. Otherwise it boots and saves
// a snapshot for the next time. If the start fails, it boots once more without a snapshot.
func Boot(ctx context.Context, o Options) (*Machine, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Image.Dir == "" {
		var err error
		if o.Image, err = Ensure(ctx, o.Log, o.with()); err != nil {
			return nil, err
		}
	}
	kept, err := snapshotPath(ctx, o, o.Image)
	if err != nil {
		return nil, err
	}
	first := boot
	if _, err := os.Stat(kept); err == nil && !o.Cold {
		first = restore
	}
	m, err := first(ctx, o, kept)
	if err != nil && ctx.Err() == nil {
		o.say("the machine did not start, trying once more: %v", err)
		_ = os.Remove(kept) // the snapshot does not work
		m, err = boot(ctx, o, kept)
	}
	if err == nil && o.Detach {
		_ = os.Remove(current()) // of an earlier machine
		if err := os.Symlink(m.dir, current()); err != nil {
			return nil, errors.Join(err, m.Close())
		}
	}
	return m, err
}

// restore starts the machine from its snapshot.
func restore(ctx context.Context, o Options, kept string) (*Machine, error) {
	began := time.Now()
	m, err := prepare(ctx, o, restoreTimeout, func(ctx context.Context, m *Machine) error {
		if _, err := run(ctx, "cp", "--reflink=auto", "--sparse=always", kept, filepath.Join(m.dir, "disk.qcow2")); err != nil {
			return err
		}
		if err := m.startQEMU(ctx, o, readySnapshot); err != nil {
			return err
		}
		return m.setClock(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("restore the machine: %w", err)
	}
	o.say("machine restored from its snapshot in %.1f s", time.Since(began).Seconds())
	return m, nil
}

// boot starts the machine without a snapshot and waits until its session is ready.
func boot(ctx context.Context, o Options, kept string) (*Machine, error) {
	began := time.Now()
	o.say("booting the machine: 20 s on an idle host, up to two minutes on a busy one")
	m, err := prepare(ctx, o, o.bootTimeout(), func(ctx context.Context, m *Machine) error {
		disk := filepath.Join(m.dir, "disk.qcow2")
		if _, err := run(ctx, "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", o.Image.root(), disk); err != nil {
			return err
		}
		if err := m.startQEMU(ctx, o, freshBoot); err != nil {
			return err
		}
		return m.awaitSession(ctx, o, began)
	})
	if err != nil {
		return nil, fmt.Errorf("boot the machine: %w", err)
	}
	o.say("machine up after %.1f s", time.Since(began).Seconds())
	if !o.Cold {
		if err := m.keep(ctx, kept); err != nil {
			o.say("no snapshot kept: %v", err)
		} else {
			o.say("snapshot kept after %.1f s", time.Since(began).Seconds())
		}
	}
	return m, nil
}

// prepare creates the folder and the sound server of a machine and starts the machine. If
// it fails, it ends what it started. Its error has the end of the serial log.
func prepare(ctx context.Context, o Options, timeout time.Duration, start func(context.Context, *Machine) error) (_ *Machine, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not up after %v", timeout))
	defer cancel()
	m := &Machine{image: o.Image}
	addr, err := loopback.FreeAddr()
	if err != nil {
		return nil, err
	}
	if _, m.port, err = net.SplitHostPort(addr); err != nil {
		return nil, err
	}
	// The path must be short: that of a socket has at most 107 bytes (unix(7)).
	if m.dir, err = os.MkdirTemp("", "vocoder-machine-"); err != nil {
		return nil, err
	}
	if m.pulse, err = startPulse(ctx, m.dir, o.Detach); err == nil {
		if err = start(ctx, m); err == nil {
			err = m.writeRecord()
		}
	}
	if err != nil {
		err = fmt.Errorf("%w\nend of the serial log:\n%s", err, tail(filepath.Join(m.dir, "serial.log"), 20))
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// awaitSession reads the serial port until the machine has written all messages of its
// start (usr/local/lib/machine/say in the image).
func (m *Machine) awaitSession(ctx context.Context, o Options, began time.Time) error {
	waiting := map[string]bool{"system ready": true, "terminal ready": true, "microphone ready": true}
	if o.bigDesktop() {
		delete(waiting, "microphone ready") // GNOME has no message, and no test speaks there
	}
	c, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(m.dir, "serial.sock"))
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	lines := bufio.NewScanner(c)
	for len(waiting) > 0 && lines.Scan() {
		_, mark, _ := strings.Cut(strings.TrimSpace(lines.Text()), "machine: ")
		if waiting[mark] {
			delete(waiting, mark)
			o.say("  %s after %.1f s", mark, time.Since(began).Seconds())
		}
	}
	if len(waiting) > 0 {
		err := lines.Err()
		if err == nil {
			err = errors.New("qemu ended\n" + tail(filepath.Join(m.dir, "qemu.log"), 10))
		}
		return fmt.Errorf("wait for %v: %w", keys(waiting), cause(ctx, err))
	}
	return nil
}

func keys(set map[string]bool) (names []string) {
	for k := range set {
		names = append(names, k)
	}
	return names
}

// keep saves a snapshot of the machine for later boots.
func (m *Machine) keep(ctx context.Context, kept string) error {
	// A program that still starts now would start again after every restore.
	settled := "systemctl is-system-running --wait; systemctl --user -M alice@ is-system-running --wait; true"
	if _, err := m.Run(ctx, settled); err != nil {
		return err
	}
	if err := m.disconnect(ctx); err != nil {
		return err
	}
	if err := m.monitor.execute(ctx, "stop", nil, nil); err != nil {
		return err
	}
	err := m.monitor.human(ctx, "savevm "+readySnapshot)
	if err == nil {
		part := kept + ".part"
		_, err = run(ctx, "cp", "--reflink=auto", "--sparse=always", filepath.Join(m.dir, "disk.qcow2"), part)
		if err == nil {
			err = os.Rename(part, kept)
		}
	}
	return errors.Join(err, m.monitor.execute(ctx, "cont", nil, nil))
}
