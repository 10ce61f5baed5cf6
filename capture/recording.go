package capture

import (
	"errors"
	"math"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// unknown is the end of a take that is not known yet.
const unknown = math.MaxInt64

// stallTimeout is how long the stream may deliver no sound before a new stream is
// opened, and how much longer than the tail a released recording waits for its
// last samples.
const stallTimeout = 1500 * time.Millisecond

var errLate = errors.New("the microphone opened late")

// A recording is one recording under way. Positions count the samples of the present
// stream; when a new stream replaces it, they start again.
type recording struct {
	pressed     time.Time
	released    time.Time // zero while held
	earliestEnd time.Time // from this moment on it may end, if nobody speaks
	endTime     time.Time // sound of this moment is the last; zero while held
	reply       chan result

	buf       []int16
	next      int64 // position of the sample wanted next
	located   bool  // the first sample of buf is the first of the recording
	end       int64 // position after the last sample wanted, or unknown
	continues bool  // it begins where the one before ends
	shortened bool  // its tail was cut: the next begins at its end
	notified  int   // how much of buf the watch has heard

	brokenAt time.Time // when the stream broke off that it was recorded from, else zero
	gap      time.Duration
	err      error // what is wrong with it, nil if nothing
	monitor  monitor
}

type result struct {
	clip pcm.Clip
	err  error
}

func newRecording(now time.Time, d detector) *recording {
	return &recording{pressed: now, reply: make(chan result, 1), end: unknown, monitor: monitor{tracker: tracker{detector: d}}}
}

func (rec *recording) held() bool { return rec.released.IsZero() }

// add appends what the take wants of a piece of sound that starts at pos.
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

// grow makes room for n more samples, and leaves no copy behind.
func (rec *recording) grow(n int) {
	if len(rec.buf)+n <= cap(rec.buf) {
		return
	}
	old := rec.buf
	rec.buf = make([]int16, len(old), max(2*cap(old), len(old)+n, 4*pcm.Rate))
	copy(rec.buf, old)
	clear(old)
}

// trimStart drops what lies before pos: the take begins there.
func (rec *recording) trimStart(pos int64) {
	rec.located = true
	drop := int(min(max(pos-(rec.next-int64(len(rec.buf))), 0), int64(len(rec.buf))))
	rest := copy(rec.buf, rec.buf[drop:])
	clear(rec.buf[rest:])
	rec.buf = rec.buf[:rest]
	rec.next = max(rec.next, pos)
}

// setEnd sets where the take ends, dropping what lies after it.
func (rec *recording) setEnd(pos int64) {
	rec.end = pos
	if over := rec.next - pos; over > 0 {
		keep := max(0, len(rec.buf)-int(min(over, int64(len(rec.buf)))))
		clear(rec.buf[keep:])
		rec.buf = rec.buf[:keep]
		rec.next = pos
	}
}

// notifiedTo returns the position up to which the watch has heard it.
func (rec *recording) notifiedTo() int64 { return rec.next - int64(len(rec.buf)-rec.notified) }

// complete reports whether all that is wanted has come.
func (rec *recording) complete() bool { return rec.located && rec.next >= rec.end }

// restart readies the take for a new stream, of which it wants everything.
func (rec *recording) restart() {
	rec.located, rec.next, rec.end = true, 0, unknown
}

// resume notes that sound came after none did.
func (rec *recording) resume(now time.Time) {
	switch {
	case !rec.brokenAt.IsZero():
		rec.gap += max(0, now.Sub(rec.brokenAt))
		rec.brokenAt = time.Time{}
	case len(rec.buf) == 0 && rec.err == nil && now.Sub(rec.pressed) > stallTimeout:
		rec.gap, rec.err = now.Sub(rec.pressed), errLate
	}
}

// wipe overwrites the sound of a take that nobody wants.
func (rec *recording) wipe() {
	clear(rec.buf[:cap(rec.buf)])
	rec.buf = nil
	rec.monitor.tracker.wipe()
}

// A ring keeps the newest samples, as many as it was made for.
type ring struct {
	buf  []int16
	at   int // of the oldest, once full
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
