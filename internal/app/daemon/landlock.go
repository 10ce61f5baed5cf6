package daemon

import (
	"fmt"
	"path/filepath"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/landlock-lsm/go-landlock/landlock"
	abi "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// restrict keeps this program, until it ends, from writing to any file that is not
// below one of the folders. It may read and connect as before. It returns what
// the kernel can do of it, as the version of Landlock's interface: 0 is nothing,
// which is no error. Source: landlock(7).
func restrict(folders ...string) (version int, err error) {
	version, err = abi.LandlockGetABIVersion()
	if err != nil || version <= 0 {
		return 0, nil // the kernel has none, or the unit's filter keeps it away
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

// restrictSelf gives up what no dictation needs, wherever the user's service manager
// can make no sandbox. It is no use where this program holds the devices, and in
// the way of a command of the user's, which would be restricted with it.
func (d *daemon) restrictSelf(cfg settings.Loaded) {
	if d.helper == nil || len(cfg.Text.Command) > 0 {
		return
	}
	version, err := restrict(d.env.RuntimeDir(), filepath.Dir(d.store.SocketPath(cfg.Config)))
	if err != nil {
		d.log.Warn("not restricted", "err", err)
		return
	}
	d.restricted = version > 0
	d.log.Debug("restricted", "landlock", version)
}
