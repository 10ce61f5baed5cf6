// Package machine runs a virtual machine that is like a user's computer: Debian with
// systemd as PID 1, and a Wayland session in which a terminal has the keyboard. Tests hold
// keys of its keyboard, play speech into its microphone, and take pictures of its screen.
// All devices are emulated hardware with drivers of the guest's kernel. No program in the
// guest is changed for the tests. The machine needs no KVM and no rights on the host.
//
// A Machine is for one goroutine at a time. Only commands (Run, As, Feed, Follow, Put, Get)
// may run at the same time as others.
package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A Machine is a running virtual machine.
type Machine struct {
	dir     string // its sockets, logs and disk
	image   Image
	port    string // of the host's loopback interface, for ssh
	qemu    *process
	pulse   *process
	monitor *monitor
	mu      sync.Mutex // held while an ssh connection is made
}

// Dir returns the folder of the machine's sockets and logs: serial.log,
// qemu.log, pulse.log, ssh.log. Close removes it.
func (m *Machine) Dir() string { return m.dir }

// A record is what Attach has to know of a machine. It is a file in the machine's folder.
type record struct {
	Image string
	Port  string
	QEMU  int
	Pulse int
}

func (m *Machine) writeRecord() error {
	b, err := json.Marshal(record{m.image.Dir, m.port, m.qemu.pid, m.pulse.pid})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.dir, "machine.json"), b, 0o600)
}

// current returns the path of a link to the folder of the last detached machine.
func current() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("vocoder-machine.%d", os.Getuid()))
}

// Attach returns the machine that an earlier process of this user booted with
// Options.Detach. Only one process at a time can be attached.
func Attach(ctx context.Context) (*Machine, error) {
	dir, err := os.Readlink(current())
	if err != nil {
		return nil, fmt.Errorf("find a running machine: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "machine.json"))
	if err != nil {
		return nil, fmt.Errorf("find a machine in %s: %w", dir, err)
	}
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("read machine.json: %w", err)
	}
	m := &Machine{dir: dir, image: Image{r.Image}, port: r.Port, qemu: &process{pid: r.QEMU}, pulse: &process{pid: r.Pulse}}
	if m.monitor, err = dialMonitor(ctx, filepath.Join(dir, "qmp.sock")); err != nil {
		return nil, fmt.Errorf("attach to the machine in %s: %w", dir, err)
	}
	return m, nil
}

// Detach disconnects from the machine, which continues for Attach. Without Options.Detach
// the machine ends with this process.
func (m *Machine) Detach() { m.monitor.close() }

// Close switches the machine off at once, without a shutdown, and removes its folder.
func (m *Machine) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if m.monitor != nil {
		_ = m.monitor.execute(ctx, "quit", nil, nil) // stop ends it in any case
		m.monitor.close()
	}
	m.qemu.stop(5 * time.Second)
	m.pulse.stop(0)
	return os.RemoveAll(m.dir)
}

// Screenshot writes a picture of the machine's screen to a PNG file.
func (m *Machine) Screenshot(ctx context.Context, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return m.monitor.execute(ctx, "screendump", map[string]any{"filename": path, "format": "png"}, nil)
}

// Save saves the machine's whole state under a name, for Load. It ends all forwards.
func (m *Machine) Save(ctx context.Context, name string) error {
	if err := m.disconnect(ctx); err != nil {
		return err
	}
	return m.monitor.human(ctx, "savevm "+name)
}

// Load restores a state of Save and sets the clock. It ends all forwards.
func (m *Machine) Load(ctx context.Context, name string) error {
	return errors.Join(m.disconnect(ctx), m.monitor.human(ctx, "loadvm "+name), m.setClock(ctx))
}

// setClock sets the clock of a restored machine.
func (m *Machine) setClock(ctx context.Context) error {
	if err := m.connect(ctx, root); err != nil { // takes a second or two
		return err
	}
	_, err := m.Run(ctx, fmt.Sprintf("date -u -s @%.3f", float64(time.Now().UnixMilli())/1000))
	return err
}
