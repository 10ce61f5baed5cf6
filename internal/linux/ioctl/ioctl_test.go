package ioctl

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TIOCINQ returns how many bytes a pipe has.
func TestPointer(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("12345"); err != nil {
		t.Fatal(err)
	}
	var n int32
	if err := Pointer(r, "count", unix.TIOCINQ, unsafe.Pointer(&n)); err != nil || n != 5 {
		t.Errorf("%d bytes, %v, want 5", n, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Int(w, "count", unix.TIOCINQ, 0); err == nil {
		t.Error("a closed file: no error")
	}
}

// The error says what was done to which file.
func TestError(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = Int(f, "shut", Write('E', 0x90, 4), 1)
	if e, ok := errors.AsType[*fs.PathError](err); !ok || !errors.Is(err, unix.ENOTTY) || e.Op != "shut" || e.Path != os.DevNull {
		t.Errorf("%v", err)
	}
}

// The numbers are those of the kernel's headers for this architecture, from which package
// unix has some.
func TestNumbers(t *testing.T) {
	for _, tt := range []struct{ got, want uintptr }{
		{None(0x12, 97), unix.BLKFLSBUF},
		{None('R', 6), unix.RNDCLEARPOOL},
		{Write('T', 203, 4), unix.TUNSETPERSIST},
		{Read('T', 207, 4), unix.TUNGETFEATURES},
		{Read('R', 0, 4), unix.RNDGETENTCNT},
	} {
		if tt.got != tt.want {
			t.Errorf("%#x, want %#x", tt.got, tt.want)
		}
	}
}
