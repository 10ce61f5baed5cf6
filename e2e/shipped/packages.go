package shipped

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/arealicehole/vocoder/e2e/machine"
)

// Packages installs Debian packages in the machine, with what they need, and
// returns the names of their files. The host downloads them: the machine
// reaches no network.
func Packages(ctx context.Context, m *machine.Machine, names ...string) (files []string, err error) {
	top, err := machine.Module()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "vocoder-packages-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	status := filepath.Join(dir, "status")
	if err := m.Get(ctx, "/var/lib/dpkg/status", status); err != nil {
		return nil, err
	}
	suite, err := m.Run(ctx, ". /etc/os-release && echo $VERSION_CODENAME")
	if err != nil {
		return nil, err
	}
	args := append([]string{strings.TrimSpace(suite), status}, names...)
	c := exec.CommandContext(ctx, filepath.Join(top, "e2e", "image", "debs.sh"), args...)
	var problem bytes.Buffer
	c.Stderr = &problem
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("download %s: %w\n%s", strings.Join(names, " "), err, problem.Bytes())
	}
	kept := strings.TrimSpace(string(out))
	packed, err := exec.CommandContext(ctx, "tar", "-C", kept, "-c", ".").Output()
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", kept, err)
	}
	const install = "rm -rf /tmp/debs && mkdir /tmp/debs && tar -C /tmp/debs -x && " +
		"DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io -i /tmp/debs/*.deb 2>&1 && rm -rf /tmp/debs"
	if out, err := m.Feed(ctx, "root", install, bytes.NewReader(packed)); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(kept, "*.deb"))
	for _, f := range found {
		files = append(files, filepath.Base(f))
	}
	return files, err
}
