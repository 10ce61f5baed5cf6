package main

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/dictate"
)

// TestThrift: memory is given back once after the start and once after what was dictated, and
// never meanwhile.
func TestThrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var freed atomic.Int32
		r := newThrift(func() { freed.Add(1) })
		pass := func(what string, s dictate.Status, d time.Duration, want int32) {
			t.Helper()
			r.dictation(s)
			time.Sleep(d)
			synctest.Wait()
			if freed.Load() != want {
				t.Errorf("%s: given back %d times, want %d", what, freed.Load(), want)
			}
		}
		pass("at the start", dictate.Status{}, unneeded-1, 0)
		pass("after it", dictate.Status{}, 1, 1)
		pass("nothing happens", dictate.Status{}, time.Hour, 1)
		pass("recording", dictate.Status{Recording: true}, time.Minute, 1)
		pass("recognising", dictate.Status{Waiting: 1}, time.Minute, 1)
		pass("typing", dictate.Status{Typing: true}, time.Minute, 1)
		pass("done", dictate.Status{}, unneeded/2, 1)
		pass("again", dictate.Status{Recording: true}, time.Minute, 1)
		pass("done again", dictate.Status{}, unneeded-1, 1)
		pass("still", dictate.Status{Kept: 1}, 1, 2)
		pass("for long", dictate.Status{}, time.Hour, 2)
	})
}
