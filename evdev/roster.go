package evdev

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A mind makes sense of what the devices of a roster say. Its methods are
// called from one goroutine; times are of the kernel's monotonic clock.
type mind interface {
	want(d Device) want
	join(id int, d Device, w want, held Set)
	stroke(id int, s stroke) []edge
	sync(id int, held Set, at time.Duration) []edge
	leave(id int, at time.Duration) []edge
	due(now time.Duration) []edge
	next() (at time.Duration, ok bool)
}

// A want says what a device is wanted for.
type want struct {
	keys   Set    // let through; if empty the device is of no interest and stays closed
	serves []bool // the bindings it serves
	grab   bool
}

// exceeds reports whether w serves a binding that o does not.
func (w want) exceeds(o want) bool {
	for i := range w.serves {
		if w.serves[i] && !o.serves[i] {
			return true
		}
	}
	return false
}

// A roster keeps the devices wanted open while they come and go.
//
// A node appears unreadable (udev sets its mode and ACL within a second or
// so) and its links later still. Each change of the folder is a reason to try
// again, and because a change may be told before it has taken effect, an
// attempt that failed is repeated for a while. Then nothing runs until the
// next change.
type roster struct {
	host  host
	mind  mind
	own   func() string
	paths []string // devices are selected by these
	log   *slog.Logger

	open    map[string]*source // by node name
	tries   map[string]*try    // wanted and not open, by node name
	links   map[string]bool    // folders of paths, watched
	edges   []edge             // not yet collected
	changed bool               // what Status tells
	lastID  int

	watcher watcher
	reports chan report
	readers sync.WaitGroup
}

// A try is a device that could not be opened yet.
type try struct {
	dev   Device // with Err set
	at    time.Duration
	step  time.Duration
	until time.Duration
	rests bool // until the next change of the folder
}

// How a device that may not yet be read is tried again.
const (
	firstStep = 50 * time.Millisecond
	longStep  = time.Second
	patience  = 5 * time.Second
)

func newRoster(h host, m mind, own func() string, log *slog.Logger) *roster {
	return &roster{
		host: h, mind: m, own: own, log: log,
		open: map[string]*source{}, tries: map[string]*try{}, links: map[string]bool{},
		reports: make(chan report),
	}
}

// start begins to watch the folder, and opens what is there. The folder need
// not exist yet.
func (r *roster) start(ctx context.Context, dir string) error {
	w, err := r.host.watch()
	if err != nil {
		return err
	}
	r.watcher = w
	if err := r.follow(dir); err != nil {
		return errors.Join(err, w.close())
	}
	for _, p := range r.paths {
		r.links[filepath.Dir(p)] = true
	}
	r.scan(ctx, dir)
	return nil
}

// follow watches the folder, or while there is none (a machine without any
// input device) the one it will appear in. That one is left as soon as
// possible, for /dev tells of every write to a terminal.
func (r *roster) follow(dir string) error {
	err := r.watcher.add(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return watching(dir, err)
	}
	parent := filepath.Dir(dir)
	if err := r.watcher.add(parent); err != nil {
		return watching(parent, err)
	}
	if err := r.watcher.add(dir); err == nil { // it came in between
		return watching(parent, r.watcher.remove(parent))
	}
	return nil
}

func watching(dir string, err error) error {
	if err != nil {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	return nil
}

// stop closes everything and waits for all readers; its ctx, the one given to
// start, must be done.
func (r *roster) stop() {
	for _, s := range r.open {
		s.node.interrupt()
	}
	r.readers.Wait()
	_ = r.watcher.close() // nothing was written
}

// scan looks at all there is.
func (r *roster) scan(ctx context.Context, dir string) {
	for link := range r.links {
		if link != dir && strings.HasPrefix(link, dir+"/") {
			_ = r.watcher.add(link) // it comes with its first link; its coming is told by dir
		}
	}
	names, _ := r.host.nodes() // none if the folder is not there yet
	for name := range r.tries {
		if !slices.Contains(names, name) {
			r.forget(name)
		}
	}
	for _, name := range names {
		r.forget(name)
		r.consider(ctx, name)
	}
}

// change takes a change of a watched folder.
func (r *roster) change(ctx context.Context, dir string, ev fsnotify.Event) error {
	name := filepath.Base(ev.Name)
	switch in := filepath.Dir(ev.Name); {
	case ev.Name == dir && ev.Has(fsnotify.Create):
		if err := r.watcher.add(dir); err == nil {
			_ = r.watcher.remove(filepath.Dir(dir)) // if not watched, so much the better
			r.scan(ctx, dir)
		}
	case ev.Name == dir && ev.Has(fsnotify.Remove):
		if err := r.follow(dir); err != nil {
			return err
		}
		r.scan(ctx, dir) // it may be back already
	case in == dir && isNode(name) && ev.Has(fsnotify.Create|fsnotify.Chmod):
		r.forget(name)
		r.consider(ctx, name)
	case in == dir && isNode(name) && ev.Has(fsnotify.Remove):
		r.forget(name) // if it is open, its reader says so
	case (r.links[ev.Name] || r.links[in]) && ev.Has(fsnotify.Create):
		r.scan(ctx, dir)
	}
	return nil
}

// consider opens a node if its device is wanted and not open already.
func (r *roster) consider(ctx context.Context, name string) {
	d, err := r.host.describe(name)
	if err != nil {
		r.postpone(name, d, err)
		return
	}
	unresolved := r.resolve(&d)
	w := r.mind.want(d)
	if own := r.own(); own != "" && own == d.Sysname {
		w = want{}
	}
	if s := r.open[name]; s != nil {
		if s.dev.Sysname == d.Sysname && !w.exceeds(s.want) {
			r.forget(name)
			return
		}
		r.drop(s)
	}
	switch {
	case !w.keys.empty():
		err = r.take(ctx, name, d, w)
	case unresolved && !d.Keys.empty():
		err = errNoLink // udev makes links last
	}
	r.postpone(name, d, err)
}

// errNoLink says that a device may yet turn out to be one selected by a path.
var errNoLink = errors.New("link not there yet")

// resolve adds to d the paths of bindings that lead to it. It reports whether
// some lead nowhere.
func (r *roster) resolve(d *Device) (unresolved bool) {
	for _, p := range r.paths {
		switch at, err := r.host.resolve(p); {
		case err != nil:
			unresolved = true
		case at == d.Path:
			d.Links = append(d.Links, p)
		}
	}
	return unresolved
}

// postpone settles what is to become of a node that was considered: nothing
// more if it is open or gone, else another try.
func (r *roster) postpone(name string, d Device, err error) {
	if err == nil || gone(err) {
		r.forget(name)
		return
	}
	r.tryLater(name, d, err)
}

func (r *roster) tryLater(name string, d Device, err error) {
	now := r.host.now()
	t := r.tries[name]
	if t == nil {
		t = &try{step: firstStep, until: now + patience}
		r.tries[name] = t
		r.changed = true
	}
	t.dev, t.dev.Err = d, err
	t.at, t.step = now+t.step, min(2*t.step, longStep)
	t.rests = t.at > t.until
}

func (r *roster) forget(name string) {
	if _, ok := r.tries[name]; ok {
		delete(r.tries, name)
		r.changed = true
	}
}

// collect returns what has happened since it was last called. It is valid until
// more happens.
func (r *roster) collect() []edge {
	edges := r.edges
	r.edges = edges[:0]
	return edges
}

// due does what is to be done by now.
func (r *roster) due(ctx context.Context, now time.Duration) {
	r.edges = append(r.edges, r.mind.due(now)...)
	for name, t := range r.tries {
		if !t.rests && t.at <= now {
			r.consider(ctx, name)
		}
	}
}

// next returns when due must be called, if nothing happens before.
func (r *roster) next() (at time.Duration, ok bool) {
	at, ok = r.mind.next()
	for _, t := range r.tries {
		if !t.rests && (!ok || t.at < at) {
			at, ok = t.at, true
		}
	}
	return at, ok
}

// take opens a device and starts its reader. Masking comes before anything is
// read, and held discards what came before the mask.
func (r *roster) take(ctx context.Context, name string, d Device, w want) error {
	n, err := r.host.open(d)
	if err != nil {
		return err
	}
	if err := n.mask(w.keys); err != nil {
		return errors.Join(err, n.Close())
	}
	all, err := n.held()
	if err != nil {
		return errors.Join(err, n.Close())
	}
	r.lastID++
	s := &source{id: r.lastID, name: name, dev: d, node: n, want: w}
	if w.grab {
		if s.grabs = d.Dedicated(); s.grabs == nil {
			s.grab, s.grabs = grab(n, d, all)
		}
		if s.grabs != nil {
			r.log.Warn("device is not grabbed", "device", d.Name, "error", s.grabs)
		}
	}
	r.open[name], r.changed = s, true
	r.mind.join(s.id, d, w, all.and(w.keys))
	r.log.Info("device came", "device", d.Name, "path", d.Path)
	r.readers.Go(func() { s.listen(ctx, r.reports) })
	return nil
}

// hear takes a report of a reader.
func (r *roster) hear(ctx context.Context, p report) {
	s, now := p.src, r.host.now()
	if r.open[s.name] != s {
		return // dropped meanwhile
	}
	if own := r.own(); own != "" && own == s.dev.Sysname {
		r.drop(s) // its name was not yet known when it was opened
		return
	}
	for _, k := range p.strokes {
		k.at = min(max(k.at, 0), now)
		r.edges = append(r.edges, r.mind.stroke(s.id, k)...)
	}
	if p.synced && p.err == nil {
		r.edges = append(r.edges, r.mind.sync(s.id, p.held, now)...)
	}
	if p.tried {
		s.grabs, r.changed = p.grabs, true
	}
	if p.err == nil {
		return
	}
	r.drop(s)
	// Access may have been revoked while the device is still there; there
	// may also be a new one in its place, of which we were told too early.
	if d, err := r.host.describe(s.name); err == nil {
		r.tryLater(s.name, d, p.err)
	}
}

// drop lets go of an open device: all its keys are released.
func (r *roster) drop(s *source) {
	delete(r.open, s.name)
	r.changed = true
	s.node.interrupt()
	r.edges = append(r.edges, r.mind.leave(s.id, r.host.now())...)
	r.log.Info("device went", "device", s.dev.Name, "path", s.dev.Path)
}

// sorted returns the devices of a map in the order of their nodes.
func sorted[T any](m map[string]T, device func(T) (Device, bool)) []Device {
	var all []Device
	for _, name := range slices.SortedFunc(maps.Keys(m), byNumber) {
		if d, ok := device(m[name]); ok {
			all = append(all, d)
		}
	}
	return all
}
