package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNoNPM is returned if a package must be found and npm is not installed. npm has the
// address of the registry in its settings.
var ErrNoNPM = errors.New("npm is not installed")

// npm runs npm and returns its output. registry, if not empty, replaces the registry of
// npm's settings.
func npm(ctx context.Context, registry string, args ...string) (string, error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return "", ErrNoNPM
	}
	if registry != "" {
		args = append(args, "--registry="+registry)
	}
	cmd := exec.CommandContext(ctx, "npm", args...)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("run npm %s: %w: %s", args[0], err, lastLine(problem.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// tarballURL returns the address of the package's tarball according to npm.
func (a archive) tarballURL(ctx context.Context, registry string) (string, error) {
	out, err := npm(ctx, registry, "view", a.pack+"@"+a.version, "dist.tarball")
	if err != nil {
		return "", err
	}
	u, err := url.Parse(out)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", fmt.Errorf("ask npm for %s: it names no address", a.pack)
	}
	return u.String(), nil
}

// npmPack makes npm fetch the tarball to path, with the proxies and passwords of its
// settings. npm cannot resume a download.
func (a archive) npmPack(ctx context.Context, registry, path string) error {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".npm-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if _, err := npm(ctx, registry, "pack", a.pack+"@"+a.version, "--pack-destination", dir); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("run npm pack: it left %d tarballs", len(found))
	}
	sum, err := sumFile(found[0])
	if err != nil {
		return err
	}
	if sum != a.file.SHA256 {
		return fmt.Errorf("fetch %s: %w: SHA-256 %s, want %s", a.file.Name, ErrBroken, sum, a.file.SHA256)
	}
	return os.Rename(found[0], path)
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
