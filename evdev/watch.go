package evdev

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// scanInterval is how often a set looks for devices while the kernel cannot report them.
const scanInterval = 5 * time.Second

// ErrNoWatch says that the kernel has no inotify instance or watch left for the user, so
// that new devices are found some seconds late.
var ErrNoWatch = errors.New("no inotify left")

// start watches the folder, and opens the wanted devices in it. The folder need
// not exist yet.
func (ds *deviceSet) start(ctx context.Context) error {
	if err := ds.watch(); err != nil {
		return err
	}
	for _, p := range ds.paths {
		ds.links[filepath.Dir(p)] = true
	}
	ds.scan(ctx)
	return nil
}

// watch watches the folder. If the kernel has no room for that, the set looks for devices
// itself now and then, and tries again.
func (ds *deviceSet) watch() error {
	w, err := ds.host.watch()
	if err == nil {
		ds.watcher = w
		err = ds.watchFolder()
	}
	if err == nil {
		if ds.scans {
			ds.log.Info("the kernel reports new devices again")
		}
		ds.scans = false
		return nil
	}
	ds.unwatch()
	if !ds.scans && !exhausted(err) {
		return err
	}
	if !ds.scans {
		ds.log.Warn("new devices are found late", "err", fmt.Errorf("%w: %w", ErrNoWatch, err))
	}
	ds.scans, ds.nextScan = true, ds.host.now()+scanInterval
	return nil
}

// unwatch gives up the watcher, if there is one.
func (ds *deviceSet) unwatch() {
	if ds.watcher.close != nil {
		_ = ds.watcher.close() // nothing was written
	}
	ds.watcher = watcher{}
}

// exhausted reports whether an error says that the kernel has no room for one more now.
func exhausted(err error) bool {
	for _, e := range []error{unix.EMFILE, unix.ENFILE, unix.ENOMEM, unix.ENOSPC} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// watchFolder watches the folder. If it does not exist, as on a machine without
// input devices, watchFolder watches the folder in which it will appear. That
// one is left as soon as possible, because /dev reports every write to a
// terminal.
func (ds *deviceSet) watchFolder() error {
	err := ds.watcher.add(ds.dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return watchError(ds.dir, err)
	}
	parent := filepath.Dir(ds.dir)
	if err := ds.watcher.add(parent); err != nil {
		return watchError(parent, err)
	}
	if err := ds.watcher.add(ds.dir); err == nil { // it was made in between
		return watchError(parent, ds.watcher.remove(parent))
	}
	return nil
}

func watchError(dir string, err error) error {
	if err != nil {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	return nil
}
