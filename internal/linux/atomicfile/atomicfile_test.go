package atomicfile

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestReadUpTo: a file is read up to its limit, and neither a device without end nor a pipe
// without a writer holds the reader.
func TestReadUpTo(t *testing.T) {
	folder := t.TempDir()
	file, link, pipe := filepath.Join(folder, "file"), filepath.Join(folder, "link"), filepath.Join(folder, "pipe")
	if err := os.WriteFile(file, []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		limit int64
		want  string
		wrong string // part of the error
	}{
		{file, 5, "words", ""},
		{link, 6, "words", ""},
		{file, 4, "", "more than 4 bytes"},
		{"/dev/zero", 1 << 10, "", "more than 1024 bytes"},
		{pipe, 10, "", ""},
		{folder, 10, "", "is a directory"},
		{filepath.Join(folder, "none"), 10, "", "no such file"},
	} {
		got, err := ReadUpTo(tt.name, tt.limit)
		if string(got) != tt.want || (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s up to %d: %q, %v, want %q, %s", tt.name, tt.limit, got, err, tt.want, tt.wrong)
		}
	}
}

// TestReadOfWriter: what a program writes to a pipe while it is read is read to its end, as
// the shell's <(program) gives it.
func TestReadOfWriter(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	go func() {
		_, _ = w.WriteString("from a ")
		_, _ = w.WriteString("program")
		_ = w.Close()
	}()
	got, err := ReadUpTo("/dev/fd/"+strconv.Itoa(int(r.Fd())), 100)
	if string(got) != "from a program" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
