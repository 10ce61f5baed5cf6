// Command keyrig creates input devices in the test machine and presses their keys. It runs
// as root. Each line of standard input is a command. The answer is one line: "ok", a
// result, or "error" and the reason.
//
//	create SLOT VENDOR:PRODUCT KEYS NAME...   a device; answers with its node
//	destroy SLOT                              pull it out
//	press SLOT KEY, release SLOT KEY
//	tap SLOT KEY TIMES                        press and release without a pause
//	hold SLOT KEY DURATION                    press, wait, release
//	wait DURATION
//	churn TIMES KEYS NAME...                  devices that come and go at once
//	rest PID DURATION                         how often a process wakes meanwhile
//
// KEYS are names or numbers with commas between them; 1-248 is a range. "repeat" makes the
// kernel repeat held keys. When the input ends, the process ends, and the kernel removes
// the remaining devices.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

func main() {
	r := rig{}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		said, err := r.obey(strings.Fields(in.Text()))
		if err != nil {
			fmt.Println("error", err)
			continue
		}
		fmt.Println("ok", said)
	}
}

// A rig has the created devices, by slot.
type rig map[string]*goevdev.InputDevice

var errUnknown = errors.New("no such command")

func (r rig) obey(words []string) (string, error) {
	switch n := len(words); {
	case n >= 5 && words[0] == "create":
		return r.create(words[1], words[2], words[3], strings.Join(words[4:], " "))
	case n == 2 && words[0] == "wait":
		return "", wait(words[1])
	case n >= 4 && words[0] == "churn":
		return "", churn(words[1], words[2], strings.Join(words[3:], " "))
	case n == 3 && words[0] == "rest":
		return rest(words[1], words[2])
	case n < 2 || r[words[1]] == nil:
		return "", errUnknown
	case n == 2 && words[0] == "destroy":
		return "", r.destroy(words[1])
	case n < 3:
		return "", errUnknown
	}
	dev := r[words[1]]
	code, err := keyCode(words[2])
	if err != nil {
		return "", err
	}
	switch words[0] {
	case "press":
		return "", send(dev, code, 1)
	case "release":
		return "", send(dev, code, 0)
	case "tap":
		return "", tap(dev, code, words[3:])
	case "hold":
		return "", hold(dev, code, words[3:])
	}
	return "", errUnknown
}

func (r rig) create(slot, id, keys, name string) (node string, err error) {
	if r[slot] != nil {
		return "", fmt.Errorf("slot %s is taken", slot)
	}
	if r[slot], err = device(id, keys, name); err != nil {
		delete(r, slot)
		return "", err
	}
	return nodeOf(name)
}

// device creates a device that looks like a USB device to all programs.
func device(id, keys, name string) (*goevdev.InputDevice, error) {
	var vendor, product uint16
	if _, err := fmt.Sscanf(id, "%04x:%04x", &vendor, &product); err != nil {
		return nil, fmt.Errorf("id %s: %v", id, err)
	}
	able := map[goevdev.EvType][]goevdev.EvCode{}
	for word := range strings.SplitSeq(keys, ",") {
		first, last, isSpan := strings.Cut(word, "-")
		if word == "repeat" {
			able[goevdev.EV_REP] = nil
			continue
		}
		from, err := keyCode(first)
		to := from
		if err == nil && isSpan {
			to, err = keyCode(last)
		}
		if err != nil {
			return nil, err
		}
		for c := from; c <= to; c++ {
			able[goevdev.EV_KEY] = append(able[goevdev.EV_KEY], c)
		}
	}
	return goevdev.CreateDevice(name, goevdev.InputID{BusType: goevdev.BUS_USB, Vendor: vendor, Product: product, Version: 1}, able)
}

func keyCode(name string) (goevdev.EvCode, error) {
	if n, err := strconv.ParseUint(name, 10, 16); err == nil {
		return goevdev.EvCode(n), nil
	}
	c, err := key.Parse(name)
	return goevdev.EvCode(c), err
}

// nodeOf returns the node of the newest device with the name.
func nodeOf(name string) (node string, err error) {
	names, err := filepath.Glob("/sys/class/input/event*/device/name")
	best := -1
	for _, path := range names {
		b, e := os.ReadFile(path)
		event := strings.Split(path, "/")[4]
		n, _ := strconv.Atoi(strings.TrimPrefix(event, "event"))
		if e == nil && strings.TrimSpace(string(b)) == name && n > best {
			best, node = n, "/dev/input/"+event
		}
	}
	if best < 0 && err == nil {
		err = fmt.Errorf("no node of %s", name)
	}
	return node, err
}

func (r rig) destroy(slot string) error {
	dev := r[slot]
	delete(r, slot)
	return errors.Join(goevdev.DestroyDevice(dev), dev.Close())
}

func send(dev *goevdev.InputDevice, code goevdev.EvCode, value int32) error {
	return errors.Join(
		dev.WriteOne(&goevdev.InputEvent{Type: goevdev.EV_KEY, Code: code, Value: value}),
		dev.WriteOne(&goevdev.InputEvent{Type: goevdev.EV_SYN, Code: goevdev.SYN_REPORT}))
}

func tap(dev *goevdev.InputDevice, code goevdev.EvCode, args []string) error {
	n, err := count(args)
	for range n {
		err = errors.Join(err, send(dev, code, 1), send(dev, code, 0))
	}
	return err
}

func count(args []string) (int, error) {
	if len(args) != 1 {
		return 0, errUnknown
	}
	return strconv.Atoi(args[0])
}

func hold(dev *goevdev.InputDevice, code goevdev.EvCode, args []string) error {
	if len(args) != 1 {
		return errUnknown
	}
	if err := send(dev, code, 1); err != nil {
		return err
	}
	return errors.Join(wait(args[0]), send(dev, code, 0))
}

// wait waits for the given time, as a user does who holds a key.
func wait(how string) error {
	d, err := time.ParseDuration(how)
	if err == nil {
		<-time.NewTimer(d).C
	}
	return err
}

// readable makes a device readable for all users at once. udev would need some time.
func readable(name string) error {
	node, err := nodeOf(name)
	if err != nil {
		return err
	}
	return os.Chmod(node, 0o644)
}

// churn creates devices, and removes each when the next one exists. All users can read
// them.
func churn(times, keys, name string) error {
	n, err := strconv.Atoi(times)
	var last *goevdev.InputDevice
	for i := range n {
		dev, err := device("0001:0001", keys, fmt.Sprint(name, " ", i))
		if err != nil {
			return err
		}
		if err := readable(fmt.Sprint(name, " ", i)); err != nil {
			return err
		}
		if last != nil {
			err = errors.Join(goevdev.DestroyDevice(last), last.Close())
		}
		if last = dev; err != nil {
			return err
		}
	}
	if last != nil {
		err = errors.Join(err, goevdev.DestroyDevice(last), last.Close())
	}
	return err
}
