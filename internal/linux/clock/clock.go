// Package clock waits, and reads the monotonic clock that the kernel's input events and
// systemd use.
package clock

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// Sleep returns nil after d, or the error of ctx once that is done.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Monotonic returns the time of CLOCK_MONOTONIC, which stands still while the machine
// sleeps. Source: clock_gettime(2).
func Monotonic() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic("clock: no monotonic clock: " + err.Error())
	}
	return time.Duration(now.Nano())
}

// FromMonotonic returns the time of day that corresponds to a time of
// CLOCK_MONOTONIC.
func FromMonotonic(t time.Duration) time.Time { return time.Now().Add(t - Monotonic()) }
