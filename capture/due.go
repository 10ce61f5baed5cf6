package capture

import (
	"slices"
	"time"
)

const (
	// tellAfter is how long no sound may come before it is told.
	tellAfter = 700 * time.Millisecond
	// giveUpAfter is how long no sound may come before a new stream is opened,
	// and how much longer than the tail a release waits for its last samples.
	giveUpAfter = 1500 * time.Millisecond
	// coldAfter is how long a stream may take to its first sample: a Bluetooth
	// headset that changes its profile takes a second.
	coldAfter = 3 * time.Second
	// lateBy is how much too late Run may come to what is due. Beyond it nobody
	// ran here, and what the server has kept is yet to be read.
	lateBy = 100 * time.Millisecond

	retryFirst = 100 * time.Millisecond
	retryMost  = time.Second     // while it may be a restart
	retryLate  = 5 * time.Second // after a minute
	lateAfter  = time.Minute
)

// due does what the time has come for.
func (d *desk) due(now time.Time) {
	d.excuse(now)
	if d.feed.events == nil && !now.Before(d.retryAt) {
		d.feed = *d.open()
	}
	if d.running && !d.restAt.IsZero() && !now.Before(d.restAt) {
		d.feed.send(cmdRest)
		d.running, d.restAt = false, time.Time{}
		d.clock, d.bound = clock{}, clock{}
		d.ring.wipe()
	}
	for _, t := range slices.Clone(d.takes) {
		d.dueTake(t, now)
	}
	if d.state.Ready() && len(d.takes) > 0 && !now.Before(d.stallAt()) {
		d.broken(errStalled, now)
		d.retryAt = now
	}
}

// excuse lets no time count for the stream in which this program stood still:
// suspended, stopped by a signal, or without a processor. It does so once until
// more sound arrives, lest a machine that is always late never gives up.
func (d *desk) excuse(now time.Time) {
	due := d.deadline()
	if !due.IsZero() && now.Sub(due) > lateBy && d.excused.Before(d.newest) {
		d.excused = now
	}
}

// waiting returns since when sound is waited for that a take wants.
func (d *desk) waiting(t *take) time.Time { return later(t.pressed, later(d.newest, d.excused)) }

func (d *desk) dueTake(t *take, now time.Time) {
	if !t.held() && !now.Before(d.endAt(t)) {
		d.finish(t, d.why())
		return
	}
	if at := d.tellAt(t); at.IsZero() || now.Before(at) {
		return
	}
	problem := Stalled
	if !d.state.Ready() {
		problem = Unready
	}
	t.watch.tell(problem, d.why(), &d.hooks)
}

// endAt returns when a released take ends although sound is missing.
func (d *desk) endAt(t *take) time.Time { return later(t.until, d.excused).Add(giveUpAfter) }

// tellAt returns when the lack of sound is to be told, zero if it was.
func (d *desk) tellAt(t *take) time.Time {
	if t.watch.told(Stalled) || t.watch.told(Unready) {
		return time.Time{}
	}
	return d.waiting(t).Add(tellAfter)
}

// stallAt returns when to give up the stream for want of sound.
func (d *desk) stallAt() time.Time {
	limit := giveUpAfter
	if d.got == 0 {
		limit = coldAfter
	}
	return d.waiting(d.takes[len(d.takes)-1]).Add(limit)
}

// deadline returns when due has something to do, zero for never.
func (d *desk) deadline() time.Time {
	var at time.Time
	soonest := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if d.feed.events == nil {
		soonest(d.retryAt)
	}
	if d.running && !d.restAt.IsZero() {
		soonest(d.restAt)
	}
	for _, t := range d.takes {
		if at := d.tellAt(t); !at.IsZero() {
			soonest(at)
		}
		if !t.held() {
			soonest(d.endAt(t))
		}
	}
	if d.state.Ready() && len(d.takes) > 0 {
		soonest(d.stallAt())
	}
	return at
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
