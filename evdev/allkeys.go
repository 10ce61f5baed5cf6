package evdev

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A KeyChange is one key of one device going down or up.
type KeyChange struct {
	Device Device
	Code   key.Code
	Down   bool
	Lost   bool // instead: changes were lost, and keys that went down may be up
}

// RunAll listens to every key of all devices, and to those plugged in meanwhile,
// until ctx is done and then returns nil. It calls changed for each key change;
// changed must not wait. The fingers and pens near a touchpad or screen are no keys.
// Config.Bindings are ignored.
//
// Unlike Run it has the kernel deliver every key to this process. Call it only
// while the user waits for it in the foreground. It returns an error if the
// folder cannot be watched.
func (l *Listener) RunAll(ctx context.Context, changed func(KeyChange)) error {
	all := *l
	all.cfg.Bindings = nil
	return all.listen(ctx, newDeviceSet(l.host, allKeys{changed, map[int]Device{}}, nil, l.cfg.Own, l.cfg.Log), nil)
}

// allKeys is the handler of RunAll. It returns no edges.
type allKeys struct {
	changed func(KeyChange)
	devices map[int]Device
}

func (a allKeys) wants(d Device) interest { return interest{keys: d.Keys.without(touching)} }

func (a allKeys) added(id int, d Device, _ interest, _ Set) { a.devices[id] = d }

func (a allKeys) key(id int, k keyChange) []edge {
	a.changed(KeyChange{Device: a.devices[id], Code: k.code, Down: k.down})
	return nil
}

func (a allKeys) resynced(id int, _ Set, _ time.Duration) []edge {
	a.changed(KeyChange{Device: a.devices[id], Lost: true})
	return nil
}

func (a allKeys) removed(id int, at time.Duration) []edge {
	a.resynced(id, Set{}, at)
	delete(a.devices, id)
	return nil
}

func (a allKeys) expire(time.Duration) []edge     { return nil }
func (a allKeys) deadline() (time.Duration, bool) { return 0, false }
