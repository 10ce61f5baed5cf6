package selftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A window is the terminal in which this program runs. It receives the typed text, and
// the terminal's reports of its focus. Source: XTerm Control Sequences,
// "FocusIn/FocusOut".
type window struct {
	file *os.File
	was  *unix.Termios // the settings before openWindow
	done sync.WaitGroup

	mu      sync.Mutex
	scan    scanner
	focused bool
	reports int  // the number of focus reports so far
	armed   bool // armGuard was called
	left    bool // the focus was lost since armGuard
	text    []byte
	last    time.Time     // of the last byte of text
	changed chan struct{} // capacity 1; gets a value after each read
}

// The sequences that begin and end the terminal's focus reports.
const (
	focusReports = "\x1b[?1004h"
	focusSilence = "\x1b[?1004l"
)

// openWindow opens the terminal for reading keys. The terminal does not show what is
// typed, and delivers it at once. Keys that send signals still work.
func openWindow(path string) (*window, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	w := &window{file: f, changed: make(chan struct{}, 1)}
	if err := w.setRaw(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w.done.Go(w.read)
	return w, nil
}

// setRaw changes the settings of the terminal and turns on its focus reports. Source:
// termios(3).
func (w *window) setRaw() error {
	err := w.control(func(fd int) (err error) {
		if w.was, err = unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
			return err
		}
		t := *w.was
		t.Lflag &^= unix.ICANON | unix.ECHO | unix.IEXTEN
		t.Iflag &^= unix.ICRNL | unix.INLCR | unix.IXON
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		return unix.IoctlSetTermios(fd, unix.TCSETSF, &t)
	})
	if err != nil {
		return fmt.Errorf("take the terminal over: %w", err)
	}
	_, err = w.file.WriteString(focusReports)
	return err
}

// control calls f with the file descriptor of the terminal. With os.File.Fd, close could
// not end a read.
func (w *window) control(f func(fd int) error) error {
	raw, err := w.file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = f(int(fd)) })
	return errors.Join(err, failed)
}

// close restores the settings of the terminal.
func (w *window) close() error {
	_, err := w.file.WriteString(focusSilence)
	restored := w.control(func(fd int) error { return unix.IoctlSetTermios(fd, unix.TCSETSF, w.was) })
	err = errors.Join(err, restored, w.file.Close())
	w.done.Wait()
	return err
}

// read reads from the terminal until it is closed.
func (w *window) read() {
	b := make([]byte, 256)
	for {
		n, err := w.file.Read(b)
		w.receive(b[:n])
		if err != nil {
			return
		}
	}
}

// receive records the text and the focus reports in b.
func (w *window) receive(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range b {
		switch w.scan.next(c) {
		case focusIn:
			w.focused = true
			w.reports++
		case focusOut:
			w.left = w.left || w.armed
			w.focused = false
			w.reports++
		case letter:
			w.text, w.last = append(w.text, c), time.Now()
		}
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// focusStable is how long the terminal must have the focus before keys are pressed. When
// a new keyboard appears, sway takes the focus from every window and gives it back after
// it has configured the keyboard. On a busy machine that takes a while.
const focusStable = 300 * time.Millisecond

// armGuard waits until the terminal has had the focus for focusStable, for at most the
// time limit, and reports whether it has. If the terminal then loses the focus, even for a
// moment, hasFocus returns false until the next call of armGuard.
func (w *window) armGuard(ctx context.Context, limit time.Duration) bool {
	timeout, stable := time.NewTimer(limit), time.NewTimer(focusStable)
	defer timeout.Stop()
	defer stable.Stop()
	for {
		select {
		case <-w.changed:
			stable.Reset(focusStable)
		case <-stable.C:
			if w.armIfFocused() {
				return true
			}
		case <-timeout.C:
			return w.armIfFocused()
		case <-ctx.Done():
			return false
		}
	}
}

// armIfFocused forgets earlier losses of the focus. It reports whether the terminal has
// the focus now.
func (w *window) armIfFocused() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.left = true, !w.focused
	return w.focused
}

// hasFocus reports whether the terminal has the focus and has not lost it since armGuard.
func (w *window) hasFocus() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.focused && !w.left
}

// typed returns the text typed so far, and when its last byte came.
func (w *window) typed() (string, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text), w.last
}

// until waits until cond returns true, for at most the time limit. It reports whether
// cond returned true.
func (w *window) until(ctx context.Context, limit time.Duration, cond func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for !cond() {
		select {
		case <-w.changed:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// writeLine writes a line to the terminal.
func (w *window) writeLine(line string) { _, _ = w.file.WriteString("\r\x1b[K" + line + "\r\n") }
