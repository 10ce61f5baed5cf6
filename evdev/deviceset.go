package evdev

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A handler interprets the key changes of the devices in a deviceSet. Its
// methods are called from one goroutine. Times are CLOCK_MONOTONIC.
type handler interface {
	// wants returns what the handler wants from a device.
	wants(d Device) interest

	// added is called when a device is open; held are the wanted keys that are
	// down already.
	added(id int, d Device, i interest, held Set)

	// key is called when a key goes down or up.
	key(id int, k keyChange) []edge

	// resynced is called with the wanted keys that are down after changes were
	// lost.
	resynced(id int, held Set, at time.Duration) []edge

	// removed is called when a device is closed.
	removed(id int, at time.Duration) []edge

	// expire is called at the deadline or later. There may be none.
	expire(now time.Duration) []edge
	deadline() (at time.Duration, ok bool)
}

// An interest is what a handler wants from a device.
type interest struct {
	keys   Set    // to be delivered; if empty, the device is not opened
	serves []bool // the bindings that the device serves
	grab   bool
}

// exceeds reports whether i serves a binding that o does not.
func (i interest) exceeds(o interest) bool {
	for n := range i.serves {
		if i.serves[n] && !o.serves[n] {
			return true
		}
	}
	return false
}

// A deviceSet keeps the devices open that its handler wants, while devices come
// and go. It belongs to one goroutine.
//
// udev makes a new node readable only after a second or so, and its links
// later still. The set tries to open a device at each change of the folder. The
// notice of a change may come before it takes effect, so an attempt that failed
// is repeated for a while. After that nothing runs until the next change.
type deviceSet struct {
	host    host
	dir     string // of the nodes
	handler handler
	own     func() string
	paths   []string // by which bindings select devices
	log     *slog.Logger

	open    map[string]*reader // by node name
	retries map[string]*retry  // wanted and not open, by node name
	links   map[string]bool    // folders of paths, watched
	edges   []edge             // for takeEdges
	changed bool               // the Status did
	lastID  int

	watcher  watcher
	scans    bool          // there is no watcher
	nextScan time.Duration // while scans
	results  chan result
	readers  sync.WaitGroup
}

// A retry is a device that could not be opened yet.
type retry struct {
	dev    Device        // with Err set
	at     time.Duration // of the next attempt
	step   time.Duration // from that to the one after it
	until  time.Duration // no attempt after this
	paused bool          // until the next change of the folder
}

// The pauses between attempts to open a device, and how long they are repeated.
const (
	firstRetryInterval = 50 * time.Millisecond
	maxRetryInterval   = time.Second
	retryTimeout       = 5 * time.Second
)

func newDeviceSet(h host, hd handler, paths []string, own func() string, log *slog.Logger) *deviceSet {
	return &deviceSet{
		host: h, dir: h.folder(), handler: hd, paths: paths, own: own, log: log,
		open: map[string]*reader{}, retries: map[string]*retry{}, links: map[string]bool{},
		results: make(chan result),
	}
}

// stop closes all devices and waits for their readers. The context given to
// start must be done.
func (ds *deviceSet) stop() {
	for _, r := range ds.open {
		r.node.interrupt()
	}
	ds.readers.Wait()
	ds.unwatch()
}

// scan examines all nodes.
func (ds *deviceSet) scan(ctx context.Context) {
	for link := range ds.links {
		if !ds.scans && link != ds.dir && strings.HasPrefix(link, ds.dir+"/") {
			_ = ds.watcher.add(link) // if it does not exist, a change of the folder will report it
		}
	}
	names, _ := ds.host.nodes() // none if the folder does not exist
	for name := range ds.retries {
		if !slices.Contains(names, name) {
			ds.cancelRetry(name)
		}
	}
	for _, name := range names {
		ds.cancelRetry(name)
		ds.examine(ctx, name)
	}
}

// folderChanged handles a change in a watched folder.
func (ds *deviceSet) folderChanged(ctx context.Context, ev fsnotify.Event) error {
	name := filepath.Base(ev.Name)
	switch in := filepath.Dir(ev.Name); {
	case ev.Name == ds.dir && ev.Has(fsnotify.Create):
		if err := ds.watcher.add(ds.dir); err == nil {
			_ = ds.watcher.remove(filepath.Dir(ds.dir)) // it may not be watched
			ds.scan(ctx)
		}
	case ev.Name == ds.dir && ev.Has(fsnotify.Remove):
		ds.unwatch()
		if err := ds.watch(); err != nil {
			return err
		}
		ds.scan(ctx) // it may exist again
	case in == ds.dir && isNode(name) && ev.Has(fsnotify.Create|fsnotify.Chmod):
		ds.cancelRetry(name)
		ds.examine(ctx, name)
	case in == ds.dir && isNode(name) && ev.Has(fsnotify.Remove):
		ds.cancelRetry(name) // if it is open, its reader reports the end
	case (ds.links[ev.Name] || ds.links[in]) && ev.Has(fsnotify.Create):
		ds.scan(ctx)
	}
	return nil
}

// examine opens a node if the handler wants its device and it is not open.
func (ds *deviceSet) examine(ctx context.Context, name string) {
	d, err := ds.host.describe(name)
	if err != nil {
		ds.setRetry(name, d, err)
		return
	}
	unresolved := ds.resolve(&d)
	w := ds.handler.wants(d)
	if ds.isOwn(d) {
		w = interest{}
	}
	if r := ds.open[name]; r != nil {
		if r.dev.Sysname == d.Sysname && !w.exceeds(r.interest) {
			ds.cancelRetry(name)
			return
		}
		ds.closeDevice(r)
	}
	switch {
	case !w.keys.empty():
		err = ds.openDevice(ctx, name, d, w)
	case unresolved && !d.Keys.empty():
		err = errNoLink // udev makes links last
	}
	ds.setRetry(name, d, err)
}

// isOwn reports whether d is the device that this program types with.
func (ds *deviceSet) isOwn(d Device) bool {
	own := ds.own()
	return own != "" && own == d.Sysname
}

// errNoLink says that a device may yet turn out to be selected by a path.
var errNoLink = errors.New("link not there yet")

// resolve adds to d the paths of bindings that lead to it. It reports whether
// some paths lead nowhere.
func (ds *deviceSet) resolve(d *Device) (unresolved bool) {
	for _, p := range ds.paths {
		switch at, err := ds.host.resolve(p); {
		case err != nil:
			unresolved = true
		case at == d.Path:
			d.Links = append(d.Links, p)
		}
	}
	return unresolved
}

// setRetry schedules the next attempt to open a node if there was an error and
// the device still exists. Otherwise it cancels the attempts.
func (ds *deviceSet) setRetry(name string, d Device, err error) {
	if err == nil || gone(err) {
		ds.cancelRetry(name)
		return
	}
	ds.scheduleRetry(name, d, err)
}

func (ds *deviceSet) scheduleRetry(name string, d Device, err error) {
	now := ds.host.now()
	t := ds.retries[name]
	if t == nil {
		t = &retry{step: firstRetryInterval, until: now + retryTimeout}
		ds.retries[name] = t
		ds.changed = true
	}
	t.dev, t.dev.Err = d, err
	t.at, t.step = now+t.step, min(2*t.step, maxRetryInterval)
	t.paused = t.at > t.until
}

func (ds *deviceSet) cancelRetry(name string) {
	if _, ok := ds.retries[name]; ok {
		delete(ds.retries, name)
		ds.changed = true
	}
}

// takeEdges returns the edges since the last call. They are valid until the set
// is used again.
func (ds *deviceSet) takeEdges() []edge {
	edges := ds.edges
	ds.edges = edges[:0]
	return edges
}

// expire does what is due by now.
func (ds *deviceSet) expire(ctx context.Context, now time.Duration) {
	ds.edges = append(ds.edges, ds.handler.expire(now)...)
	for name, t := range ds.retries {
		if !t.paused && t.at <= now {
			ds.examine(ctx, name)
		}
	}
	if ds.scans && ds.nextScan <= now && ds.watch() == nil {
		ds.scan(ctx)
	}
}

// deadline returns when expire must be called, if at all.
func (ds *deviceSet) deadline() (at time.Duration, ok bool) {
	at, ok = ds.handler.deadline()
	for _, t := range ds.retries {
		if !t.paused && (!ok || t.at < at) {
			at, ok = t.at, true
		}
	}
	if ds.scans && (!ok || ds.nextScan < at) {
		return ds.nextScan, true
	}
	return at, ok
}

// openDevice opens a device and starts its reader.
func (ds *deviceSet) openDevice(ctx context.Context, name string, d Device, w interest) error {
	n, err := ds.host.open(d, w.keys)
	if err != nil {
		return err
	}
	all, err := n.held()
	if err != nil {
		return errors.Join(err, n.Close())
	}
	ds.lastID++
	r := &reader{id: ds.lastID, name: name, dev: d, node: n, interest: w}
	if w.grab {
		if r.grabErr = d.Dedicated(); r.grabErr == nil {
			r.grab, r.grabErr = grab(n, all)
		}
		if r.grabErr != nil {
			ds.log.Warn("device is not grabbed", "device", d.Name, "err", r.grabErr)
		}
	}
	ds.open[name], ds.changed = r, true
	ds.handler.added(r.id, d, w, all.and(w.keys))
	ds.log.Info("device came", "device", d.Name, "path", d.Path)
	ds.readers.Go(func() { r.run(ctx, ds.results) })
	return nil
}

// dispatch passes a result of a reader to the handler.
func (ds *deviceSet) dispatch(ctx context.Context, res result) {
	r, now := res.reader, ds.host.now()
	if ds.open[r.name] != r {
		return // it was closed meanwhile
	}
	if ds.isOwn(r.dev) {
		ds.closeDevice(r) // own was not yet known when it was opened
		return
	}
	for _, k := range res.changes {
		k.at = min(max(k.at, 0), now)
		ds.edges = append(ds.edges, ds.handler.key(r.id, k)...)
	}
	if res.synced && res.err == nil {
		ds.edges = append(ds.edges, ds.handler.resynced(r.id, res.held, now)...)
	}
	if res.tried {
		r.grabErr, ds.changed = res.grabErr, true
	}
	if res.err == nil {
		return
	}
	ds.closeDevice(r)
	// The device may still exist, if access to it was revoked. Another one may
	// also have its node already, whose notice came too early.
	if d, err := ds.host.describe(r.name); err == nil {
		ds.scheduleRetry(r.name, d, res.err)
	}
}

// closeDevice closes an open device, which releases all its keys.
func (ds *deviceSet) closeDevice(r *reader) {
	delete(ds.open, r.name)
	ds.changed = true
	r.node.ungrab() // it may be opened again before the reader has ended
	r.node.interrupt()
	ds.edges = append(ds.edges, ds.handler.removed(r.id, ds.host.now())...)
	ds.log.Info("device went", "device", r.dev.Name, "path", r.dev.Path)
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
