package osd

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseMemory returns to the kernel the memory that is not in use. That is also the pages
// of the program's own file: the kernel takes them from its cache when they are needed
// again, and while nothing is shown that is almost none.
func releaseMemory() {
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
