package helperproto

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

var requests = []Request{
	{Kind: Hello, Version: Version},
	{Kind: Bind, Serial: 7},
	{Kind: Bind, Serial: 255, Bindings: []Binding{
		{Keys: []key.Code{97}},
		{Keys: []key.Code{125, 67}, Device: "05f3:00ff", Grab: true},
	}},
	{Kind: Ready}, {Kind: Down, Code: 30}, {Kind: Up, Code: 767}, {Kind: Tap, Code: 30}, {Kind: End},
}

var reports = []Report{
	Answer{}, Answer{Late},
	Hold{Serial: 3, Binding: 7, Down: true, At: time.Hour}, Hold{Cause: key.Ceded, At: -1},
	State{Serial: 1, Session: Locked, Keyboard: true, Devices: 4, Missing: 0x80, Refused: 1},
}

func TestRoundTrip(t *testing.T) {
	for _, want := range requests {
		got, err := ParseRequest(want.Append(nil))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v came back as %+v, %v", want, got, err)
		}
	}
	for _, want := range reports {
		got, err := ParseReport(Encode(want))
		if err != nil || got != want {
			t.Errorf("%+v came back as %+v, %v", want, got, err)
		}
	}
}

// TestStrict: a message with a byte missing, or one too many, is an error.
func TestStrict(t *testing.T) {
	for _, r := range requests {
		b := r.Append(nil)
		for n := range b {
			if got, err := ParseRequest(b[:n]); err == nil {
				t.Errorf("%d of %d bytes of %+v are %+v", n, len(b), r, got)
			}
		}
		if _, err := ParseRequest(append(b, 0)); err == nil {
			t.Errorf("a byte after %+v is accepted", r)
		}
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "kind 0": {0}, "kind 8": {8}, "half a truth": {2, 0, 1, 2, 1, 97, 0, 0},
		"no key": {2, 0, 1, 0, 0, 0}, "five keys": {2, 0, 1, 0, 5, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0},
		"nine bindings": append([]byte{2, 0, 9}, bytes.Repeat([]byte{0, 1, 97, 0, 0}, 9)...),
	} {
		if r, err := ParseRequest(b); err == nil {
			t.Errorf("%s: taken as %+v", name, r)
		}
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "kind 0": {0}, "kind 4": {4}, "no such reason": {1, byte(len(reasons))}, "binding 8": append([]byte{2, 0, 8, 1, 0}, make([]byte, 8)...), "no such cause": append([]byte{2, 0, 0, 1, 4}, make([]byte, 8)...),
	} {
		if r, err := ParseReport(b); err == nil {
			t.Errorf("%s: taken as %+v", name, r)
		}
	}
}

func TestFits(t *testing.T) {
	one := Binding{Keys: []key.Code{97}}
	long := Binding{Keys: []key.Code{97}, Device: strings.Repeat("x", 255)}
	for _, tt := range []struct {
		name     string
		bindings []Binding
		want     bool
	}{
		{"none", nil, true},
		{"eight", []Binding{one, one, one, one, one, one, one, one}, true},
		{"nine", []Binding{one, one, one, one, one, one, one, one, one}, false},
		{"the longest name", []Binding{long}, true},
		{"four keys", []Binding{{Keys: []key.Code{1, 2, 3, 4}}}, true},
		{"five keys", []Binding{{Keys: []key.Code{1, 2, 3, 4, 5}}}, false},
		{"as long as possible", []Binding{long, long, long, {Keys: one.Keys, Device: long.Device[:236]}}, true},
		{"a byte too long", []Binding{long, long, long, {Keys: one.Keys, Device: long.Device[:237]}}, false},
		{"a key too long", []Binding{long, long, long, {Keys: []key.Code{1, 2}, Device: long.Device[:235]}}, false},
		{"too long together", []Binding{long, long, long, long}, false},
		{"long name", []Binding{{Keys: one.Keys, Device: strings.Repeat("x", 256)}}, false},
		{"no key", []Binding{{}}, false},
	} {
		if got := Fits(tt.bindings); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		} else if !got {
			continue
		}
		r := Request{Kind: Bind, Bindings: tt.bindings}
		b := r.Append(nil)
		if again, err := ParseRequest(b); len(b) > Most || err != nil || len(again.Bindings) != len(r.Bindings) {
			t.Errorf("%s: %d bytes, %v", tt.name, len(b), err)
		}
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	for r, words := range reasons {
		if words == "" || (Reason(r).Err() == nil) != (r == 0) {
			t.Errorf("reason %d: %q, %v", r, words, Reason(r).Err())
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	for _, r := range requests {
		f.Add(r.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseRequest(b)
		if err != nil || len(b) > Most {
			return
		}
		if again := r.Append(nil); !bytes.Equal(again, b) {
			t.Errorf("%x is %+v, which is %x", b, r, again)
		}
	})
}

func FuzzParseReport(f *testing.F) {
	for _, r := range reports {
		f.Add(Encode(r))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseReport(b)
		if err != nil {
			return
		}
		if again := Encode(r); !bytes.Equal(again, b) {
			t.Errorf("%x is %+v, which is %x", b, r, again)
		}
	})
}
