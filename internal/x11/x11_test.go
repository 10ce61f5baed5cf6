package x11

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// entry is a record of an Xauthority file.
func entry(family uint16, parts ...string) []byte {
	b := binary.BigEndian.AppendUint16(nil, family)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
		b = append(b, p...)
	}
	return b
}

func TestFindCookie(t *testing.T) {
	file := bytes.Join([][]byte{
		entry(0, "\x7f\x00\x00\x01", "1", cookieName, "by internet"),
		entry(256, "elsewhere", "1", cookieName, "of another machine"),
		entry(256, "here", "1", "XDM-AUTHORIZATION-1", "of another kind"),
		entry(256, "here", "1", cookieName, "display 1"),
		entry(256, "here", "2", cookieName, "display 2"),
		entry(65535, "", "", cookieName, "any"),
	}, nil)
	for number, want := range map[int]string{1: "display 1", 2: "display 2", 3: "any"} {
		if got := findCookie(file, "here", number); string(got) != want {
			t.Errorf("display %d: %q", number, got)
		}
	}
	if got := findCookie(file, "nowhere", 1); string(got) != "any" {
		t.Errorf("another host: %q", got)
	}
	for n := range len(file) { // cut short, it is what was whole of it
		if got := findCookie(file[:n], "nowhere", 1); got != nil {
			t.Errorf("%d bytes of the file: %q", n, got)
		}
	}
}

// FuzzFindCookie checks that a broken record hides the ones behind it, and
// nothing worse.
func FuzzFindCookie(f *testing.F) {
	f.Add(entry(256, "here", "1", cookieName, "cookie"))
	f.Add([]byte{1, 0, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := findCookie(b, "here", 1)
		if got != nil && !bytes.Contains(b, append([]byte(cookieName), byte(len(got)>>8), byte(len(got)))) {
			t.Errorf("%q is no cookie of %q", got, b)
		}
		if whole := findCookie(append(entry(65535, "", "", cookieName, "first"), b...), "here", 1); string(whole) != "first" {
			t.Errorf("the first record gives %q", whole)
		}
	})
}

func TestNumber(t *testing.T) {
	for display, want := range map[string]int{":0": 0, ":1.0": 1, "unix:12": 12, "localhost:10": -1, "": -1, ":": -1, ":-1": -1, "wayland-0": -1} {
		got, err := Number(display)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %d, %v", display, got, err)
		}
	}
}

func TestGreeting(t *testing.T) {
	if got, want := greeting(nil), []byte("l\x00\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00"); !bytes.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got, want := greeting([]byte("12345")), []byte("l\x00\x0b\x00\x00\x00\x12\x00\x05\x00\x00\x00MIT-MAGIC-COOKIE-1\x00\x0012345\x00\x00\x00"); !bytes.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
