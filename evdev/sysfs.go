package evdev

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// describe returns what sysfs has about a node. Every user may read that, and it
// opens or wakes no device. The error is fs.ErrNotExist if the device does not
// exist.
func (s system) describe(node string) (Device, error) {
	d := Device{Path: filepath.Join(s.dir, node)}
	link, err := os.Readlink(filepath.Join(s.class, node, "device"))
	if err != nil {
		if _, noSysfs := os.Stat(s.class); noSysfs != nil {
			return s.ask(d)
		}
		return d, err
	}
	d.Sysname = filepath.Base(link)
	at := filepath.Join(s.class, node, "device")
	if whole, err := filepath.EvalSymlinks(at); err == nil {
		d.Virtual = strings.Contains(whole, "/devices/virtual/")
	}
	text := func(name string) string {
		b, e := os.ReadFile(filepath.Join(at, name))
		if e != nil && err == nil {
			err = e
		}
		return strings.TrimSuffix(string(b), "\n")
	}
	id := func(name string) uint16 {
		n, e := strconv.ParseUint(text("id/"+name), 16, 16)
		if e != nil && err == nil {
			err = e
		}
		return uint16(n)
	}
	d.Name, d.Phys, d.Uniq = text("name"), text("phys"), text("uniq")
	d.Bus, d.Vendor, d.Product = id("bustype"), id("vendor"), id("product")
	d.Keys = parseBitmap(text("capabilities/key"))
	if err != nil {
		return d, fmt.Errorf("describe %s: %w", d.Path, err)
	}
	return d, nil
}

// parseBitmap returns the Set that sysfs prints as hexadecimal words, the most
// significant first, without leading zero words (drivers/input/input.c,
// input_print_bitmap). The words are unsigned long of the reading process. For
// any other text it returns the empty Set.
func parseBitmap(text string) Set {
	const perWord = 64 / wordBits
	var s Set
	words := strings.Fields(text)
	for i, word := range words {
		n, err := strconv.ParseUint(word, 16, wordBits)
		at := len(words) - 1 - i
		if err != nil || at/perWord >= len(s) {
			return Set{}
		}
		s[at/perWord] |= n << (at % perWord * wordBits)
	}
	return s
}

const wordBits = 8 * int(unsafe.Sizeof(uintptr(0)))

// ask opens a node to describe it, where there is no sysfs, as in some
// containers. The Device has no Sysname.
func (s system) ask(d Device) (Device, error) {
	in, err := goevdev.OpenWithFlags(d.Path, os.O_RDONLY|nonblock)
	if err != nil {
		return d, err
	}
	defer in.Close()
	id, err := in.InputID()
	if err != nil {
		return d, fmt.Errorf("ask %s what it is: %v", d.Path, err)
	}
	d.Bus, d.Vendor, d.Product = id.BusType, id.Vendor, id.Product
	// The kernel returns an error for each of these that it does not know.
	d.Name, _ = in.Name()
	d.Phys, _ = in.PhysicalLocation()
	d.Uniq, _ = in.UniqueID()
	for _, c := range in.CapableEvents(goevdev.EV_KEY) {
		d.Keys.add(key.Code(c))
	}
	d.Virtual = d.Bus == goevdev.BUS_VIRTUAL
	return d, nil
}
