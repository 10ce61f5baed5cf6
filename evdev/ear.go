// Package evdev hears the keys that are held to speak. It finds the devices
// that have them, follows hot-plug, and gives exactly one press and one
// release for each hold, whatever becomes of the device meanwhile. Only
// devices with a bound key are opened, and the kernel is told to deliver no
// other key of theirs (EVIOCSMASK).
//
// It stands on the evdev interface of the kernel
// (docs.kernel.org/input/input.html) by way of go-evdev, and on inotify(7) by
// way of fsnotify.
package evdev

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Config says what an Ear listens for. Only Bindings is needed.
type Config struct {
	Bindings []Binding

	// Dir is the folder of the event nodes, "" for /dev/input.
	Dir string

	// Own returns the Sysname, such as input17, of the device this program
	// types with (UI_GET_SYSNAME), or "" while it has none. That device is
	// never listened to. Own must be safe for concurrent use.
	Own func() string

	// Changed is called with the new Status once the devices present at the
	// start are open, or found wanting, and after each change. It is called
	// from Run and must not wait.
	Changed func(Status)

	// Log gets the names of devices that come and go, and never a key; nil is
	// silence.
	Log *slog.Logger
}

// An Ear turns what happens on the machine's keyboards into holds of bindings.
type Ear struct {
	cfg   Config
	host  host
	beats chan struct{}

	mu     sync.Mutex
	status Status
}

// New returns an Ear, which does nothing before Run.
func New(cfg Config) *Ear {
	if cfg.Own == nil {
		cfg.Own = func() string { return "" }
	}
	if cfg.Changed == nil {
		cfg.Changed = func(Status) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	sys := newSystem(cfg.Dir)
	cfg.Dir = sys.dir
	return &Ear{cfg: cfg, host: sys, beats: make(chan struct{})}
}

// A Status says how an Ear stands.
type Status struct {
	// Devices are those listened to. Err says why one is not grabbed although
	// it should be.
	Devices []Device

	// Denied are those that would be listened to but cannot be opened, for the
	// reason in Err: most often fs.ErrPermission, also while udev has not yet
	// got to a new device.
	Denied []Device

	// Missing are the bindings, by number, that cannot be held at present
	// because some key of theirs is on none of Devices.
	Missing []int
}

// Status returns how things stand. It is safe for concurrent use.
func (e *Ear) Status() Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status
}

// Alive waits until Run takes note of it, which shows that its loop does not
// stand still. Its error is that of ctx.
func (e *Ear) Alive(ctx context.Context) error {
	select {
	case e.beats <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run listens until ctx is done and then returns nil; it may be called again.
// It sends one Event to events for each end of a hold. Event.Binding counts
// Config.Bindings; Event.At is the kernel's time of the event, so that the
// length of a hold does not depend on when it was heard of. It is never in the
// future, for one binding never goes backwards, and compares with time.Now
// also after the clock was set.
//
// A press is sent at once. A release waits 20 ms for the contact to bounce,
// which does not show in At. A key that is down already when its device is
// opened counts for nothing until it is pressed anew. When ctx is done, all
// holds are over and no release is sent for them: the return of Run is the
// release.
//
// Nothing runs while no key is pressed and no device comes or goes. An error
// means that Bindings are unusable or that the folder cannot be watched;
// devices that cannot be opened, or none at all, are none.
func (e *Ear) Run(ctx context.Context, events chan<- key.Event) error {
	for i, b := range e.cfg.Bindings {
		if err := b.Check(); err != nil {
			return fmt.Errorf("binding %d: %w", i+1, err)
		}
	}
	r := newRoster(e.host, newHolds(e.cfg.Bindings), e.cfg.Own, e.cfg.Log)
	for _, b := range e.cfg.Bindings {
		if b.isPath() {
			r.paths = append(r.paths, b.Device)
		}
	}
	return e.listen(ctx, r, events)
}

// listen runs a roster.
func (e *Ear) listen(ctx context.Context, r *roster, events chan<- key.Event) error {
	ctx, cancel := context.WithCancel(ctx)
	if err := r.start(ctx, e.cfg.Dir); err != nil {
		cancel()
		return err
	}
	defer r.stop()
	defer cancel()
	clock := newClock(e.host)
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	e.publish(r)
	var queue []key.Event
	for {
		for _, x := range r.collect() {
			queue = append(queue, key.Event{Binding: x.binding, Down: x.down, At: clock.date(x.at), Cause: x.cause})
		}
		if r.changed {
			e.publish(r)
		}
		alarm.Stop()
		if at, ok := r.next(); ok {
			alarm.Reset(at - e.host.now())
		}
		var out chan<- key.Event // nil, which is never ready, while there is nothing to say
		var first key.Event
		if len(queue) > 0 {
			out, first = events, queue[0]
		}
		select {
		case <-ctx.Done():
			return nil
		case out <- first:
			queue = slices.Delete(queue, 0, 1)
		case <-e.beats:
		case p := <-r.reports:
			r.hear(ctx, p)
		case ev := <-r.watcher.events():
			if err := r.change(ctx, e.cfg.Dir, ev); err != nil {
				return err
			}
		case err := <-r.watcher.errors():
			e.cfg.Log.Warn("changes of devices were lost", "error", err)
			r.scan(ctx, e.cfg.Dir)
		case <-alarm.C:
			r.due(ctx, e.host.now())
		}
	}
}

// publish makes the state of r the Status.
func (e *Ear) publish(r *roster) {
	r.changed = false
	s := Status{
		Devices: sorted(r.open, func(s *source) (Device, bool) {
			d := s.dev
			d.Err = s.grabs
			return d, true
		}),
		Denied: sorted(r.tries, func(t *try) (Device, bool) { return t.dev, t.dev.Err != errNoLink }),
	}
	for i, b := range e.cfg.Bindings {
		var have Set
		for _, src := range r.open {
			if src.want.serves[i] {
				have = have.or(src.dev.Keys)
			}
		}
		if !SetOf(b.Keys...).without(have).empty() {
			s.Missing = append(s.Missing, i)
		}
	}
	e.mu.Lock()
	e.status = s
	e.mu.Unlock()
	e.cfg.Changed(s)
}

// A clock turns times of the kernel's monotonic clock, which is also the one
// inside a time.Time, into times of day.
type clock struct {
	at time.Time     // one moment,
	is time.Duration // on both clocks
}

func newClock(h host) clock { return clock{at: time.Now(), is: h.now()} }

// date returns t as a time of day by the clock on the wall now, which may have
// been set meanwhile, with a monotonic reading that is exact.
func (c clock) date(t time.Duration) time.Time {
	now := time.Now()
	return now.Add(t - c.is - now.Sub(c.at))
}
