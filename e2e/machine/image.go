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

// An Image is what e2e/image/build.sh makes: a kernel, an initial RAM disk, a
// root file system and the key to its ssh, all in one folder whose name is over
// everything that went in.
type Image struct {
	Dir string
}

func (i Image) kernel() string { return filepath.Join(i.Dir, "vmlinux") }
func (i Image) initrd() string { return filepath.Join(i.Dir, "initrd.gz") }
func (i Image) root() string   { return filepath.Join(i.Dir, "root.qcow2") }
func (i Image) key() string    { return filepath.Join(i.Dir, "id_ed25519") }

// Ensure returns the image, which it builds when the cache has none: some
// minutes and a few hundred megabytes of Debian packages. The host packages
// that the build and the machine need are installed first, with root. Progress
// goes to log, line by line. The image of the big desktops has GNOME and KDE,
// too.
func Ensure(ctx context.Context, log io.Writer, bigDesktops bool) (Image, error) {
	top, err := repo.Top()
	if err != nil {
		return Image{}, err
	}
	dir := filepath.Join(top, "e2e", "image")
	if _, err := script(ctx, log, filepath.Join(dir, "deps.sh")); err != nil {
		return Image{}, err
	}
	var env []string
	if bigDesktops {
		env = append(env, "DESKTOPS=1")
	}
	out, err := script(ctx, log, filepath.Join(dir, "build.sh"), env...)
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
