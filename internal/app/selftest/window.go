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

// A window is the terminal that this program runs in: what is typed into it, and
// whether it has the focus, as it says itself. Source of the reports: XTerm
// Control Sequences, "FocusIn/FocusOut".
type window struct {
	file *os.File
	was  *unix.Termios
	done sync.WaitGroup

	mu      sync.Mutex
	scan    scanner
	focused bool
	reports int  // of the focus so far
	armed   bool // keys are pressed now
	left    bool // the focus was lost since
	text    []byte
	last    time.Time     // when the newest of it came
	changed chan struct{} // something was; has room for one
}

// What makes a terminal tell about its focus, and end that.
const (
	focusReports = "\x1b[?1004h"
	focusSilence = "\x1b[?1004l"
)

// openWindow takes the terminal over: what is typed is not shown by it and comes
// at once. Keys that send signals still do.
func openWindow(path string) (*window, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	w := &window{file: f, changed: make(chan struct{}, 1)}
	if err := w.take(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w.done.Go(w.read)
	return w, nil
}

func (w *window) take() error {
	raw, err := w.file.SyscallConn() // Fd would make reads uninterruptible
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if w.was, failed = unix.IoctlGetTermios(int(fd), unix.TCGETS); failed != nil {
			return
		}
		t := *w.was
		t.Lflag &^= unix.ICANON | unix.ECHO | unix.IEXTEN
		t.Iflag &^= unix.ICRNL | unix.INLCR | unix.IXON
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		failed = unix.IoctlSetTermios(int(fd), unix.TCSETSF, &t)
	})
	if err := errors.Join(err, failed); err != nil {
		return fmt.Errorf("take the terminal over: %w", err)
	}
	_, err = w.file.WriteString(focusReports)
	return err
}

// close gives the terminal back as it was.
func (w *window) close() error {
	_, err := w.file.WriteString(focusSilence)
	raw, connErr := w.file.SyscallConn()
	if connErr == nil {
		connErr = raw.Control(func(fd uintptr) {
			err = errors.Join(err, unix.IoctlSetTermios(int(fd), unix.TCSETSF, w.was))
		})
	}
	err = errors.Join(err, connErr, w.file.Close())
	w.done.Wait()
	return err
}

func (w *window) read() {
	b := make([]byte, 256)
	for {
		n, err := w.file.Read(b)
		w.hear(b[:n])
		if err != nil {
			return // closed, or the terminal is gone, and with it the focus
		}
	}
}

// hear takes what came from the terminal.
func (w *window) hear(b []byte) {
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

// focusStable is how long the focus has to stay before keys are pressed. sway takes it
// from every window and gives it back when it has configured a keyboard that
// came, which a busy machine does late.
const focusStable = 300 * time.Millisecond

// arm waits until the terminal has had the focus for a moment, for at most so
// long, and reports whether it does. From then on, until it is called again, the
// focus must not be lost, not even for a moment: keys are going to be pressed.
// What happened to it before, while none were, does not count.
func (w *window) armGuard(ctx context.Context, patience time.Duration) bool {
	limit, steady := time.NewTimer(patience), time.NewTimer(focusStable)
	defer limit.Stop()
	defer steady.Stop()
	for {
		select {
		case <-w.changed:
			steady.Reset(focusStable)
		case <-steady.C:
			if w.armIfFocused() {
				return true
			}
		case <-limit.C:
			return w.armIfFocused()
		case <-ctx.Done():
			return false
		}
	}
}

func (w *window) armIfFocused() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.left = true, !w.focused
	return w.focused
}

// hasFocus reports whether the terminal has the focus, and did not lose it since arm.
func (w *window) hasFocus() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.focused && !w.left
}

// typed returns what was typed so far and when the end of it came.
func (w *window) typed() (string, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text), w.last
}

// until waits until something holds, for at most so long, and reports whether it
// does.
func (w *window) until(ctx context.Context, patience time.Duration, holds func() bool) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for !holds() {
		select {
		case <-w.changed:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// say writes a line to the terminal.
func (w *window) say(line string) { _, _ = w.file.WriteString("\r\x1b[K" + line + "\r\n") }
