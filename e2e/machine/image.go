package machine

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// An Image is the result of e2e/image/build.sh: a kernel, an initial RAM disk, a root file
// system and an ssh key, in one folder. The folder's name is a hash of all its sources.
type Image struct {
	Dir string
}

func (i Image) kernel() string { return filepath.Join(i.Dir, "vmlinux") }
func (i Image) initrd() string { return filepath.Join(i.Dir, "initrd.gz") }
func (i Image) root() string   { return filepath.Join(i.Dir, "root.qcow2") }
func (i Image) key() string    { return filepath.Join(i.Dir, "id_ed25519") }

// Ensure returns the image, and builds it if the cache has none. That takes some minutes
// and a few hundred megabytes of Debian packages. As root it first installs the host
// packages that the build and the machine need. It writes its progress to log, line by
// line. with is what the image has in addition, as build.sh has it; empty: nothing.
func Ensure(ctx context.Context, log io.Writer, with string) (Image, error) {
	top, err := repo.Top()
	if err != nil {
		return Image{}, err
	}
	dir := filepath.Join(top, "e2e", "image")
	if _, err := script(ctx, log, filepath.Join(dir, "deps.sh")); err != nil {
		return Image{}, err
	}
	out, err := script(ctx, log, filepath.Join(dir, "build.sh"), "WITH="+with)
	if err != nil {
		return Image{}, err
	}
	return Image{Dir: strings.TrimSpace(out)}, nil
}

func script(ctx context.Context, log io.Writer, path string, env ...string) (string, error) {
	c := exec.CommandContext(ctx, path)
	c.Stderr, c.Env = log, append(os.Environ(), env...)
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", filepath.Base(path), err)
	}
	return string(out), nil
}
