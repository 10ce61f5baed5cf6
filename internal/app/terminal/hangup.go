package terminal

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Controlling is the controlling terminal of this process. When it is closed, the kernel
// sends SIGHUP to the process. A user sends the same signal for new settings.
type Controlling struct{ file *os.File } // nil if there is none

// OpenControlling returns the controlling terminal. There is none under systemd. Under
// nohup(1), which ignores SIGHUP, the terminal does not matter. Call it before
// signal.Notify.
func OpenControlling() Controlling {
	if signal.Ignored(syscall.SIGHUP) {
		return Controlling{}
	}
	f, err := os.OpenFile("/dev/tty", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return Controlling{} // ENXIO: tty(4)
	}
	return Controlling{f}
}

// Closed reports whether the terminal was closed. The kernel answers every request to
// such a terminal with EIO, also before it sends SIGHUP.
func (c Controlling) Closed() bool {
	if c.file == nil {
		return false
	}
	_, err := unix.IoctlGetTermios(int(c.file.Fd()), unix.TCGETS)
	return errors.Is(err, unix.EIO)
}

// Close frees the terminal. It stays the controlling terminal.
func (c Controlling) Close() {
	if c.file != nil {
		_ = c.file.Close() // nothing was written
	}
}
