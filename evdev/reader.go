package evdev

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A reader is an open device. run reads it, and belongs to its own goroutine;
// the fields below node belong to the deviceSet.
type reader struct {
	id       int
	name     string // of the event node
	dev      Device
	node     node
	interest interest
	grab     bool  // run must still grab the device
	grabErr  error // why it is not grabbed
}

// A result is what a reader has read.
type result struct {
	reader  *reader
	changes []keyChange
	synced  bool // held is the state after the changes
	held    Set
	tried   bool // to grab, with grabErr as the result
	grabErr error
	err     error // the device cannot be read any more; this is the last result
}

// errHeld is why a device is not grabbed while one of its keys is down: other
// programs saw the press and must see the release.
var errHeld = errors.New("a key of it is down")

// grab grabs a device on which the keys in held are down. It returns whether to
// try again later.
func grab(n node, held Set) (again bool, err error) {
	if !held.empty() {
		return true, errHeld
	}
	if err = n.grab(); errors.Is(err, unix.EBUSY) {
		by := "another program"
		if s := knownGrabbers("/proc"); len(s) > 0 {
			by = strings.Join(s, " or ")
		}
		return true, fmt.Errorf("held by %s: %w", by, err)
	}
	return false, err
}

// run reads the device until it fails, or is interrupted, and closes it.
func (r *reader) run(ctx context.Context, results chan<- result) {
	defer r.node.Close()
	keys, pending := r.interest.keys, r.grab
	var in stream
	b := make([]byte, 64*eventSize)
	for {
		n, err := r.node.Read(b)
		res := result{reader: r, err: err}
		res.changes, res.synced = in.feed(b[:n])
		released := slices.ContainsFunc(res.changes, func(k keyChange) bool { return !k.down })
		if err == nil && (res.synced || pending && released) {
			var all Set
			all, res.err = r.node.held()
			res.held, res.synced = all.and(keys), true
			if pending && res.err == nil {
				pending, res.grabErr = grab(r.node, all)
				res.tried = true
			}
		}
		select {
		case results <- res:
		case <-ctx.Done():
			return
		}
		if res.err != nil {
			return
		}
	}
}
