package evdev

import (
	"fmt"
	"os"
	"path/filepath"
)

// List returns the input devices there are, in the order of their nodes. Each
// is opened for a moment to see whether it may be read: if not, Err says so
// (errors.Is fs.ErrPermission) and the rest is known all the same. Dir is the
// folder of the event nodes, "" for /dev/input. The error is about that folder.
func List(dir string) ([]Device, error) {
	s := newSystem(dir)
	names, err := s.nodes()
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	links := s.links()
	var all []Device
	for _, name := range names {
		d, err := s.describe(name)
		if gone(err) {
			continue
		}
		d.Links = links[d.Path]
		if d.Err = err; err == nil {
			d.Err = s.readable(d)
		}
		all = append(all, d)
	}
	return all, nil
}

// readable returns why d cannot be read, if so.
func (s system) readable(d Device) error {
	f, err := os.OpenFile(d.Path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// links returns the links udev has made, by the node they lead to.
func (s system) links() map[string][]string {
	all := map[string][]string{}
	for _, folder := range []string{"by-id", "by-path"} {
		paths, _ := filepath.Glob(filepath.Join(s.dir, folder, "*")) // none if there is no such folder
		for _, p := range paths {
			if node, err := s.resolve(p); err == nil {
				all[node] = append(all[node], p)
			}
		}
	}
	return all
}
