package capture

import (
	"errors"
	"math"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// unknown is the end of a recording that has no known end yet.
const unknown = math.MaxInt64

// stallTimeout is how long the stream may deliver no sound before Run opens a new one. A
// released recording waits this much longer than the tail for its last samples.
const stallTimeout = 1500 * time.Millisecond

var errLate = errors.New("the microphone opened late")

// A recording is the state of one call of Record. Positions count the samples of the
// present stream; they start again when a new stream replaces it.
type recording struct {
	pressed     time.Time
	released    time.Time // zero while held
	earliestEnd time.Time // it may end from this moment on, if there is no voice
	endTime     time.Time // it ends at this moment; zero while held
	reply       chan result

	buf       []int16
	room      int   // samples of the longest recording
	next      int64 // position of the sample wanted next
	located   bool  // the first sample of buf is the first of the recording
	end       int64 // position after the last sample wanted, or unknown
	continues bool  // it begins where the previous recording ends
	shortened bool  // its tail was cut because the next recording began
	notified  int   // samples of buf that the hooks and the monitor have received

	brokenAt time.Time // when its stream ended, zero if that delivers
	gap      time.Duration
	err      error // why sound is missing, nil if none is
	monitor  monitor
}

type result struct {
	clip pcm.Clip
	err  error
}

func newRecording(now time.Time, d detector, longest time.Duration) *recording {
	return &recording{pressed: now, room: int(samples(longest)), reply: make(chan result, 1), end: unknown, monitor: monitor{tracker: tracker{detector: d}}}
}

func (rec *recording) held() bool { return rec.released.IsZero() }

// add appends what belongs to the recording of a piece of sound that starts at pos.
func (rec *recording) add(pos int64, s []int16) {
	from := max(rec.next-pos, 0)
	to := min(rec.end-pos, int64(len(s)))
	if from >= to {
		return
	}
	rec.grow(int(to - from))
	rec.buf = append(rec.buf, s[from:to]...)
	rec.next = pos + to
}

// The sizes of the buffer of a recording, in samples. A longer recording gets room for the
// longest that the settings allow. A buffer that grows by doubling would for a moment take
// three times the size of what is recorded. Room that holds no sound takes no memory.
const (
	firstRoom = 4 * pcm.Rate
	nextRoom  = 60 * pcm.Rate
)

// grow makes room for n more samples and wipes the old buffer.
func (rec *recording) grow(n int) {
	want := len(rec.buf) + n
	if want <= cap(rec.buf) {
		return
	}
	room := max(2*cap(rec.buf), want) // the recording is longer than it should be
	for _, size := range []int{firstRoom, nextRoom, rec.room} {
		if want <= size {
			room = size
			break
		}
	}
	old := rec.buf
	rec.buf = make([]int16, len(old), room)
	copy(rec.buf, old)
	clear(old)
}

// trimStart drops the sound before pos: the recording begins there.
func (rec *recording) trimStart(pos int64) {
	rec.located = true
	drop := int(min(max(pos-(rec.next-int64(len(rec.buf))), 0), int64(len(rec.buf))))
	rest := copy(rec.buf, rec.buf[drop:])
	clear(rec.buf[rest:])
	rec.buf = rec.buf[:rest]
	rec.next = max(rec.next, pos)
}

// setEnd sets where the recording ends and drops the sound after it.
func (rec *recording) setEnd(pos int64) {
	rec.end = pos
	if over := rec.next - pos; over > 0 {
		keep := max(0, len(rec.buf)-int(min(over, int64(len(rec.buf)))))
		clear(rec.buf[keep:])
		rec.buf = rec.buf[:keep]
		rec.next = pos
	}
}

// notifiedTo returns the position up to which the hooks and the monitor have received
// it.
func (rec *recording) notifiedTo() int64 { return rec.next - int64(len(rec.buf)-rec.notified) }

// complete reports whether all sound of the recording has arrived.
func (rec *recording) complete() bool { return rec.located && rec.next >= rec.end }

// restart prepares the recording for a new stream. All sound of that belongs to it.
func (rec *recording) restart() {
	rec.located, rec.next, rec.end = true, 0, unknown
}

// resume records that sound arrives again.
func (rec *recording) resume(now time.Time) {
	switch {
	case !rec.brokenAt.IsZero():
		rec.gap += max(0, now.Sub(rec.brokenAt))
		rec.brokenAt = time.Time{}
	case len(rec.buf) == 0 && rec.err == nil && now.Sub(rec.pressed) > stallTimeout:
		rec.gap, rec.err = now.Sub(rec.pressed), errLate
	}
}

// wipe overwrites the sound of a recording that was discarded.
func (rec *recording) wipe() {
	clear(rec.buf[:cap(rec.buf)])
	rec.buf = nil
	rec.monitor.tracker.wipe()
}

// A ring keeps the newest samples, up to its size.
type ring struct {
	buf  []int16
	at   int // index of the oldest sample if full
	full bool
}

func newRing(n int64) *ring { return &ring{buf: make([]int16, n)} }

func (r *ring) add(s []int16) {
	if over := len(s) - len(r.buf); over > 0 {
		s = s[over:]
	}
	for len(s) > 0 {
		n := copy(r.buf[r.at:], s)
		s = s[n:]
		if r.at += n; r.at == len(r.buf) {
			r.at, r.full = 0, true
		}
	}
}

// last returns a copy of the newest n samples, or fewer if it has fewer.
func (r *ring) last(n int64) []int16 {
	all := make([]int16, 0, len(r.buf))
	if r.full {
		all = append(all, r.buf[r.at:]...)
	}
	all = append(all, r.buf[:r.at]...)
	drop := max(0, len(all)-int(min(n, int64(len(all)))))
	clear(all[:drop])
	return all[drop:]
}

func (r *ring) wipe() {
	clear(r.buf)
	r.at, r.full = 0, false
}
