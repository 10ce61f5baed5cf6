package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := Sleep(t.Context(), time.Hour); err != nil || time.Since(begin) != time.Hour {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin = time.Now()
		if err := Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Minute {
			t.Errorf("%v after %v, want the error of the context after a minute", err, time.Since(begin))
		}
		for _, d := range []time.Duration{0, -time.Hour} {
			if err := Sleep(ctx, d); err == nil {
				t.Errorf("sleep of %v returned nil, though the context was done", d)
			}
		}
	})
}

// The time asleep is part of the time since the start, and no reading is longer than it.
func TestAsleep(t *testing.T) {
	first := Asleep()
	if first < -time.Minute {
		t.Errorf("asleep for %v", first)
	}
	for range 1000 { // the test may be interrupted between the clocks, which makes it shorter
		if now := Asleep(); now > first+time.Minute {
			t.Fatalf("asleep for %v, then for %v: this machine was not asleep", first, now)
		}
	}
}

// A time converted to a reading and back is the same time.
func TestMonotonic(t *testing.T) {
	for _, at := range []time.Time{time.Now(), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)} {
		// The clock is read twice, and the test may be suspended in between.
		begin := time.Now()
		back := FromMonotonic(ToMonotonic(at))
		if took := time.Since(begin); back.Sub(at).Abs() > took {
			t.Errorf("%v is %v off, of which %v may be this test's", at, back.Sub(at), took)
		}
	}
	if a, b := Monotonic(), Monotonic(); a <= 0 || b < a {
		t.Errorf("read %v, then %v", a, b)
	}
}
