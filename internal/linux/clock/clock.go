// Package clock sleeps, and reads the monotonic clock of the kernel.
package clock

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// Sleep returns nil after d, or the error of ctx if that is done first.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// NextPause returns the pause after an error of what ran for so long since the last pause:
// twice the last one, from first to most. It is first again after a run longer than most.
func NextPause(last, ran, first, most time.Duration) time.Duration {
	if ran > most {
		return first
	}
	return min(max(2*last, first), most)
}

// Monotonic returns the reading of CLOCK_MONOTONIC (clock_gettime(2)). The kernel
// stamps input events with it. It does not count the time that the machine is
// suspended.
func Monotonic() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic("clock: no monotonic clock: " + err.Error())
	}
	return time.Duration(now.Nano())
}

// FromMonotonic returns the time of a reading of CLOCK_MONOTONIC. The result has a
// monotonic reading of Go's own, which is the same clock: differences between
// results are exact. The wall time is that of the present setting of the system
// clock.
func FromMonotonic(reading time.Duration) time.Time { return time.Now().Add(reading - Monotonic()) }

// ToMonotonic returns the reading of CLOCK_MONOTONIC at t. It is exact if t has a
// monotonic reading of Go's own.
func ToMonotonic(t time.Time) time.Duration { return Monotonic() - time.Since(t) }

// Asleep returns how long the machine was suspended since it was started: the
// difference of CLOCK_BOOTTIME and CLOCK_MONOTONIC (clock_gettime(2)). The result may be
// short by the time between the two readings, and is never long.
func Asleep() time.Duration {
	var boot unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot); err != nil {
		panic("clock: no boot time: " + err.Error())
	}
	return time.Duration(boot.Nano()) - Monotonic()
}
