package process

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestKeepPrivate(t *testing.T) {
	was, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Prctl(unix.PR_SET_DUMPABLE, uintptr(was), 0, 0, 0); err != nil {
			t.Error(err)
		}
	})
	if err := KeepPrivate(); err != nil {
		t.Fatal(err)
	}
	if is, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); is != 0 || err != nil {
		t.Errorf("dumpable: %d, %v", is, err)
	}
}
