package capture

import (
	"math"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// unknown is the end of a take that is not known yet.
const unknown = math.MaxInt64

// A take is one recording under way. Positions count the samples of the present
// stream; when a new stream replaces it, they start again.
type take struct {
	pressed  time.Time
	released time.Time // zero while held
	enough   time.Time // from this moment on it may end, if nobody speaks
	until    time.Time // sound of this moment is the last; zero while held
	reply    chan result

	buf    []int16
	next   int64 // position of the sample wanted next
	placed bool  // the first sample of buf is the first of the recording
	end    int64 // position after the last sample wanted, or unknown
	joined bool  // it begins where the one before ends
	cut    bool  // its tail was cut: the next begins at its end
	told   int   // how much of buf the watch has heard

	broke time.Time // when the stream broke off that it was recorded from, else zero
	gap   time.Duration
	err   error // what is wrong with it, nil if nothing
	watch watch
}

type result struct {
	clip pcm.Clip
	err  error
}

func newTake(now time.Time, d detector) *take {
	return &take{pressed: now, reply: make(chan result, 1), end: unknown, watch: watch{tracker: tracker{detector: d}}}
}

func (t *take) held() bool { return t.released.IsZero() }

// add appends what the take wants of a piece of sound that starts at pos.
func (t *take) add(pos int64, s []int16) {
	from := max(t.next-pos, 0)
	to := min(t.end-pos, int64(len(s)))
	if from >= to {
		return
	}
	t.grow(int(to - from))
	t.buf = append(t.buf, s[from:to]...)
	t.next = pos + to
}

// grow makes room for n more samples, and leaves no copy behind.
func (t *take) grow(n int) {
	if len(t.buf)+n <= cap(t.buf) {
		return
	}
	old := t.buf
	t.buf = make([]int16, len(old), max(2*cap(old), len(old)+n, 4*pcm.Rate))
	copy(t.buf, old)
	clear(old)
}

// start drops what lies before pos: the take begins there.
func (t *take) start(pos int64) {
	t.placed = true
	drop := int(min(max(pos-(t.next-int64(len(t.buf))), 0), int64(len(t.buf))))
	rest := copy(t.buf, t.buf[drop:])
	clear(t.buf[rest:])
	t.buf = t.buf[:rest]
	t.next = max(t.next, pos)
}

// stop sets where the take ends, dropping what lies after it.
func (t *take) stop(pos int64) {
	t.end = pos
	if over := t.next - pos; over > 0 {
		keep := max(0, len(t.buf)-int(min(over, int64(len(t.buf)))))
		clear(t.buf[keep:])
		t.buf = t.buf[:keep]
		t.next = pos
	}
}

// heard returns the position up to which the watch has heard it.
func (t *take) heard() int64 { return t.next - int64(len(t.buf)-t.told) }

// complete reports whether all that is wanted has come.
func (t *take) complete() bool { return t.placed && t.next >= t.end }

// splice readies the take for a new stream, of which it wants everything.
func (t *take) splice() {
	t.placed, t.next, t.end = true, 0, unknown
}

// resume notes that sound came after none did.
func (t *take) resume(now time.Time) {
	switch {
	case !t.broke.IsZero():
		t.gap += max(0, now.Sub(t.broke))
		t.broke = time.Time{}
	case len(t.buf) == 0 && t.err == nil && now.Sub(t.pressed) > giveUpAfter:
		t.gap, t.err = now.Sub(t.pressed), errLate
	}
}

// wipe overwrites the sound of a take that nobody wants.
func (t *take) wipe() {
	clear(t.buf[:cap(t.buf)])
	t.buf = nil
	t.watch.tracker.wipe()
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

// newest returns a copy of the newest n samples, or fewer if it has fewer.
func (r *ring) newest(n int64) []int16 {
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
