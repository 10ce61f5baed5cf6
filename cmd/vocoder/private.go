package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// keepPrivate keeps what this process hears, and the keys of APIs, to itself:
// it leaves no core dump, and no other process of the user can look into it.
// Its /proc files belong to root from then on. Source: PR_SET_DUMPABLE in
// prctl(2). Swap is the unit's business (MemorySwapMax): locking pages takes a
// right that the unit gives up.
func keepPrivate() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
