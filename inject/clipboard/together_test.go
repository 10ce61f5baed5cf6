package clipboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A moment is one of a paste at which something else happens.
type moment string

const (
	saving   moment = "while the old clipboard is read"
	owned    moment = "once the text is offered"
	settling moment = "while programs learn of the text"
	pressed  moment = "after the chord"
	gotten   moment = "after the window has read"
	resting  moment = "after the paste"
)

// A happening is something else that happens during a paste.
type happening struct {
	name   string
	copies []selection // a program copies something into these
	text   string      // which is this
	stops  bool        // the user stops the typing
	ends   bool        // the display goes away
}

var happenings = []happening{
	{name: "nothing"},
	{name: "the user copies", copies: []selection{clipboard}, text: "theirs"},
	{name: "the user selects", copies: []selection{primary}, text: "theirs"},
	{name: "the user selects and copies", copies: both[:], text: "theirs"},
	{name: "a manager takes over the text", copies: both[:], text: "dictated"},
	{name: "a manager takes over the text for the clipboard", copies: []selection{clipboard}, text: "dictated"},
	{name: "the user stops it", stops: true},
	{name: "the display goes away", ends: true},
}

// TestTogether: whatever happens at whichever moment, the clipboard holds afterwards what it
// held or what the user copied last, or the result says that it does not. The window gets the chord
// only while it would paste what was dictated. And the next text is pasted as any other.
func TestTogether(t *testing.T) {
	for _, h := range happenings {
		for _, at := range []moment{saving, owned, settling, pressed, gotten, resting} {
			for _, unreadable := range []bool{false, true} {
				for _, window := range []time.Duration{10 * time.Millisecond, 200 * time.Millisecond, time.Hour} {
					name := fmt.Sprintf("%s %s, old clipboard lost %t, window reads after %v", h.name, at, unreadable, window)
					t.Run(name, func(t *testing.T) {
						bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) { together(t, d, c, h, at, unreadable, window) })
					})
				}
			}
		}
	}
}

func together(t *testing.T, d *fakeDesk, c *Clipboard, h happening, at moment, unreadable bool, window time.Duration) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if unreadable {
		d.broken[clipboard] = errTooLong
	}
	happened := false
	happen := func(now moment) {
		if now != at || happened || now == saving && h.text == "dictated" {
			return
		}
		happened = true
		for _, s := range h.copies {
			d.copyIn(s, h.text)
		}
		if h.stops {
			stop()
		}
		if h.ends {
			d.disconnect()
		}
	}
	d.onLoad = func(s selection) {
		if s == primary { // what the clipboard holds has been read
			happen(saving)
		}
	}
	d.onOwn = func(s selection) {
		if s == primary && d.text(s) == "dictated" {
			happen(owned)
			time.AfterFunc(quietTime/2, func() { happen(settling) })
		}
	}
	got := ""
	chord := func(ctx context.Context) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if clip, prim := d.text(clipboard), d.text(primary); clip != "dictated" || prim != "dictated" {
			t.Errorf("the chord comes while the selections hold %q and %q", clip, prim)
		}
		happen(pressed)
		if window < time.Minute {
			time.AfterFunc(window, func() { got += d.text(clipboard) })
			d.pasteIn(window, new(string))
			time.AfterFunc(window+time.Millisecond, func() { happen(gotten) })
		}
		return nil
	}
	read, restored, err := c.Paste(ctx, "dictated", chord)
	synctest.Wait()
	happen(resting)
	synctest.Wait()

	said := read && !restored || err == nil && !read || errors.Is(err, errKept)
	later := said && ctx.Err() != nil && err != nil // for a caller who has stopped it
	for _, s := range both {
		switch text := d.text(s); {
		case happened && h.ends: // and with it, what it held
		case happened && slices.Contains(h.copies, s):
			if text != h.text && !(text == "dictated" && said) || text == "dictated" && !said && at != resting {
				t.Errorf("selection %d holds %q, and not what the user copied (read %t, restored %t, %v)", s, text, read, restored, err)
			}
		case text == "dictated" && !said, text != "dictated" && text != []string{"old", "older"}[s]:
			t.Errorf("selection %d holds %q, and nothing says so (read %t, restored %t, %v)", s, text, read, restored, err)
		}
	}
	if err == nil && !read && d.text(clipboard) != "dictated" && at != resting {
		t.Errorf("the result says that the text is in the clipboard, which holds %q", d.text(clipboard))
	}

	d.onLoad, d.onOwn = nil, nil
	time.Sleep(time.Minute) // virtual
	var next string
	read, restored, err = c.Paste(t.Context(), "the next", func(context.Context) error { d.pasteIn(10*time.Millisecond, &next); return nil })
	if !read || err != nil || next != "the next" {
		t.Errorf("the next text: read %t, %v, the window got %q", read, err, next)
	}
	if later && restored {
		t.Errorf("the selections hold %q and %q, and nothing ever says so", d.text(clipboard), d.text(primary))
	}
}

// TestCopiedAfterLoad: a display reports that the user has copied something since the
// selection was read.
func TestCopiedAfterLoad(t *testing.T) {
	for name, open := range desktops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.copies(clipboard, []byte("old"), "")
			owner, err := openers(d.display)[0](t.Context(), make(chan event, 64))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var ran sync.WaitGroup
			ran.Go(func() { _ = owner.run(ctx) })
			defer ran.Wait()
			defer cancel()
			if err := owner.start(ctx); err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{"old", "new"} {
				c, err := owner.load(ctx, clipboard, func() {})
				if err != nil || !c.has(text) || owner.changed(ctx, clipboard) || owner.changed(ctx, primary) {
					t.Errorf("loaded %v, %v; want %q, unchanged", c, err, text)
				}
				d.copies(clipboard, []byte("new"), "")
				d.until("a change is reported", func() bool { return owner.changed(ctx, clipboard) })
			}
		})
	}
}

// TestTextsAtOnce: a text that comes while another is pasted waits for that one. Each window
// gets its own, and the clipboard is what it was.
func TestTextsAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDesk, c *Clipboard) {
		var pasting sync.WaitGroup
		for i := range 5 {
			text := fmt.Sprint("text ", i)
			pasting.Go(func() {
				time.Sleep(time.Duration(i) * 90 * time.Millisecond) // while the one before is offered, read, put back
				got := ""
				read, restored, err := c.Paste(t.Context(), text, func(context.Context) error {
					d.pasteIn(200*time.Millisecond, &got)
					return nil
				})
				if !read || !restored || err != nil || got != text {
					t.Errorf("%s: read %t, restored %t, %v, the window got %q", text, read, restored, err, got)
				}
			})
		}
		pasting.Wait()
		d.want(t, "old", "older")
	})
}
