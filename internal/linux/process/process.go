// Package process protects the memory of this process.
package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// KeepPrivate protects what was said and the API keys in the memory of this process. The
// process leaves no core dump, and no other process of the user can read its memory: its
// files in /proc belong to root. Source: PR_SET_DUMPABLE in prctl(2), and ptrace(2).
func KeepPrivate() error {
	return os.NewSyscallError("forbid core dumps: prctl", unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0))
}
