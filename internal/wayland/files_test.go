package wayland

import (
	"os"
	"strings"
	"testing"
)

// TestTooManyFiles: the kernel drops the files that do not fit, and says so. Without them
// events would get the files of others.
func TestTooManyFiles(t *testing.T) {
	for n, fits := range map[int]bool{maxFiles: true, maxFiles + 40: false} {
		c, s := connect(t)
		end := run(t, c)
		files := make([]*os.File, n)
		for i := range files {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			files[i] = f
		}
		s.send(s.event(firstOwn, 0), files...)
		_ = s.sock.Close()
		if err := end(); err == nil || strings.Contains(err.Error(), "too many") == fits {
			t.Errorf("%d files: %v", n, err)
		}
	}
}
