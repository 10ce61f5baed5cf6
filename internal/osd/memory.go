package osd

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// shownGC is the percentage of debug.SetGCPercent while something is shown: less memory
	// for a little more work.
	shownGC = 40

	// hiddenLimit is the memory of Go's runtime above which it collects garbage while nothing
	// is shown. It has a third of that then.
	hiddenLimit = 12 << 20
)

// useMemory has Go's runtime collect garbage as usual.
func useMemory() {
	debug.SetMemoryLimit(math.MaxInt64)
	debug.SetGCPercent(shownGC)
}

// releaseMemory returns to the kernel the memory that is not in use. That is also the pages
// of the program's own file: the kernel takes them from its cache when they are needed
// again, and while nothing is shown that is almost none. Until useMemory, Go's runtime does
// not collect garbage every two minutes, because that wakes most threads and takes the memory
// back. What remains is a look of its monitor once a minute, which cannot be turned off.
func releaseMemory() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(hiddenLimit)
	debug.FreeOSMemory()
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return // then they stay
	}
	defer func() { _ = maps.Close() }() // it was only read
	for _, m := range unchanged(maps) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED) // else they stay
	}
}

// A mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// unchanged returns the mappings of files that cannot be written to and have no page that
// differs from the file, so that each page can be read again. smaps is the file of
// proc_pid_smaps(5).
func unchanged(smaps io.Reader) (all []mapping) {
	var now mapping
	readOnly := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		var m mapping
		if n, _ := fmt.Sscanf(fields[0], "%x-%x", &m.from, &m.to); n == 2 {
			now = m
			readOnly = len(fields) == 6 && strings.HasPrefix(fields[1], "r-") && strings.HasSuffix(fields[1], "p") && strings.HasPrefix(fields[5], "/")
			continue
		}
		if fields[0] == "Anonymous:" && readOnly && len(fields) > 1 && fields[1] == "0" {
			all = append(all, now)
		}
	}
	return all
}
