package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// keepPrivate protects the speech and the API keys in the memory of this process. The
// process leaves no core dump, and no other process of the user can read its memory:
// its files in /proc belong to root. Source: PR_SET_DUMPABLE in prctl(2). The unit keeps
// the memory out of swap with MemorySwapMax, because it gives up the right to lock pages.
func keepPrivate() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
