package clipboard

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A managed desktop has a clipboard manager, which reads what is copied after a delay, and
// may take over the selections that it keeps.
type managed struct {
	delay time.Duration
	takes []selection
	by    uint32 // 0: the display does not report who reads
}

func (m managed) on(d *fakeDesk) {
	d.onOwn = func(s selection) {
		if d.text(s) != "dictated" {
			return
		}
		ev := event{kind: read, selection: s, serial: d.serial[s], by: m.by}
		time.AfterFunc(m.delay, func() {
			d.events <- ev
			for _, t := range m.takes {
				if t == s {
					d.copyIn(s, "dictated")
				}
			}
		})
	}
}

// TestManagers: whatever a clipboard manager does, the window gets the text once, and is
// never served what the clipboard held before. The result does not say that the clipboard
// is what it was if it is not.
func TestManagers(t *testing.T) {
	for _, tt := range []struct {
		name     string
		manager  managed
		window   time.Duration // from the chord until it reads
		silent   bool          // the display does not report its reading, as another program serves it
		read     bool
		restored bool
	}{
		{"reads at once", managed{}, 10 * time.Millisecond, false, true, true},
		{"reads late, and the window later", managed{delay: 60 * time.Millisecond}, 450 * time.Millisecond, false, true, true},
		{"reads late, and the window before the limit", managed{delay: 300 * time.Millisecond}, 650 * time.Millisecond, false, true, true},
		{"reads late, where the display reports who reads", managed{delay: 60 * time.Millisecond, by: 9}, 200 * time.Millisecond, false, true, true},
		{"takes over both", managed{takes: both[:]}, 10 * time.Millisecond, true, false, false},
		{"takes over both late", managed{delay: 60 * time.Millisecond, takes: both[:]}, 100 * time.Millisecond, true, true, false},
		{"takes over the clipboard alone", managed{takes: []selection{clipboard}}, 10 * time.Millisecond, true, false, false},
	} {
		bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
			tt.manager.on(d)
			window := ""
			read, restored, err := c.Paste(t.Context(), "dictated", func(context.Context) error {
				if tt.silent {
					time.AfterFunc(tt.window, func() { window += d.text(clipboard) })
				} else {
					d.pasteIn(tt.window, &window)
				}
				return nil
			})
			time.Sleep(3 * time.Second) // virtual
			synctest.Wait()
			if window != "dictated" || err != nil || read != tt.read || restored != tt.restored {
				t.Errorf("%s: the window has %q; read %t, restored %t, %v", tt.name, window, read, restored, err)
			}
			if tt.restored {
				d.want(t, "old", "older")
			}
		})
	}
}

// TestNotRestored: what could not be saved is not put back, and the result says so.
func TestNotRestored(t *testing.T) {
	for _, broken := range both {
		bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
			d.broken[broken] = errTooLong
			window := ""
			read, restored, err := c.Paste(t.Context(), "dictated", func(context.Context) error {
				d.pasteIn(10*time.Millisecond, &window)
				return nil
			})
			if !read || restored || err != nil || d.text(broken) != "dictated" {
				t.Errorf("selection %d: read %t, restored %t, %v; it holds %q", broken, read, restored, err, d.text(broken))
			}
		})
	}
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		window := ""
		_, restored, err := c.Paste(t.Context(), "dictated", func(context.Context) error {
			d.pasteIn(10*time.Millisecond, &window)
			time.AfterFunc(20*time.Millisecond, func() { d.copyIn(clipboard, "of the user") })
			return nil
		})
		if !restored || err != nil {
			t.Errorf("the user copied something meanwhile: restored %t, %v", restored, err)
		}
		d.want(t, "of the user", "older")
	})
}

// TestOwnerThatIsSlow has owners that need as long for each form as the limit permits, and
// longer. What all forms take has a limit too.
func TestOwnerThatIsSlow(t *testing.T) {
	for slow, want := range map[time.Duration]bool{10 * time.Millisecond: true, 700 * time.Millisecond: true, 950 * time.Millisecond: false, 2 * time.Second: false} {
		bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
			d.slow = slow
			var got string
			began := time.Now()
			read, restored, err := c.Paste(t.Context(), "new", func(context.Context) error {
				if took := time.Since(began); took > 2*6*time.Second {
					t.Errorf("a form in %v: the chord comes after %v", slow, took)
				}
				d.pasteIn(10*time.Millisecond, &got)
				return nil
			})
			if !read || restored != want || err != nil {
				t.Errorf("a form in %v: read %t, restored %t, %v, want restored %t", slow, read, restored, err, want)
			}
		})
	}
}

// TestManagerThatTrims: a manager takes over both selections, and keeps the text without the
// space at its end. The window gets the chord all the same.
func TestManagerThatTrims(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		d.onOwn = func(s selection) { time.AfterFunc(10*time.Millisecond, func() { d.copyIn(s, "dictated") }) }
		window := ""
		read, restored, err := c.Paste(t.Context(), "dictated ", func(context.Context) error {
			window = d.text(clipboard)
			return nil
		})
		if read || restored || err != nil || window != "dictated" {
			t.Errorf("the window has %q; read %t, restored %t, %v", window, read, restored, err)
		}
	})
}
