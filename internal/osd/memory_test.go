package osd

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// Only a mapping that can be read again is let go: no writable one, no anonymous one, none
// that the dynamic linker has changed.
func TestUnchanged(t *testing.T) {
	const smaps = `00400000-00821000 r-xp 00000000 fe:00 1234                               /usr/bin/vocoder-osd
Rss:                3000 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00821000-00cf6000 r--p 00421000 fe:00 1234                               /usr/bin/vocoder-osd
Anonymous:             0 kB
00cf6000-00d00000 r--p 008f6000 fe:00 1234                               /usr/bin/vocoder-osd
Anonymous:            40 kB
00d00000-00d40000 rw-p 008f6000 fe:00 1234                               /usr/bin/vocoder-osd
Anonymous:             0 kB
c000000000-c000400000 r--p 00000000 00:00 0
Anonymous:             0 kB
7f0000000000-7f0000001000 r--s 00000000 fe:00 77                         /memfd:vocoder-osd (deleted)
Anonymous:             0 kB
7f0000002000-7f0000003000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
`
	want := []mapping{{0x400000, 0x821000}, {0x821000, 0xcf6000}}
	if got := unchanged(strings.NewReader(smaps)); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// While nothing is shown there is no garbage collection by the clock, and one is made if the
// memory grows all the same.
func TestMemoryAtRest(t *testing.T) {
	gc, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetGCPercent(gc); debug.SetMemoryLimit(limit) })
	now := func() (percent int, limit int64) {
		percent = debug.SetGCPercent(100)
		debug.SetGCPercent(percent)
		return percent, debug.SetMemoryLimit(-1)
	}
	releaseMemory()
	if percent, limit := now(); percent != -1 || limit != hiddenLimit {
		t.Errorf("hidden: %d %%, limit %d", percent, limit)
	}
	useMemory()
	if percent, shown := now(); percent != shownGC || shown < 1<<40 {
		t.Errorf("shown: %d %%, limit %d", percent, shown)
	}
}
