package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/key"
)

// checkKey examines whether some device has each bound key, and may be read.
func (m *Machine) checkKey(context.Context) report.Finding {
	devices, err := m.devices()
	if err != nil {
		return report.Bad(report.Broken, "vocoder devices", "%v", err)
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

// findKey returns the device that has a key of a binding, or what is wrong.
func (m *Machine) findKey(devices []evdev.Device, b evdev.Binding, k key.Code, name string) (device string, f report.Finding) {
	counts, denied := 0, ""
	for _, d := range devices {
		if !isSelected(d, b.Device) {
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
		if g := m.missingGroup(denied); g != "" {
			return "", report.Bad(report.Broken, m.restartManager(), "%s: permission denied: the session began before this user was in group %s", denied, g)
		}
		return "", report.Bad(report.Broken, allowCommand(eventRule, "--subsystem-match=input"), "%s has %s: permission denied", denied, name)
	case counts == 0 && b.Device != "":
		return "", report.Bad(report.Broken, "vocoder devices", "no device is %q, on which %s is bound", b.Device, name)
	}
	return "", report.Bad(report.Broken, "vocoder keys --learn", "no device has %s", name)
}

// isSelected reports whether the setting device means d.
func isSelected(d evdev.Device, want string) bool {
	id := fmt.Sprintf("%04x:%04x", d.Vendor, d.Product)
	return want == "" || slices.Contains(append([]string{d.Name, id, d.Phys, d.Uniq, d.Path}, d.Links...), want) || strings.EqualFold(id, want)
}

func checkGrab(devices []evdev.Device, b evdev.Binding) report.Finding {
	for _, d := range devices {
		if isSelected(d, b.Device) && d.Keys.Has(b.Keys[0]) {
			if err := d.Dedicated(); err != nil {
				return report.Bad(report.Warning, "vocoder config set grab false", "%s is not checkGrab: %v", d.Name, err)
			}
		}
	}
	return report.Finding{}
}
