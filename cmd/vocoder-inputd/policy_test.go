package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

func TestPolicy(t *testing.T) {
	const pedal, f9 key.Code = 184, 67
	for _, tt := range []struct {
		name, text string
		asked      helperproto.Binding
		want       evdev.Binding
		ok         bool
	}{
		{"default", "", helperproto.Binding{Keys: []key.Code{rightCtrl}, Grab: true}, evdev.Binding{Keys: []key.Code{rightCtrl}, Grab: true}, true},
		{"the user picks a device", "", helperproto.Binding{Keys: []key.Code{pedal}, Device: "Pedal"}, evdev.Binding{Keys: []key.Code{pedal}, Device: "Pedal"}, true},
		{"the first of the default's pedals", "", helperproto.Binding{Keys: []key.Code{183}}, evdev.Binding{Keys: []key.Code{183}}, true},
		{"the last of them", "", helperproto.Binding{Keys: []key.Code{194}}, evdev.Binding{Keys: []key.Code{194}}, true},
		{"the key after it", "", helperproto.Binding{Keys: []key.Code{195}}, evdev.Binding{}, false},
		{"no letter", "", helperproto.Binding{Keys: []key.Code{keyA}}, evdev.Binding{}, false},
		{"no part of a chord", "bindings: [{key: KEY_LEFTMETA+KEY_F9}]", helperproto.Binding{Keys: []key.Code{f9}}, evdev.Binding{}, false},
		{"the chord in another order", "bindings: [{key: KEY_LEFTMETA+KEY_F9}]", helperproto.Binding{Keys: []key.Code{f9, 125}}, evdev.Binding{Keys: []key.Code{f9, 125}}, true},
		{"a key twice is not the chord", "bindings: [{key: KEY_LEFTMETA+KEY_F9}]", helperproto.Binding{Keys: []key.Code{f9, f9}}, evdev.Binding{Keys: []key.Code{f9, f9}}, true}, // Check refuses it
		{"the list replaces the default", "bindings: [{key: KEY_F14}]", helperproto.Binding{Keys: []key.Code{rightCtrl}}, evdev.Binding{}, false},
		{"only the owner's device", "bindings: [{key: KEY_F14, device: A}]", helperproto.Binding{Keys: []key.Code{pedal}}, evdev.Binding{Keys: []key.Code{pedal}, Device: "A"}, true},
		{"a link of the user to the owner's device", "bindings: [{key: KEY_F14, device: A}]", helperproto.Binding{Keys: []key.Code{pedal}, Device: "/net/far/away"}, evdev.Binding{}, false},
		{"a device by its link", "", helperproto.Binding{Keys: []key.Code{pedal}, Device: "/dev/input/by-id/x"}, evdev.Binding{Keys: []key.Code{pedal}, Device: "/dev/input/by-id/x"}, true},
		{"a link of the owner", "", helperproto.Binding{Keys: []key.Code{pedal}, Device: "/dev/pedal"}, evdev.Binding{Keys: []key.Code{pedal}, Device: "/dev/pedal"}, true},
		{"a link of the user", "", helperproto.Binding{Keys: []key.Code{pedal}, Device: "/net/far/away"}, evdev.Binding{}, false},
		{"a link of the user in /dev", "", helperproto.Binding{Keys: []key.Code{pedal}, Device: "/dev/shm/x"}, evdev.Binding{}, false},
		{"a link of the user by dots", "", helperproto.Binding{Keys: []key.Code{pedal}, Device: "/dev/input/../../net/x"}, evdev.Binding{}, false},
		{"a path that the owner chose", "bindings: [{key: KEY_F14, device: /home/x}]", helperproto.Binding{Keys: []key.Code{pedal}, Device: "/home/x"}, evdev.Binding{Keys: []key.Code{pedal}, Device: "/home/x"}, true},
		{"no other device", "bindings: [{key: KEY_F14, device: A}]", helperproto.Binding{Keys: []key.Code{pedal}, Device: "B"}, evdev.Binding{Keys: []key.Code{pedal}, Device: "B", Within: []string{"A"}}, true},
		{"capitals of an ID", "bindings: [{key: KEY_F14, device: '05f3:00ff', grab: true}]", helperproto.Binding{Keys: []key.Code{pedal}, Device: "05F3:00FF", Grab: true}, evdev.Binding{Keys: []key.Code{pedal}, Device: "05f3:00ff", Grab: true}, true},
		{"one of several", "bindings: [{key: KEY_F14, device: A, grab: true}, {key: KEY_F13, device: C}, {key: KEY_F14, device: B}]", helperproto.Binding{Keys: []key.Code{pedal}, Device: "D", Grab: true}, evdev.Binding{Keys: []key.Code{pedal}, Device: "D", Within: []string{"A", "B"}}, true},
		{"the same name before others", "bindings: [{key: KEY_F14, device: A}, {key: KEY_F14, device: B, grab: true}]", helperproto.Binding{Keys: []key.Code{pedal}, Device: "B", Grab: true}, evdev.Binding{Keys: []key.Code{pedal}, Device: "B", Grab: true}, true},
		{"no grab", "bindings: [{key: KEY_F14}]", helperproto.Binding{Keys: []key.Code{pedal}, Grab: true}, evdev.Binding{Keys: []key.Code{pedal}}, true},
	} {
		r, err := parsePolicy([]byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, ok := r.allow(tt.asked)
		if ok != tt.ok || ok && (got.Device != tt.want.Device || got.Grab != tt.want.Grab || !slices.Equal(got.Within, tt.want.Within) || !slices.Equal(got.Keys, tt.want.Keys)) {
			t.Errorf("%s: %+v %v, want %+v %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

// TestSameDevice: whatever the owner and the user call a device, it is the one.
func TestSameDevice(t *testing.T) {
	const link = "/dev/input/by-id/usb-VEC_VEC_USB_Footpedal-event-if00"
	pedal := evdev.Device{Name: "VEC  VEC USB Footpedal", Phys: "usb-1/input0", Vendor: 0x05f3, Product: 0x00ff, Path: "/dev/input/event7", Links: []string{link}}
	other := evdev.Device{Name: "another", Phys: "usb-2/input0", Vendor: 0x05f3, Product: 0x0100, Path: "/dev/input/event8"}
	names := []string{"05f3:00ff", "05F3:00FF", pedal.Name, pedal.Phys, link, ""}
	for _, owner := range names {
		p, err := parsePolicy([]byte("bindings: [{key: KEY_F14, device: '" + owner + "'}]"))
		if err != nil {
			t.Fatal(err)
		}
		for _, user := range append(names, "another", "05f3:0100") {
			b, ok := p.allow(helperproto.Binding{Keys: []key.Code{184}, Device: user})
			wrong := user == "another" || user == "05f3:0100"
			if ok && b.Selects(pedal) == wrong || !ok && !wrong {
				t.Errorf("allowed for %q, asked for %q: %+v, %v", owner, user, b, ok)
			}
			if ok && owner != "" && b.Selects(other) {
				t.Errorf("allowed for %q, asked for %q: it selects another device", owner, user)
			}
		}
	}
}

func TestBadPolicy(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown name", "pasta: true\n", "[1:1]"},
		{"unknown key", "bindings: [{key: KEY_F99}]\n", "binding 1: unknown key"},
		{"no key", "paste: true\nbindings: [{device: x}]\n", "binding 1: unknown key"},
		{"a letter", "bindings: [{key: KEY_F14}, {key: KEY_A}]\n", "binding 2: " + evdev.ErrWrites.Error()},
		{"a click", "bindings: [{key: BTN_LEFT}]\n", "binding 1: " + evdev.ErrClicks.Error()},
		{"no YAML", "bindings: [\n", "[1:"},
	} {
		if _, err := parsePolicy([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	if _, err := readPolicy(t.TempDir()); err == nil {
		t.Error("a folder is taken for policy")
	} else if _, ok := errors.AsType[*settingsError](err); !ok {
		t.Errorf("%v is no error of the settings", err)
	}
}

// TestKeys: the virtual keyboard has the keys that text needs, and none that has an
// effect outside the window.
func TestKeys(t *testing.T) {
	never := []key.Code{0, 1, 14, 15, 28, 29, 56, 58, 96, 97, 99, 102, 103, 105, 106, 107, 108, 111, 113, 114, 115, 116, 119, 125, 126, 127, 142, 143, 152, 205}
	for c := key.Code(59); c <= 70; c++ {
		if c != 69 { // Num Lock, which the layout neo writes ≠ with
			never = append(never, c)
		}
	}
	for c := key.Code(183); c <= 194; c++ {
		never = append(never, c)
	}
	r := defaultPolicy()
	for _, c := range never {
		if slices.Contains(r.keys(), c) {
			t.Errorf("it has %v", c)
		}
	}
	if n := len(r.keys()); n != 79 {
		t.Errorf("it has %d keys, want 79", n)
	}
	for name, tt := range map[string]struct {
		policy policy
		c      key.Code
		want   bool
	}{
		"Insert":                  {policy{Paste: true}, insert, true},
		"no Insert":               {policy{}, insert, false},
		"Insert of the keypad":    {policy{Paste: true}, keypad0, true},
		"no Insert of the keypad": {policy{}, keypad0, false},
		"Shift that is not left":  {policy{}, rightShift, true},
		"Ctrl by the owner":       {policy{ControlPaste: true}, leftCtrl, true},
		"Ctrl that is not left":   {policy{ControlPaste: true}, rightCtrl, true},
		"no Ctrl":                 {policy{Paste: true}, rightCtrl, false},
		"Enter by the owner":      {policy{Enter: true}, enter, true},
	} {
		if got := slices.Contains(tt.policy.keys(), tt.c); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestKeyBudget(t *testing.T) {
	start := time.Unix(1e9, 0)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	type hold [2]float64
	for _, tt := range []struct {
		name  string
		holds []hold
		now   float64
		want  int
	}{
		{"none", nil, 0, 0},
		{"a slip", []hold{{0, 0}}, 1, 600},
		{"ten seconds", []hold{{0, 10}}, 11, 1000},
		{"an hour", []hold{{0, 3600}}, 3601, 8000},
		{"backwards", []hold{{20, 0}}, 1, 0},
		{"just in time", []hold{{0, 10}}, 129.9, 1000},
		{"too late", []hold{{0, 10}}, 130, 0},
		{"two", []hold{{0, 10}, {20, 25}}, 26, 1800},
		{"the first is too late", []hold{{0, 10}, {20, 25}}, 131, 800},
		{"toggled", []hold{{0, 0.2}, {60, 60.2}}, 61, 600 + 600 + 2408},
		{"toggled long ago", []hold{{0, 0.2}, {301, 301.2}}, 302, 608},
		{"a hold of a second is no tap", []hold{{0, 1}, {60, 60.2}}, 61, 640 + 608},
		{"nor the one after a tap", []hold{{0, 0.2}, {60, 61}}, 61, 608 + 640},
		{"just too long ago", []hold{{0, 0.2}, {300, 300.2}}, 301, 608},
		{"the one after", []hold{{0, 10}, {129, 130}}, 131, 640},
		{"a tap after a hold", []hold{{0, 2}, {60, 60.2}}, 61, 680 + 608},

		// Silence ends a recording that a tap began, or its maximum does. All of the text is
		// typed that is not pasted: 400 characters, some of them with dead keys.
		{"ended by silence", []hold{{0, 0}}, 30, 600},
		{"ended by its maximum", []hold{{0, 0}}, 125, 600},
		{"ended long ago", []hold{{0, 0}}, 420, 0},
		{"only the last tap lasts", []hold{{0, 0}, {1, 1}, {200, 201}}, 201, 640},
	} {
		var b keyBudget
		for _, h := range tt.holds {
			b.grant(at(h[0]), at(h[1]))
		}
		n := 0
		for ; b.spend(at(tt.now)); n++ {
		}
		if n != tt.want && !(strings.HasPrefix(tt.name, "toggled") && n > tt.want-10 && n <= tt.want+10) {
			t.Errorf("%s: %d keys, want %d", tt.name, n, tt.want)
		}
	}
}
