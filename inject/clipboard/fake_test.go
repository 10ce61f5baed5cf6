package clipboard

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A fakeDesk is a desktop with a clipboard, in memory.
type fakeDesk struct {
	events  chan<- event
	xwayl   bool
	refuses error // to start

	mu      sync.Mutex
	holds   [len(both)]content
	broken  [len(both)]error // why it cannot be loaded
	slow    time.Duration    // for each form of what is loaded
	ours    [len(both)]bool
	serial  [len(both)]int
	onOwn   func(s selection)
	onLoad  func(s selection) // before it returns
	copies  [len(both)]int    // of other programs
	loaded  [len(both)]int    // how many there were when load began
	begun   chan struct{}     // gets a value from run, for start
	running context.Context
	end     context.CancelFunc
	runs    int
}

func (d *fakeDesk) run(ctx context.Context) error {
	d.mu.Lock()
	d.running, d.end = context.WithCancel(ctx)
	d.runs++
	running := d.running
	d.mu.Unlock()
	d.begun <- struct{}{}
	<-running.Done()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range both {
		if d.ours[s] { // as with any display
			d.holds[s], d.ours[s] = nil, false
		}
	}
	return nil
}

func (d *fakeDesk) disconnect() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.end()
}

func (d *fakeDesk) connected() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.running.Err() == nil
}

func (d *fakeDesk) start(context.Context) error {
	<-d.begun
	return d.refuses
}

func (d *fakeDesk) indirect() bool { return d.xwayl }

func (d *fakeDesk) load(ctx context.Context, s selection, next func()) (content, error) {
	d.mu.Lock()
	d.loaded[s] = d.copies[s]
	holds, broken := d.holds[s], d.broken[s] != nil && !d.ours[s] && d.copies[s] == 0
	d.mu.Unlock()
	if d.onLoad != nil {
		d.onLoad(s)
	}
	if broken {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for range holds {
		if err := clock.Sleep(ctx, d.slow); err != nil {
			return nil, err
		}
		next()
	}
	return holds, nil
}

func (d *fakeDesk) changed(_ context.Context, s selection) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.copies[s] != d.loaded[s]
}

func (d *fakeDesk) own(_ context.Context, s selection, c content, serial int) error {
	d.mu.Lock()
	over := d.running.Err() != nil
	if !over {
		d.holds[s], d.ours[s], d.serial[s] = c, c != nil, serial
	}
	d.mu.Unlock()
	if over {
		return errGone
	}
	if d.onOwn != nil {
		d.onOwn(s)
	}
	return nil
}

func (d *fakeDesk) owned(s selection) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ours[s]
}

// pasteIn is a window that reads the clipboard after a while.
func (d *fakeDesk) pasteIn(after time.Duration, into *string) {
	time.AfterFunc(after, func() {
		d.mu.Lock()
		f, _ := d.holds[clipboard].find("UTF8_STRING")
		*into += string(f.data)
		ev := event{kind: read, serial: d.serial[clipboard], by: 7}
		d.mu.Unlock()
		d.events <- ev
	})
}

// copyIn is another program that copies something.
func (d *fakeDesk) copyIn(s selection, text string) {
	d.mu.Lock()
	d.holds[s], d.ours[s] = textContent(text), false
	d.copies[s]++
	ev := event{kind: lost, selection: s, serial: d.serial[s]}
	d.mu.Unlock()
	d.events <- ev
}

func (d *fakeDesk) text(s selection) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, _ := d.holds[s].find("UTF8_STRING")
	return string(f.data)
}

func at(d desktop.Desktop) func(context.Context) (desktop.Desktop, error) {
	return func(context.Context) (desktop.Desktop, error) { return d, nil }
}

// bubble runs body in virtual time with a selectionOwner that holds "old" and "older",
// and a Clipboard on it that runs.
func bubble(t *testing.T, body func(t *testing.T, d *fakeDesk, c *Clipboard)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &fakeDesk{begun: make(chan struct{}, 1), holds: [...]content{textContent("old"), textContent("older")}}
		c := New(at(desktop.Desktop{Wayland: "here"}))
		c.openers = func(desktop.Desktop) []opener {
			return []opener{func(_ context.Context, events chan<- event) (selectionOwner, error) {
				d.events = events
				return d, nil
			}}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var ran sync.WaitGroup
		ran.Go(func() {
			if err := c.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		body(t, d, c)
		cancel()
		ran.Wait()
	})
}

func (d *fakeDesk) want(t *testing.T, clip, prim string) {
	t.Helper()
	if c, p := d.text(clipboard), d.text(primary); c != clip || p != prim {
		t.Errorf("the selections hold %q and %q, want %q and %q", c, p, clip, prim)
	}
}
