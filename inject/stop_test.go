package inject

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// TestStopAnywhere stops a text at each of its events, in every way there is:
// no key stays down, and what was typed and the rest make up the text.
func TestStopAnywhere(t *testing.T) {
	const text = "aÜ bAm\u0308¿B!"
	for _, way := range []string{"cancel", "device fails", "device fails and is back", "device fails late", "device fails three times", "panic"} {
		for at := 1; ; at++ {
			ended := false
			bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
				name := fmt.Sprintf("%s at event %d", way, at)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				d.onWrite = func(n int) error {
					switch {
					case way == "cancel" && n == at:
						cancel()
					case way == "device fails" && n >= at:
						return errBroken
					case way == "device fails and is back" && n == at:
						return errBroken
					case way == "device fails late" && n == at:
						return errLate
					case way == "device fails three times" && n >= at && n < at+3:
						return errBroken
					case way == "panic" && n == at:
						d.failed = true
						panic(errBroken)
					}
					return nil
				}
				var res Result
				var err error
				func() {
					defer func() {
						if p := recover(); p != nil && p != errBroken {
							panic(p)
						}
					}()
					res, err = ty.Type(ctx, text)
				}()
				ended = d.writes < at
				switch {
				case way == "device fails":
					if d.held = nil; !ended && !errors.Is(err, errBroken) {
						t.Errorf("%s: %v", name, err)
					}
					return
				case way == "device fails three times":
					if len(d.held) > 1 {
						t.Errorf("%s: keys are down: %d", name, d.held)
					}
					d.held = nil
				case way == "panic":
					if d.writes == at {
						d.held = d.held[:0] // it panicked at its last release
					}
					return
				case way == "cancel" && err != nil:
					t.Errorf("%s: %v", name, err)
				}
				if strings.HasPrefix(res.Rest, "\u0308") {
					t.Errorf("%s: between a letter and its mark", name)
				}
				if d.pending != nil && way == "cancel" {
					t.Errorf("%s: a dead key is pending", name)
				}
				if got := string(d.text) + res.Rest; got != text && (way == "cancel" || err == nil) {
					t.Errorf("%s: %q and the rest %q", name, string(d.text), res.Rest)
				}
			})
			if ended {
				break
			}
		}
	}
}

func TestStopWhileTheReaderIsStalled(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		ty.Gate, d.stalled = d, make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		res, err := ty.Type(ctx, prose)
		if err != nil || string(d.text)+res.Rest != prose || len(d.text) < 8 {
			t.Errorf("typed %q, rest %q, %v", string(d.text), res.Rest, err)
		}
	})
}

func TestRestTypesOn(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		rest := prose
		for rest != "" {
			ctx, cancel := context.WithTimeout(t.Context(), 70*time.Millisecond)
			res, err := ty.Type(ctx, rest)
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			rest = res.Rest
		}
		if got := string(d.text); got != prose {
			t.Errorf("got %q", got)
		}
	})
}

func TestKeyHeldBefore(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		h := &hands{up: make(chan struct{})}
		ty.PhysicalKeys = h
		time.AfterFunc(time.Second, func() { close(h.up) })
		if _, err := ty.Type(t.Context(), "a"); err != nil || d.events[0].at < time.Second {
			t.Errorf("typed at %v, %v", d.events[0].at, err)
		}
	})
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		ty.PhysicalKeys = &hands{}
		if res, err := ty.Type(t.Context(), "a"); err == nil || res.Rest != "a" || len(d.events) > 0 {
			t.Errorf("got %v, %v", res, err)
		}
	})
}

func TestKeyPressedMeanwhile(t *testing.T) {
	for _, told := range []bool{false, true} {
		bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			h := &hands{up: make(chan struct{})}
			close(h.up)
			ty.PhysicalKeys = h
			d.onWrite = func(n int) error {
				if n == 10 {
					h.touched = true
					if told {
						time.AfterFunc(20*time.Millisecond, cancel)
					}
				}
				return nil
			}
			res, err := ty.Type(ctx, prose)
			if string(d.text)+res.Rest != prose || len(d.text) > 5 {
				t.Errorf("typed %q, rest %q", string(d.text), res.Rest)
			}
			if told && err != nil || !told && !errors.Is(err, ErrTouched) {
				t.Errorf("told %t: %v", told, err)
			}
		})
	}
}

// TestKeyPressedBefore: a key that goes down while the layout is looked for stops the text as one
// between two characters does: it may be the key that stops the typing.
func TestKeyPressedBefore(t *testing.T) {
	for _, told := range []bool{false, true} {
		bubble(t, func(t *testing.T, _ *fakeDevice, ty *Typist) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ty.Source = &inTurn{asked: true, err: ErrTouched}
			if told {
				time.AfterFunc(20*time.Millisecond, cancel)
			}
			res, err := ty.Type(ctx, prose)
			if res.Rest != prose || told && err != nil || !told && !errors.Is(err, ErrTouched) {
				t.Errorf("told %t: rest %q, %v", told, res.Rest, err)
			}
		})
	}
}

// switching is a layout that is another one from the n-th character on.
type switching struct {
	d       *fakeDevice
	changed chan struct{}
	targets int
}

func (s *switching) Target(context.Context) (Target, error) {
	s.targets++
	if s.targets == 1 {
		return Target{Layout: layout(false), Changed: s.changed}, nil
	}
	return Target{Layout: layout(true)}, nil
}

func TestLayoutChanges(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		s := &switching{d: d, changed: make(chan struct{})}
		ty.Source = s
		d.onWrite = func(n int) error {
			if n == 3 {
				close(s.changed)
			}
			return nil
		}
		if _, err := ty.Type(t.Context(), "yzyz"); err != nil || string(d.text) != "yzzy" {
			t.Errorf("keys read as %q, %v", string(d.text), err)
		}
	})
}

// TestFocusChangesBeforeTheChord: another window gets the focus while what the clipboard
// holds is read. The chord is that window's, and there is none if it takes no paste.
func TestFocusChangesBeforeTheChord(t *testing.T) {
	ctrlY := key.Stroke{Mods: []key.Code{29}, Code: 21}
	for _, tt := range []struct {
		name string
		then atTarget
		err  error // of the source
		want string
	}{
		{"the same", atTarget{}, nil, "+42 +110 -110 -42"},
		{"with another chord", atTarget{Chord: ctrlY}, nil, "+29 +21 -21 -29"},
		{"that takes no paste", atTarget{NoPaste: true}, nil, ""},
		{"with a password field", atTarget{}, errBroken, ""},
	} {
		bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
			b := &board{read: true}
			ty.Paster, ty.Source = b, &inTurn{then: tt.then, err: tt.err}
			res, err := ty.Type(t.Context(), "你")
			if got := d.script(); got != tt.want || (err != nil) != (tt.want == "") || err != nil && res.Rest != "你" || tt.err != nil && !errors.Is(err, tt.err) {
				t.Errorf("%s: pressed %q, want %q; %+v, %v", tt.name, got, tt.want, res, err)
			}
		})
	}
}

// An inTurn is a Source of a window without anything special, and then of another one.
type inTurn struct {
	asked bool
	then  atTarget
	err   error
}

func (s *inTurn) Target(context.Context) (Target, error) {
	if !s.asked {
		s.asked = true
		return Target{}, nil
	}
	return Target(s.then), s.err
}
