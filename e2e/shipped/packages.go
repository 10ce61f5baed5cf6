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
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// Packages unpacks Debian packages and their dependencies in the machine, and returns the
// names of their files. The host downloads them, because the machine reaches no network. It
// does not configure them, which would take minutes on an emulated processor. It only
// updates the caches of libraries and image loaders.
func Packages(ctx context.Context, m *machine.Machine, names ...string) (files []string, err error) {
	top, err := repo.Top()
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
	const pack = `set -e; for f in "$0"/*.deb; do dpkg-deb --fsys-tarfile "$f" | tar -C "$1" -xp; done; tar -C "$1" --exclude=./usr/share/doc --exclude=./usr/share/locale --exclude=./usr/share/man -c .`
	unpacked := filepath.Join(dir, "root")
	if err := os.Mkdir(unpacked, 0o755); err != nil {
		return nil, err
	}
	packed, err := exec.CommandContext(ctx, "sh", "-c", pack, kept, unpacked).Output()
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", kept, err)
	}
	const install = `tar -C / --keep-directory-symlink --no-overwrite-dir -xp && ldconfig
		query=/usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders; [ ! -x $query ] || $query --update-cache`
	if _, err := m.Feed(ctx, "root", install, bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	found, err := filepath.Glob(filepath.Join(kept, "*.deb"))
	for _, f := range found {
		files = append(files, filepath.Base(f))
	}
	return files, err
}
