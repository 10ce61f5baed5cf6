package inject

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// bubble runs body in virtual time with a device and a typist on it.
func bubble(t *testing.T, body func(t *testing.T, d *fakeDevice, ty *Typist)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t)
		body(t, d, &Typist{Device: d, Source: inEffect{layout(false)}, Rules: Rules{Newline: Enter}})
		d.up()
	})
}

func TestKeysInOrder(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"plain", "ab", "+30 -30 +48 -48"},
		{"Shift stays for a run", "aAB", "+30 -30 +42 +30 -30 +48 -48 -42"},
		{"and goes for a space", "A B", "+42 +30 -30 -42 +57 -57 +42 +48 -48 -42"},
		{"dead key", "ü", "+100 +40 -40 -100 +22 -22"},
		{"dead key before a capital", "Ü", "+100 +40 -40 -100 +42 +22 -22 -42"},
		{"what two chords begin with stays", "A¿", "+42 +30 -30 +100 +53 -53 -100 -42"},
		{"mark", "m\u0308", "+50 -50 +100 +26 -26 -100"},
		{"line break", "a\nb", "+30 -30 +28 -28 +48 -48"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
				res, err := ty.Type(t.Context(), tt.text)
				if err != nil || res != (Result{Outcome: Typed}) {
					t.Errorf("got %v, %v", res, err)
				}
				if got := d.script(); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}

func TestShiftEnter(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		ty.Rules.Newline = ShiftEnter
		if _, err := ty.Type(t.Context(), "a\nb"); err != nil {
			t.Error(err)
		}
		if got := string(d.text); got != "a⏎b" {
			t.Errorf("got %q", got)
		}
	})
}

func TestPace(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name string
		pace Pace
		want []time.Duration
	}{ // a, A, b
		{"careful", Careful, []time.Duration{0, 0, 10 * ms, 20 * ms, 20 * ms, 30 * ms, 40 * ms, 40 * ms}},
		{"zero is careful", Pace{}, []time.Duration{0, 0, 10 * ms, 20 * ms, 20 * ms, 30 * ms, 40 * ms, 40 * ms}},
		{"even", Even, []time.Duration{0, 0, 2 * ms, 4 * ms, 4 * ms, 6 * ms, 8 * ms, 8 * ms}},
		{"brisk", Brisk, make([]time.Duration, 8)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
				ty.Source = paced{layout(false), tt.pace}
				if _, err := ty.Type(t.Context(), "aAb"); err != nil {
					t.Fatal(err)
				}
				var got []time.Duration
				for _, e := range d.events {
					got = append(got, e.at)
				}
				if !reflect.DeepEqual(got, tt.want) {
					t.Errorf("got  %v\nwant %v", got, tt.want)
				}
			})
		})
	}
}

// TestTogether shows that keys come together as many as a reader has room for,
// however long it took for those before, and on the whole no faster than the gap.
func TestTogether(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name string
		gate time.Duration // what a round trip takes
		text string
		want []time.Duration // of the keys of text
	}{
		{"ten characters at a time", ms, strings.Repeat("a", 25), slices.Concat(repeat(0, 10), repeat(20*ms, 10), repeat(40*ms, 5))},
		{"a slow reader", 30 * ms, strings.Repeat("a", 25), slices.Concat(repeat(0, 10), repeat(30*ms, 10), repeat(60*ms, 5))},
		{"Shift takes room", ms, "aAaAaAaAaA", slices.Concat(repeat(0, 7), repeat(14*ms, 3))},
		{"not if a dead key is among them", ms, "ab¿ü", []time.Duration{0, 5 * ms, 9 * ms, 13 * ms, 17 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
				ty.Source, ty.Gate = paced{layout(false), Brisk}, slowGate(tt.gate)
				if _, err := ty.Type(t.Context(), tt.text); err != nil {
					t.Fatal(err)
				}
				var got []time.Duration
				for _, e := range d.events {
					if e.down && e.code != leftShift && e.code != altGr {
						got = append(got, e.at)
					}
				}
				if !slices.Equal(got, tt.want) || string(d.text) != tt.text {
					t.Errorf("got  %v\nwant %v", got, tt.want)
				}
			})
		})
	}
}

func repeat(at time.Duration, times int) []time.Duration {
	return slices.Repeat([]time.Duration{at}, times)
}

// A slowGate opens after a time.
type slowGate time.Duration

func (g slowGate) Wait(ctx context.Context) error { return clock.Sleep(ctx, time.Duration(g)) }

// TestNoKeyRepeats shows that at no moment a reader which looks only now and
// then finds a key down, but for modifiers: a window would repeat it until the
// next look.
func TestNoKeyRepeats(t *testing.T) {
	for _, pace := range []Pace{Careful, Even, Brisk} {
		bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
			ty.Source = paced{layout(false), pace}
			if _, err := ty.Type(t.Context(), "aÜ bA¿ǖB!"); err != nil {
				t.Fatal(err)
			}
			for i, e := range d.events {
				repeats := e.down && e.code != leftShift && e.code != altGr
				if repeats && (d.events[i+1].code != e.code || d.events[i+1].at != e.at) {
					t.Errorf("key %d was down for a time", e.code)
				}
			}
		})
	}
}

// TestLateTimers shows that a little lateness does not add up, and that a lot of
// it is not made up for by a burst.
func TestLateTimers(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		d.onWrite = func(n int) error {
			late := 500 * time.Microsecond
			if n == 10 {
				late = 50 * time.Millisecond
			}
			time.Sleep(late) // virtual
			return nil
		}
		if _, err := ty.Type(t.Context(), "abcdefghij"); err != nil {
			t.Fatal(err)
		}
		for i := 2; i < len(d.events); i += 2 {
			stroke, gap := d.events[i].at-d.events[i-2].at, d.events[i].at-d.events[i-1].at
			begins := i == 2 || i == 10 || i == 12 // the clock begins, the lot, the clock begins again
			if !begins && stroke != 5*time.Millisecond || gap < 2*time.Millisecond {
				t.Errorf("key %d came %v after the one before it, %v after its release", i/2, stroke, gap)
			}
		}
	})
}

type paced struct {
	layout *keymap.Table
	pace   Pace
}

func (p paced) Target(context.Context) (Target, error) {
	return Target{Layout: p.layout, Pace: p.pace}, nil
}

// TestTextsAreSpacedLikeCharacters shows that the end of a text and the
// beginning of the next keep the distance of two characters.
func TestTextsAreSpacedLikeCharacters(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		for _, s := range []string{"A", "b"} {
			if _, err := ty.Type(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		if gap := d.events[4].at - d.events[3].at; gap != Careful.ModGap {
			t.Errorf("Shift went up %v before the next key", gap)
		}
	})
}

const prose = "It was the best of times, it was the WORST of times. Über all, it was an AGE! Of wisdom, of foolishness. "

// TestStalledReader shows that a reader which stops for 2 s at any moment never
// loses an event, and gets all of the text.
func TestStalledReader(t *testing.T) {
	for _, pace := range []Pace{Careful, Even, Brisk} {
		for at := 1; at < 80; at++ {
			bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
				ty.Source, ty.Gate = paced{layout(false), pace}, d
				d.stalled = make(chan struct{})
				close(d.stalled)
				d.onWrite = func(n int) error {
					d.queue *= min(1, max(0, n-at)) // read at once until the stall
					if n == at {
						resumes := make(chan struct{})
						d.stalled = resumes
						time.AfterFunc(2*time.Second, func() { close(resumes) })
					}
					return nil
				}
				if _, err := ty.Type(t.Context(), prose); err != nil {
					t.Error(err)
				}
				if got := string(d.text); got != prose {
					t.Errorf("got %q", got)
				}
				if d.waits > len(d.events)*2/30 {
					t.Errorf("%d round trips for %d keys", d.waits, len(d.events))
				}
				if at < 40 && time.Since(d.begin) < 2*time.Second {
					t.Error("it did not wait for the reader")
				}
			})
		}
	}
}

// TestCharacterLongerThanABurst shows that even that waits for its reader.
func TestCharacterLongerThanABurst(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		ty.Gate, d.stalled = d, make(chan struct{})
		close(d.stalled)
		text := strings.Repeat("ǖm"+strings.Repeat("\u0308", 20), 3)
		if _, err := ty.Type(t.Context(), text); err != nil || string(d.text) != text {
			t.Errorf("got %q, %v", string(d.text), err)
		}
	})
}

// TestWithoutGate shows that a reader which stops for 100 ms at a time is not
// overrun, also by one text after the other.
func TestWithoutGate(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		for _, word := range strings.Fields(strings.Repeat(prose, 3)) {
			if _, err := ty.Type(t.Context(), word+" "); err != nil {
				t.Fatal(err)
			}
		}
		for i, e := range d.events {
			if i >= 32 && e.at-d.events[i-32].at < 100*time.Millisecond {
				t.Fatalf("64 events in %v", e.at-d.events[i-32].at)
			}
		}
		if got := string(d.text); got != strings.Repeat(prose, 3) {
			t.Errorf("got %q", got)
		}
	})
}

func TestUntypable(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		res, err := ty.Type(t.Context(), "a你b好你")
		var e *keymap.UntypableError
		if !errors.As(err, &e) || string(e.Runes) != "你好" || res.Rest != "a你b好你" || len(d.events) > 0 {
			t.Errorf("got %v, %v after %d events", res, err, len(d.events))
		}
		if err != nil && strings.ContainsAny(err.Error(), "你好") {
			t.Errorf("the error says what was to be typed: %v", err)
		}
	})
}

func TestNoLayout(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
		ty.Source = inEffect{nil}
		if res, err := ty.Type(t.Context(), "a"); err == nil || res.Rest != "a" || len(d.events) > 0 {
			t.Errorf("got %v, %v", res, err)
		}
	})
}

func TestPasted(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		b    board
		want Result
		err  error
	}{
		{"what the layout does not have", "a你", board{read: true}, Result{Outcome: Pasted}, nil},
		{"a long text", "abcdefghijkl", board{read: true}, Result{Outcome: Pasted}, nil},
		{"and the clipboard is not what it was", "a你", board{read: true, kept: true}, Result{Outcome: Pasted, Replaced: true}, nil},
		{"that nothing reads", "a你", board{}, Result{Outcome: Clipboard}, nil},
		{"without a clipboard", "a你", board{err: errBroken}, Result{Outcome: Typed, Rest: "a你"}, errBroken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
				ty.Paster, ty.Limit = &tt.b, 10
				res, err := ty.Type(t.Context(), tt.text)
				if res != tt.want || !errors.Is(err, tt.err) {
					t.Errorf("got %v, %v", res, err)
				}
				if tt.b.err != nil {
					return
				}
				if got := d.script(); tt.b.text != tt.text || got != "+42 +110 -110 -42" {
					t.Errorf("%q was pasted by %s", tt.b.text, got)
				}
			})
		})
	}
}

// TestLimit: the target says from which length on it is pasted, and whether at all.
func TestLimit(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		to         Target
		limit      int
		want       Outcome
		fails      bool
	}{
		{"no longer than the typist's", "abcde", Target{}, 5, Typed, false},
		{"longer", "abcdef", Target{}, 5, Pasted, false},
		{"longer than the target's", "abcd", Target{Limit: 3}, 5, Pasted, false},
		{"no longer than the target's", "abcdefgh", Target{Limit: 8}, 5, Typed, false},
		{"the target has none", "abcdefgh", Target{Limit: -1}, 5, Typed, false},
		{"type only", "abcdefgh", Target{NoPaste: true}, 5, Typed, false},
		{"type only what cannot be typed", "你", Target{NoPaste: true}, 5, Typed, true},
	} {
		bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
			tt.to.Layout = layout(false)
			ty.Paster, ty.Limit, ty.Source = &board{read: true}, tt.limit, atTarget(tt.to)
			res, err := ty.Type(t.Context(), tt.text)
			if res.Outcome != tt.want || (err != nil) != tt.fails || tt.fails && res.Rest != tt.text {
				t.Errorf("%s: %+v, %v", tt.name, res, err)
			}
		})
	}
}

// TestChordsByMeaning: what pastes and what begins a line are keys that mean it in the
// layout, also under an input method, which has no layout to type on. A layout without
// them presses nothing.
func TestChordsByMeaning(t *testing.T) {
	text, err := os.ReadFile("keymap/testdata/dvorak+ru.xkb") // Left Shift switches the group
	if err != nil {
		t.Fatal(err)
	}
	m, err := keymap.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	dvorak := m.Table(0, keymap.Locks{}, nil)
	bare, err := keymap.Parse(`xkb_keymap { xkb_keycodes { <A> = 38; }; xkb_types { type "ONE_LEVEL" { modifiers= none; }; }; xkb_symbols { key <A> { [ a ] }; }; };`)
	if err != nil {
		t.Fatal(err)
	}
	ctrl := func(c key.Code) key.Stroke { return key.Stroke{Mods: []key.Code{29}, Code: c} }
	for _, tt := range []struct {
		name, text string
		to         Target
		want       string
		fails      bool
	}{
		{"Shift+Insert", "你", Target{Layout: dvorak}, "+54 +110 -110 -54", false},
		{"Shift+Enter", "a\nb", Target{Layout: dvorak}, "+30 -30 +54 +28 -28 -54 +49 -49", false},
		{"Ctrl+V", "你", Target{Layout: dvorak, Chord: ctrl(47)}, "+97 +52 -52 -97", false},
		{"under an input method", "a", Target{Chords: dvorak}, "+54 +110 -110 -54", false},
		{"the layout is not known", "a", Target{Chord: ctrl(47)}, "+29 +47 -47 -29", false},
		{"the group is not known, and it does not matter", "你", Target{Layout: m.Table(keymap.AllGroups, keymap.Locks{}, nil)}, "+54 +110 -110 -54", false},
		{"the layout has no such key", "你", Target{Layout: bare.Table(0, keymap.Locks{}, nil)}, "", true},
	} {
		bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
			b := &board{read: true}
			ty.Paster, ty.Source, ty.Rules.Newline = b, atTarget(tt.to), ShiftEnter
			res, err := ty.Type(t.Context(), tt.text)
			if got := d.script(); got != tt.want || (err != nil) != tt.fails || tt.fails && (res.Rest != tt.text || b.text != "" || !errors.Is(err, keymap.ErrNoChord)) {
				t.Errorf("%s: pressed %q, want %q; %+v, %v", tt.name, got, tt.want, res, err)
			}
		})
	}
}

type atTarget Target

func (a atTarget) Target(context.Context) (Target, error) { return Target(a), nil }

// FuzzType checks that what can be typed reads back, and that nothing else is
// typed.
func FuzzType(f *testing.F) {
	f.Add(prose)
	f.Add("aA\nÜü¿!a\u0308")
	f.Fuzz(func(t *testing.T, text string) {
		bubble(t, func(t *testing.T, d *fakeDevice, ty *Typist) {
			want := Clean(text, ty.Rules)
			res, err := ty.Type(t.Context(), text)
			if err != nil && (len(d.events) > 0 || res.Rest != want) {
				t.Errorf("%v after %d events, rest %q of %q", err, len(d.events), res.Rest, want)
			}
			if err == nil && string(d.text) != want {
				t.Errorf("%q reads back as %q", want, string(d.text))
			}
		})
	})
}
