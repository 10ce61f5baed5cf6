package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/key"
)

// checkKey examines whether a device has each bound key, and whether the daemon may
// read it.
func (m *Machine) checkKey(context.Context) report.Finding {
	devices, err := m.devices()
	if err != nil {
		return report.Bad(report.Broken, "cat /proc/bus/input/devices", "%v: there is no keyboard, or this is a container without its devices", err)
	}
	devices = slices.DeleteFunc(devices, func(d evdev.Device) bool { return d.Virtual && d.Name == inject.Name })
	var found []string
	for _, b := range settings.Bindings(m.cfg.Config) {
		name := settings.ChordName(b.Keys)
		for _, k := range b.Keys {
			d, f := m.findKey(devices, b, k, name)
			if d == "" {
				return f
			}
			if !slices.Contains(found, name+" on "+d) {
				found = append(found, name+" on "+d)
			}
		}
		if b.Grab {
			if f := checkGrab(devices, b); f.State != report.OK {
				return f
			}
		}
	}
	return report.Good("%s", strings.Join(found, ", "))
}

// findKey returns the device that has a key of a binding. If there is none, the finding
// says why.
func (m *Machine) findKey(devices []evdev.Device, b evdev.Binding, k key.Code, name string) (device string, f report.Finding) {
	counts, denied := 0, ""
	for _, d := range devices {
		if !b.Selects(d) {
			continue
		}
		counts++
		if !d.Keys.Has(k) {
			continue
		}
		if d.Err == nil || m.usesHelper() {
			return d.Name, report.Finding{}
		}
		denied = d.Path
	}
	switch {
	case denied != "":
		return "", m.denied(denied, denied+" has "+name, eventRule, "--subsystem-match=input")
	case counts == 0 && b.Device != "":
		return "", report.Bad(report.Broken, "vocoder devices", "no device is %q, on which %s is bound", b.Device, name)
	}
	return "", report.Bad(report.Broken, "vocoder keys --learn", "no device has %s", name)
}

// checkGrab examines whether the devices of a binding may be grabbed.
func checkGrab(devices []evdev.Device, b evdev.Binding) report.Finding {
	for _, d := range devices {
		if !b.Selects(d) || !d.Keys.Has(b.Keys[0]) {
			continue
		}
		if err := d.Dedicated(); err != nil {
			return report.Bad(report.Warning, "vocoder config set grab false", "%s is not grabbed: %v", d.Name, err)
		}
	}
	return report.Finding{}
}
