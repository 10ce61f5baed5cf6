package learn

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
)

// List returns the input devices in the order of their nodes. It opens each for
// a moment to find out whether it may be read. If not, Err says why (errors.Is
// fs.ErrPermission), and the other fields are set too. The error is about the
// folder /dev/input.
func List() ([]evdev.Device, error) {
	all, err := evdev.Devices()
	if err != nil {
		return nil, err
	}
	links := links("/dev/input")
	for i := range all {
		d := &all[i]
		d.Links = links[d.Path]
		if d.Err == nil {
			d.Err = readable(d.Path)
		}
	}
	return all, nil
}

// readable returns why a node cannot be read, or nil.
func readable(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// links returns the links that udev has made in a folder of event nodes, by the
// node they lead to.
func links(dir string) map[string][]string {
	all := map[string][]string{}
	for _, folder := range []string{"by-id", "by-path"} {
		paths, _ := filepath.Glob(filepath.Join(dir, folder, "*")) // none if there is no such folder
		for _, p := range paths {
			if node, err := filepath.EvalSymlinks(p); err == nil {
				all[node] = append(all[node], p)
			}
		}
	}
	return all
}
