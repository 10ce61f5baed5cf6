package daemon

import (
	"runtime/debug"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// baseMemory is what the daemon may use in bytes besides one recording.
const baseMemory = 40 << 20

// limitMemory makes Go collect garbage more often when the daemon uses more than it needs
// for the sound that it may hold: a recording of the longest duration, and those that are
// kept. Otherwise garbage may take as much memory as
// the recording, which is 55 MiB for half an hour, and the kernel ends a unit that is above
// its MemoryMax.
func limitMemory(sound time.Duration) {
	debug.SetMemoryLimit(baseMemory + 2*pcm.Rate*int64(sound/time.Second))
}
