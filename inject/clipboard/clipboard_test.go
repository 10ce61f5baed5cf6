package clipboard

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/inject/desktop"
)

// TestPasteIsSeen has windows that read late and early; later than the limit
// the text stays, and what is read is never what was there before.
func TestPasteIsSeen(t *testing.T) {
	for ms := 0; ms < 7000; ms += 50 {
		bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
			var got string
			var at time.Time
			was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
				d.want(t, "new", "new")
				at = time.Now()
				d.pasteIn(time.Duration(ms)*time.Millisecond, &got)
				return nil
			})
			if took := time.Since(at); err != nil || was != (ms < 5000) || took > time.Duration(ms)*time.Millisecond+secondReadLimit {
				t.Errorf("read after %d ms: %t, %v, after %v", ms, was, err, took)
			}
			if was {
				d.want(t, "old", "older")
			} else {
				d.want(t, "new", "new")
			}
			time.Sleep(8 * time.Second) // virtual
			synctest.Wait()
			if got != "new" {
				t.Errorf("read after %d ms: the window got %q", ms, got)
			}
		})
	}
}

func TestReadsBeforeTheChordDoNotCount(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		var manager string
		d.onOwn = func(s selection) {
			if d.text(s) == "new" {
				d.pasteIn(5*time.Millisecond, &manager)
			}
		}
		was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			d.pasteIn(5*time.Millisecond, &manager)                               // the same once more
			d.events <- event{kind: read, serial: d.serial[clipboard] - 1, by: 8} // of what was offered before
			return nil
		})
		if err != nil || was || manager != "newnewnew" {
			t.Errorf("got %t, %v; the manager got %q", was, err, manager)
		}
	})
}

func TestReaderThatReadsTwice(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		var got string
		if _, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			d.pasteIn(10*time.Millisecond, &got)
			d.pasteIn(300*time.Millisecond, &got)
			d.pasteIn(550*time.Millisecond, &got)
			return nil
		}); err != nil || got != "newnewnew" {
			t.Errorf("got %q, %v", got, err)
		}
		d.want(t, "old", "older")
	})
}

func TestReaderThatNeverStops(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		var got string
		begin := time.Now()
		if _, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			for i := range 100 {
				d.pasteIn(time.Duration(i)*100*time.Millisecond, &got)
			}
			return nil
		}); err != nil || time.Since(begin) > 3*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		d.want(t, "old", "older")
	})
}

// TestXwayland shows that the chord waits until the compositor has asked for
// both selections, and that its reading before the chord does not make its
// reading after it count for nothing.
func TestXwayland(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		d.xwayl = true
		begin := time.Now()
		d.onOwn = func(s selection) {
			serial := d.serial[s]
			time.AfterFunc(time.Duration(s+1)*60*time.Millisecond, func() {
				d.events <- event{kind: asked, selection: s, serial: serial, by: 7}
				d.events <- event{kind: read, selection: s, serial: serial, by: 7}
			})
		}
		var got string
		was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			if since := time.Since(begin); since != 120*time.Millisecond+quietTime {
				t.Errorf("the chord came after %v", since)
			}
			d.pasteIn(10*time.Millisecond, &got)
			return nil
		})
		if !was || err != nil {
			t.Errorf("got %t, %v", was, err)
		}
	})
}

// TestShellReadsLate has a compositor that knows of the text at once and reads it
// for itself much later, or only when the window was told to paste: that is not
// taken for the window's reading.
func TestShellReadsLate(t *testing.T) {
	for _, late := range []time.Duration{time.Second, settleLimit + time.Second} {
		t.Run(late.String(), func(t *testing.T) { shellReads(t, late) })
	}
}

func shellReads(t *testing.T, late time.Duration) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		d.xwayl = true
		d.onOwn = func(s selection) {
			serial := d.serial[s]
			d.events <- event{kind: asked, selection: s, serial: serial, by: 7}
			if s == clipboard {
				time.AfterFunc(late, func() { d.events <- event{kind: read, selection: s, serial: serial, by: 7} })
			}
		}
		was, _, err := c.Paste(t.Context(), "new", func(context.Context) error { return nil })
		if was || err != nil {
			t.Errorf("got %t, %v", was, err)
		}
		d.want(t, "new", "new")
	})
}

// TestXwaylandIgnored has a compositor that takes no note of what X11 programs
// offer: nothing would reach the window, and nothing could be pasted by hand.
func TestXwaylandIgnored(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		d.xwayl = true
		was, _, err := c.Paste(t.Context(), "new", func(context.Context) error { t.Error("the chord came"); return nil })
		if was || !errors.Is(err, errIgnored) {
			t.Errorf("got %t, %v", was, err)
		}
		d.want(t, "old", "older")
	})
}

func TestSomebodyCopiesMeanwhile(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		var got string
		was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			d.pasteIn(10*time.Millisecond, &got)
			time.AfterFunc(50*time.Millisecond, func() { d.copyIn(clipboard, "theirs") })
			return nil
		})
		if !was || err != nil {
			t.Errorf("got %t, %v", was, err)
		}
		d.want(t, "theirs", "older")
	})
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		_, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			time.AfterFunc(50*time.Millisecond, func() { d.copyIn(clipboard, "theirs"); d.copyIn(primary, "too") })
			return nil
		})
		if !errors.Is(err, errTaken) {
			t.Errorf("got %v", err)
		}
		d.want(t, "theirs", "too")
	})
}

func TestWhatCannotBeSavedIsNotPutBack(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		d.broken[clipboard] = errors.New("its owner hangs")
		d.holds[primary] = nil
		var got string
		if was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			d.pasteIn(10*time.Millisecond, &got)
			return nil
		}); !was || err != nil {
			t.Errorf("got %t, %v", was, err)
		}
		d.want(t, "new", "")
	})
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		d.holds[primary] = nil
		var got string
		if was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			d.pasteIn(10*time.Millisecond, &got)
			return nil
		}); !was || err != nil {
			t.Errorf("got %t, %v", was, err)
		}
		if d.holds[primary] != nil || d.ours[primary] {
			t.Error("the empty selection is not empty again")
		}
	})
}

func TestChordFails(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		broken := errors.New("broken")
		if was, _, err := c.Paste(t.Context(), "new", func(context.Context) error { return broken }); was || !errors.Is(err, broken) {
			t.Errorf("got %t, %v", was, err)
		}
		d.want(t, "old", "older")
	})
}

// TestChordFailsLate: the keyboard fails after the chord has reached the window.
func TestChordFailsLate(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		broken, got := errors.New("broken"), ""
		read, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			d.pasteIn(50*time.Millisecond, &got)
			return broken
		})
		time.Sleep(time.Second) // virtual
		if read || !errors.Is(err, broken) || got != "new" {
			t.Errorf("got %t, %v; the window got %q", read, err, got)
		}
		d.want(t, "old", "older")
	})
}

func TestStopBeforeTheChord(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		was, _, err := c.Paste(ctx, "new", func(ctx context.Context) error { return ctx.Err() })
		if was || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %t, %v", was, err)
		}
		d.want(t, "old", "older")
	})
}

func TestStopAfterTheChord(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		ctx, cancel := context.WithCancel(t.Context())
		var got string
		was, _, err := c.Paste(ctx, "new", func(ctx context.Context) error {
			cancel()
			d.pasteIn(100*time.Millisecond, &got)
			return nil
		})
		if !was || err != nil {
			t.Errorf("got %t, %v", was, err)
		}
		d.want(t, "old", "older")
	})
}

// TestTextLeftInTheClipboard shows that it stays through the next paste, and
// that the connection ends when another program copies something else.
func TestTextLeftInTheClipboard(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		if was, _, err := c.Paste(t.Context(), "first", func(context.Context) error { return nil }); was || err != nil {
			t.Fatalf("got %t, %v", was, err)
		}
		d.want(t, "first", "first")
		var got string
		if was, _, err := c.Paste(t.Context(), "second", func(context.Context) error {
			d.pasteIn(10*time.Millisecond, &got)
			return nil
		}); !was || err != nil {
			t.Fatalf("got %t, %v", was, err)
		}
		d.want(t, "first", "first")
		if d.runs != 1 {
			t.Errorf("connected %d times", d.runs)
		}
		waited := make(chan error, 1)
		go func() { waited <- c.Wait(t.Context()) }()
		synctest.Wait()
		d.copyIn(clipboard, "theirs")
		synctest.Wait()
		if len(waited) > 0 || !d.connected() {
			t.Error("it let go of the primary selection")
		}
		d.copyIn(primary, "too")
		synctest.Wait()
		if len(waited) != 1 || d.connected() {
			t.Error("it is still connected")
		}
	})
}

func TestDisplayGoesAway(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		_, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			time.AfterFunc(50*time.Millisecond, d.disconnect)
			return nil
		})
		if !errors.Is(err, errGone) {
			t.Errorf("got %v", err)
		}
		var got string
		d.holds[clipboard] = textContent("old")
		if was, _, err := c.Paste(t.Context(), "new", func(context.Context) error {
			d.pasteIn(10*time.Millisecond, &got)
			return nil
		}); !was || err != nil || d.runs != 2 {
			t.Errorf("got %t, %v on connection %d", was, err, d.runs)
		}
	})
}

func TestNoDisplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(at(desktop.Desktop{}))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = c.Run(ctx) }()
		if _, _, err := c.Paste(ctx, "new", nil); !errors.Is(err, errNoDisplay) {
			t.Errorf("got %v", err)
		}
		unknown := errors.New("unknown")
		c.where = func(context.Context) (desktop.Desktop, error) { return desktop.Desktop{}, unknown }
		if _, _, err := c.Paste(ctx, "new", nil); !errors.Is(err, unknown) {
			t.Errorf("got %v", err)
		}
		c.where = at(desktop.Desktop{})
		d := &fakeDesk{begun: make(chan struct{}, 1), refuses: errors.New("refused")}
		c.openers = func(desktop.Desktop) []opener {
			open := func(context.Context, chan<- event) (selectionOwner, error) { return d, nil }
			return []opener{open, open}
		}
		if _, _, err := c.Paste(ctx, "new", nil); err == nil || strings.Count(err.Error(), "refused") != 2 {
			t.Errorf("got %v", err)
		}
	})
}

func TestTextContent(t *testing.T) {
	names := func(c content) (all []string) {
		for _, f := range c {
			all = append(all, f.name)
		}
		return all
	}
	want := []string{"text/plain;charset=utf-8", "UTF8_STRING", "text/plain", "TEXT", secret}
	if got := names(textContent("ü")); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if got := names(textContent("u")); !reflect.DeepEqual(got, append(want, "STRING")) {
		t.Errorf("got %q", got)
	}
}
