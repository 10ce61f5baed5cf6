package clipboard

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/arealicehole/vocoder/internal/x11"
)

// entry is an Xauthority file for all displays of a machine.
func entry(host, cookie string) []byte {
	b := []byte{1, 0}
	for _, p := range []string{host, "", "MIT-MAGIC-COOKIE-1", cookie} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
		b = append(b, p...)
	}
	return b
}

// TestCookieOpensTheDisplay has a server that asks for one.
func TestCookieOpensTheDisplay(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, cookie string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, entry(host, cookie), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	d := xvfb(t, "-auth", write("right", "0123456789abcdef"))
	for name, want := range map[string]bool{filepath.Join(dir, "right"): true, write("wrong", "fedcba9876543210"): false, "": false} {
		at := d.display
		at.Authority = name
		_, sock, err := x11.Dial(t.Context(), at.X11, at.Authority)
		if (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
		if err == nil {
			_ = sock.Close()
		}
	}
	at := d.display
	at.Authority = filepath.Join(dir, "none")
	if _, _, err := x11.Dial(t.Context(), at.X11, at.Authority); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := x11.Dial(ctx, d.display.X11, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("done ctx: %v", err)
	}
}
