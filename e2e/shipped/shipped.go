// Package shipped installs the programs and units of this repository in the test machine,
// as make install does. make build must have run.
package shipped

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/arealicehole/vocoder/e2e/machine"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// Port is the recognizer's port in the default settings.
const Port = 8771

// Install runs make install for the machine, with the prefix /usr, and reloads the units of
// alice's service manager.
func Install(ctx context.Context, m *machine.Machine) error {
	if err := InstallPart(ctx, m, "install"); err != nil {
		return err
	}
	_, err := m.As(ctx, "alice", "systemctl --user daemon-reload")
	return err
}

// InstallPart runs a target of make that installs a part under /usr.
func InstallPart(ctx context.Context, m *machine.Machine, target string) error {
	top, err := repo.Top()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "vocoder-install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c := exec.CommandContext(ctx, "make", "-C", top, target, "PREFIX=/usr", "DESTDIR="+dir)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("run make %s: %w\n%s", target, err, out)
	}
	packed, err := exec.CommandContext(ctx, "tar", "-C", dir, "-c", "usr").Output()
	if err != nil {
		return fmt.Errorf("pack what make %s put there: %w", target, err)
	}
	unpack := "tar -C / --no-overwrite-dir --no-same-owner -x"
	_, err = m.Feed(ctx, "root", unpack, bytes.NewReader(packed))
	return err
}
