package evdev

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

func TestBindable(t *testing.T) {
	tests := map[string]struct {
		keys []key.Code
		want error
	}{
		"right ctrl":         {[]key.Code{ctrl}, nil},
		"F13":                {[]key.Code{f13}, nil},
		"escape":             {[]key.Code{goevdev.KEY_ESC}, nil},
		"caps lock":          {[]key.Code{goevdev.KEY_CAPSLOCK}, nil},
		"a shift alone":      {[]key.Code{goevdev.KEY_RIGHTSHIFT}, nil},
		"a mouse's side":     {[]key.Code{goevdev.BTN_SIDE}, nil},
		"microphone mute":    {[]key.Code{goevdev.KEY_MICMUTE}, nil},
		"ctrl+alt+letter":    {[]key.Code{ctrl, alt, keyA}, nil},
		"letter":             {[]key.Code{keyA}, ErrWrites},
		"digit":              {[]key.Code{goevdev.KEY_0}, ErrWrites},
		"keypad digit":       {[]key.Code{goevdev.KEY_KP5}, ErrWrites},
		"space":              {[]key.Code{space}, ErrWrites},
		"enter":              {[]key.Code{enter}, ErrWrites},
		"backspace":          {[]key.Code{goevdev.KEY_BACKSPACE}, ErrWrites},
		"tab":                {[]key.Code{goevdev.KEY_TAB}, ErrWrites},
		"punctuation":        {[]key.Code{goevdev.KEY_SLASH}, ErrWrites},
		"shift+letter":       {[]key.Code{goevdev.KEY_LEFTSHIFT, keyA}, ErrWrites},
		"two letters":        {[]key.Code{keyA, goevdev.KEY_Z}, ErrWrites},
		"click":              {[]key.Code{goevdev.BTN_LEFT}, ErrClicks},
		"ctrl+click":         {[]key.Code{ctrl, goevdev.BTN_RIGHT}, nil},
		"finger on touchpad": {[]key.Code{goevdev.BTN_TOOL_FINGER}, ErrClicks},
		"touch":              {[]key.Code{goevdev.BTN_TOUCH}, ErrClicks},
		"letter and click":   {[]key.Code{goevdev.BTN_LEFT, keyA}, ErrClicks},
	}
	for name, tt := range tests {
		if got := Bindable(tt.keys...); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	// A US keyboard writes with 26 letters, 10 digits, 11 marks and space, and
	// has enter, tab, backspace and delete.
	var us int
	for c := range writing.All() {
		if c <= goevdev.KEY_SPACE || c == goevdev.KEY_DELETE {
			if !slices.Contains([]key.Code{goevdev.KEY_KPASTERISK}, c) {
				us++
			}
		}
	}
	if us != 26+10+11+1+4 {
		t.Errorf("%d keys write on a US keyboard, want 52", us)
	}
}

func TestKinds(t *testing.T) {
	tests := map[string]struct {
		keys Set
		want Kind
		grab error
	}{
		"full keyboard":          {letters.or(SetOf(space, enter, f13)), Keyboard, ErrKeyboard},
		"keyboard with pointer":  {letters.or(SetOf(space, enter, goevdev.BTN_LEFT)), Keyboard, ErrKeyboard},
		"number pad":             {SetOf(goevdev.KEY_KP0, goevdev.KEY_KPENTER), Buttons, nil},
		"macro pad with letters": {letters, Buttons, nil},
		"pedal":                  {SetOf(f14, f15, f16), Buttons, nil},
		"mouse":                  {SetOf(goevdev.BTN_LEFT, goevdev.BTN_SIDE), Pointer, ErrPointer},
		"touchpad":               {SetOf(goevdev.BTN_TOUCH), Pointer, ErrPointer},
		"gamepad":                {SetOf(goevdev.BTN_SOUTH), Gamepad, nil},
		"none":                   {Set{}, Other, nil},
	}
	for name, tt := range tests {
		d := Device{Keys: tt.keys}
		if d.Kind() != tt.want || d.Dedicated() != tt.grab {
			t.Errorf("%s: %v, %v; want %v, %v", name, d.Kind(), d.Dedicated(), tt.want, tt.grab)
		}
	}
}

func TestSelects(t *testing.T) {
	d := Device{
		Path: "/dev/input/event5", Name: "VEC USB Footpedal", Phys: "usb-0000:00:14.0-2/input0", Uniq: "aa:bb:cc:dd:ee:ff",
		Vendor: 0x05f3, Product: 0x00ff, Links: []string{"/dev/input/by-id/usb-VEC-event-if00"},
	}
	for sel, want := range map[string]bool{
		"": true, "05f3:00ff": true, "05F3:00FF": true, "05f3:00fe": false, "5f3:ff": false,
		"VEC USB Footpedal": true, "VEC": false, "usb-0000:00:14.0-2/input0": true, "aa:bb:cc:dd:ee:ff": true,
		"/dev/input/by-id/usb-VEC-event-if00": true, "/dev/input/event5": true, "/dev/input/event6": false,
	} {
		if got := (Binding{Device: sel}).Selects(d); got != want {
			t.Errorf("%q selects: %v, want %v", sel, got, want)
		}
	}
	if (Binding{Device: "1234:abcd"}).Selects(Device{Name: "1234:abcd"}) != true {
		t.Error("a name that looks like an id does not select")
	}
}

func TestParseBitmap(t *testing.T) {
	if wordBits != 64 {
		t.Skip("the samples are of a 64-bit machine")
	}
	tests := map[string]Set{
		"0":                           {},
		"":                            {},
		"2":                           SetOf(goevdev.KEY_ESC),
		"700000000000000 0 0":         SetOf(f14, f15, f16),
		"10000 0 0 0 0":               SetOf(goevdev.BTN_LEFT),
		"1 0 0 0 0 0 0 0 0 0 0 0":     SetOf(704),
		"1 0 0 0 0 0 0 0 0 0 0 0 0":   {}, // more keys than there are
		"1 0 0 0 0 0 0 0 0 0 0 0 0 0": {},
		"1 zz":                        {},
		"-1":                          {},
		"12345678123456781 0":         {},
	}
	for text, want := range tests {
		if got := parseBitmap(text); got != want {
			t.Errorf("parseBitmap(%q) = %v, want %v", text, got, want)
		}
	}
}

// The law of parseBitmap: what is printed as the kernel prints it reads back.
func FuzzBitmap(f *testing.F) {
	f.Add("700000000000000 0 0")
	f.Add("1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe")
	f.Fuzz(func(t *testing.T, text string) {
		s := parseBitmap(text)
		if again := parseBitmap(printBitmap(s)); again != s {
			t.Fatalf("%q is %v, and printed and parsed again %v", text, s, again)
		}
	})
}

// printBitmap is input_print_bitmap of the kernel.
func printBitmap(s Set) string {
	var words []string
	for i := len(s)*64/wordBits - 1; i >= 0; i-- {
		w := s[i*wordBits/64] >> (i * wordBits % 64) & (1<<(wordBits-1)<<1 - 1)
		if w != 0 || len(words) > 0 || i == 0 {
			words = append(words, hex(w))
		}
	}
	return strings.Join(words, " ")
}

func hex(v uint64) string {
	const digits = "0123456789abcdef"
	if v < 16 {
		return digits[v : v+1]
	}
	return hex(v/16) + digits[v%16:v%16+1]
}

func TestSets(t *testing.T) {
	s := SetOf(0, 1, 63, 64, 0x2ff, 0x300, 0xffff)
	if got := slices.Collect(s.All()); !slices.Equal(got, []key.Code{0, 1, 63, 64, 0x2ff}) || s.Len() != 5 {
		t.Errorf("%v, %d of them", got, s.Len())
	}
	if s.Has(0x300) || s.Has(0xffff) || !s.Has(0x2ff) {
		t.Error("codes above KEY_MAX")
	}
	s.remove(64)
	s.remove(0xffff)
	s.remove(0x300)
	if s.Has(64) || !s.Has(63) {
		t.Error("remove")
	}
	for range s.All() {
		break
	}
}

// sysfs makes a folder as /sys/class/input and one as /dev/input.
func sysfs(t *testing.T) system {
	t.Helper()
	root := t.TempDir()
	s := system{dir: filepath.Join(root, "dev"), class: filepath.Join(root, "class")}
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, path string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.Symlink(to, path)); err != nil {
			t.Fatal(err)
		}
	}
	pedal := "devices/pci/usb1/input/input17"
	for name, text := range map[string]string{
		"name": "VEC  VEC USB Footpedal\n", "phys": "usb-1/input0\n", "uniq": "\n",
		"id/bustype": "0003\n", "id/vendor": "05f3\n", "id/product": "00ff\n", "id/version": "0120\n",
		"capabilities/key": "700000000000000 0 0\n", "capabilities/rel": "0\n", "capabilities/abs": "0\n",
	} {
		write(pedal+"/"+name, text)
	}
	link("../../input17", pedal+"/event10/device")
	link("../"+pedal+"/event10", "class/event10")
	link("../devices/virtual/input/input18/event2", "class/event2")
	link("../../input18", "devices/virtual/input/input18/event2/device") // half gone
	write("dev/event10", "")
	write("dev/event2", "")
	write("dev/mice", "")
	link("../event10", "dev/by-id/usb-VEC-event-if00")
	link("../event99", "dev/by-id/usb-gone")
	return s
}

func TestDescribe(t *testing.T) {
	s := sysfs(t)
	got, err := s.describe("event10")
	want := Device{
		Path: filepath.Join(s.dir, "event10"), Sysname: "input17", Name: "VEC  VEC USB Footpedal", Phys: "usb-1/input0",
		Bus: 3, Vendor: 0x05f3, Product: 0x00ff, Keys: SetOf(f14, f15, f16),
	}
	if err != nil || !same(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	for _, name := range []string{"event2", "event3"} {
		if _, err := s.describe(name); !gone(err) {
			t.Errorf("%s: %v, want it gone", name, err)
		}
	}
	at := filepath.Join(s.class, "event10", "device")
	for name, text := range map[string]string{"id/vendor": "zz\n", "id/product": "10000\n", "phys": ""} {
		good, err := os.ReadFile(filepath.Join(at, name))
		if err != nil {
			t.Fatal(err)
		}
		if text == "" {
			err = os.Remove(filepath.Join(at, name))
		} else {
			err = os.WriteFile(filepath.Join(at, name), []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if d, err := s.describe("event10"); err == nil {
			t.Errorf("%s is %q: %+v, and no error", name, text, d)
		}
		if err := os.WriteFile(filepath.Join(at, name), good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := s.nodes(); err != nil || !slices.Equal(names, []string{"event2", "event10"}) {
		t.Errorf("nodes %v, %v", names, err)
	}
}

func same(a, b Device) bool {
	return a.Path == b.Path && a.Sysname == b.Sysname && a.Name == b.Name && a.Phys == b.Phys && a.Uniq == b.Uniq &&
		a.Bus == b.Bus && a.Vendor == b.Vendor && a.Product == b.Product &&
		a.Virtual == b.Virtual && a.Keys == b.Keys && a.Err == b.Err && slices.Equal(a.Links, b.Links)
}

// TestVirtual: a device of uinput is virtual, one of a bus is not.
func TestVirtual(t *testing.T) {
	s := sysfs(t)
	root := filepath.Dir(s.class)
	if err := errors.Join(os.Rename(filepath.Join(root, "devices", "pci", "usb1", "input", "input17"), filepath.Join(root, "devices", "virtual", "input", "input17")),
		os.Remove(filepath.Join(s.class, "event10")), os.Symlink("../devices/virtual/input/input17/event10", filepath.Join(s.class, "event10"))); err != nil {
		t.Fatal(err)
	}
	if d, err := s.describe("event10"); err != nil || !d.Virtual {
		t.Errorf("%+v, %v: it is not virtual", d, err)
	}
}

// TestNoSysfs: a node is asked itself only where there is no sysfs. Otherwise one without an
// entry there is gone.
func TestNoSysfs(t *testing.T) {
	s := sysfs(t)
	if err := os.WriteFile(filepath.Join(s.dir, "event5"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.describe("event5"); !gone(err) {
		t.Errorf("%v, want it gone", err)
	}
	s.class += "none"
	if _, err := s.describe("event5"); err == nil || gone(err) {
		t.Errorf("%v, want that it is no device", err)
	}
}

// A node whose name is now that of another device is not opened as the old one.
func TestOpenOnlyTheOneMeant(t *testing.T) {
	s := sysfs(t)
	for _, tt := range []struct {
		node, sysname string
		gone          bool // otherwise the file is found to be no device
	}{
		{"event10", "input16", true},
		{"event2", "input18", false},
		{"event10", "input17", false},
		{"event10", "", false},
		{"mice", "input17", true}, // it has no entry in sysfs
	} {
		_, err := s.open(Device{Path: filepath.Join(s.dir, tt.node), Sysname: tt.sysname}, Set{})
		if err == nil || gone(err) != tt.gone {
			t.Errorf("%s as %s: %v, want it gone: %v", tt.node, tt.sysname, err, tt.gone)
		}
	}
}

// TestCheckKeys: each key of the kernel can be bound, and no other number.
func TestCheckKeys(t *testing.T) {
	for c, want := range map[key.Code]bool{0: false, 1: true, goevdev.KEY_MAX: true, goevdev.KEY_MAX + 1: false, 0xffff: false} {
		if err := bind(c).Check(); (err == nil) != want {
			t.Errorf("%d: %v", c, err)
		}
	}
	l := New(Config{Bindings: []Binding{bind(f13), {}}})
	if err := l.Run(t.Context(), nil); err == nil || err.Error() != "binding 2: binding has no key" {
		t.Errorf("%v", err)
	}
}
