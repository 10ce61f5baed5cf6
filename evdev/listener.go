// Package evdev listens for the keys that the user holds to speak. It finds the
// devices that have them and follows hot-plug. For each hold it sends exactly
// one press and one release, whatever happens to the device meanwhile. It opens
// only devices that have a bound key, and has the kernel deliver no other key
// of theirs (EVIOCSMASK).
//
// It uses the evdev interface of the kernel (docs.kernel.org/input/input.html)
// through go-evdev, and inotify(7) through fsnotify.
package evdev

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Config says what a Listener listens for. Only Bindings is required.
type Config struct {
	Bindings []Binding

	// Own returns the Sysname, such as input17, of the device that this program
	// types with (UI_GET_SYSNAME), or "" if there is none. The Listener ignores
	// that device. Own must be safe for concurrent use.
	Own func() string

	// Changed is called with the new Status after the Listener has tried to open
	// the devices present at the start, and after each change. It is called from
	// Run and must not wait.
	Changed func(Status)

	// Log gets the names of devices that come and go, and never a key. nil
	// discards them.
	Log *slog.Logger
}

// A Listener turns key events of the machine's devices into holds of bindings.
type Listener struct {
	cfg    Config
	host   host
	probes chan struct{} // received by the loop, for Alive
}

// New returns a Listener. It does nothing before Run.
func New(cfg Config) *Listener {
	if cfg.Own == nil {
		cfg.Own = func() string { return "" }
	}
	if cfg.Changed == nil {
		cfg.Changed = func(Status) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Listener{cfg: cfg, host: newSystem(defaultDir), probes: make(chan struct{})}
}

// A Status says which devices a Listener listens to.
type Status struct {
	// Devices are those listened to. Err says why a device is not grabbed
	// although it should be.
	Devices []Device

	// Denied are devices that have a bound key but cannot be opened. Err says
	// why. Most often it is fs.ErrPermission, also for a new device before udev
	// has set its permissions.
	Denied []Device

	// Missing are the bindings, by number, with a key that none of Devices has.
	Missing []int
}

// Alive waits until Run receives its probe, which proves that the loop of Run
// is not blocked. It returns the error of ctx if that is done first.
func (l *Listener) Alive(ctx context.Context) error {
	select {
	case l.probes <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run listens until ctx is done and then returns nil. It may be called again.
// It sends one Event to events for each end of a hold. Event.Binding counts
// Config.Bindings. Event.At is the kernel's time of the event, so the length of
// a hold does not depend on when it was received. Event.At is never in the
// future, never goes backwards for one binding, and can be compared with
// time.Now even if the clock was set.
//
// Run sends a press at once. It sends a release after 20 ms, in which the
// contact may bounce; At does not include them. A key that is down when its
// device is opened is ignored until the next press. When ctx is done, all holds
// end: Run returns without sending their releases.
//
// Run uses no time while no key is pressed and no device comes or goes. It
// returns an error if Bindings are invalid, or if the folder cannot be watched.
// It is no error if devices cannot be opened, or if there are none.
func (l *Listener) Run(ctx context.Context, events chan<- key.Event) error {
	var paths []string
	for i, b := range l.cfg.Bindings {
		if err := b.Check(); err != nil {
			return fmt.Errorf("binding %d: %w", i+1, err)
		}
		paths = append(paths, b.paths()...)
	}
	return l.listen(ctx, newDeviceSet(l.host, newHolds(l.cfg.Bindings), paths, l.cfg.Own, l.cfg.Log), events)
}

// listen has the devices of a set opened and read, and sends the edges that its
// handler returns.
func (l *Listener) listen(ctx context.Context, ds *deviceSet, events chan<- key.Event) error {
	ctx, cancel := context.WithCancel(ctx)
	if err := ds.start(ctx); err != nil {
		cancel()
		return err
	}
	defer ds.stop()
	defer cancel()
	times := times{wall: time.Now(), mono: l.host.now()}
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	l.publish(ds)
	var queue []key.Event
	for {
		for _, x := range ds.takeEdges() {
			queue = append(queue, key.Event{Binding: x.binding, Down: x.down, At: times.date(x.at), Cause: x.cause})
		}
		if ds.changed {
			l.publish(ds)
		}
		alarm.Stop()
		if at, ok := ds.deadline(); ok {
			alarm.Reset(at - l.host.now())
		}
		var out chan<- key.Event // nil, which is never ready, while the queue is empty
		var first key.Event
		if len(queue) > 0 {
			out, first = events, queue[0]
		}
		select {
		case <-ctx.Done():
			return nil
		case out <- first:
			queue = slices.Delete(queue, 0, 1)
		case <-l.probes:
		case r := <-ds.results:
			ds.dispatch(ctx, r)
		case ev := <-ds.watcher.events:
			if err := ds.folderChanged(ctx, ev); err != nil {
				return err
			}
		case err := <-ds.watcher.errors:
			l.cfg.Log.Warn("changes of devices were lost", "error", err)
			ds.scan(ctx)
		case <-alarm.C:
			ds.expire(ctx, l.host.now())
		}
	}
}

// publish reports the Status of a set.
func (l *Listener) publish(ds *deviceSet) {
	ds.changed = false
	s := Status{
		Devices: sorted(ds.open, func(r *reader) (Device, bool) {
			d := r.dev
			d.Err = r.grabErr
			return d, true
		}),
		Denied: sorted(ds.retries, func(t *retry) (Device, bool) { return t.dev, t.dev.Err != errNoLink }),
	}
	for i, b := range l.cfg.Bindings {
		var have Set
		for _, r := range ds.open {
			if r.interest.serves[i] {
				have = have.or(r.dev.Keys)
			}
		}
		if !SetOf(b.Keys...).without(have).empty() {
			s.Missing = append(s.Missing, i)
		}
	}
	l.cfg.Changed(s)
}

// A times turns times on CLOCK_MONOTONIC into times of day. Unlike
// clock.FromMonotonic it keeps their differences exact.
type times struct {
	wall time.Time     // one moment
	mono time.Duration // the same moment on CLOCK_MONOTONIC
}

// date returns t as a time of day by the wall clock of now, which may have been
// set since then. Its monotonic reading is exact.
func (c times) date(t time.Duration) time.Time {
	now := time.Now()
	return now.Add(t - c.mono - now.Sub(c.wall))
}
