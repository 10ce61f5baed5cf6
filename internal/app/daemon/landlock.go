package daemon

import (
	"fmt"
	"path/filepath"

	"github.com/landlock-lsm/go-landlock/landlock"
	abi "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// restrict prevents this process from writing to any file outside the folders, until it
// ends. It can read and connect as before. It returns the version of the kernel's Landlock
// interface. A version of 0 restricts nothing and is not an error. Source: landlock(7).
func restrict(folders ...string) (version int, err error) {
	version, err = abi.LandlockGetABIVersion()
	if err != nil || version <= 0 {
		return 0, nil // the kernel has none, or the unit's system call filter blocks it
	}
	// Later versions than the third are about devices and networks.
	err = landlock.V3.BestEffort().RestrictPaths(
		landlock.RODirs("/"),
		landlock.RWFiles("/dev/null").IgnoreIfMissing(),
		landlock.RWDirs(folders...).IgnoreIfMissing(),
	)
	if err != nil {
		return 0, fmt.Errorf("give up the right to write files: %w", err)
	}
	return version, nil
}

// restrictSelf gives up the right to write files. This protects users whose systemd cannot
// make a sandbox. A daemon that opens the devices itself needs the right. So does the
// user's text.command, which would be restricted too.
func (d *daemon) restrictSelf() {
	if d.helper == nil || len(d.Config.Text.Command) > 0 {
		return
	}
	version, err := restrict(d.Env.RuntimeDir(), filepath.Dir(d.Store.SocketPath(d.Config.Config)))
	if err != nil {
		d.log.Warn("not restricted", "err", err)
		return
	}
	d.restricted = version > 0
	d.log.Debug("restricted", "landlock", version)
}
