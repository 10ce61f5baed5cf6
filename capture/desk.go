package capture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// early is how much earlier than the press a recording on a running stream
// begins: as much as the clock of the stream may be wrong.
const early = 20 * time.Millisecond

// ringSpare is how much sound is kept beyond the pre-roll while the stream
// runs: at the press, that of the moment before it may have arrived.
const ringSpare = 5 * early

const (
	// leastTail is how much sound after the release belongs to a recording at
	// least. With a packet and a latency of 20 ms each it is there within 120 ms.
	leastTail = 80 * time.Millisecond
	// stillFrames is after how many quiet frames a tail ends: 96 ms. The silence
	// before a plosive is shorter.
	stillFrames = 3
	// quietBelow is below which probability of a voice a frame is quiet. The end
	// of a word fades: of 36,000 releases within the last word of a clip, 17 lose
	// 30 ms of it or more. With 0.3 they are 24, with 0.1 they are 11; but the
	// noise of a loud room is often above 0.1, and the tail would not end.
	quietBelow = 0.2
)

var (
	errStalled = errors.New("no sound arrived")
	errLate    = errors.New("the microphone opened late")
)

// A feed is the owner's end of a line.
type feed struct {
	commands chan<- command
	events   <-chan any
	cancel   context.CancelFunc
}

func (f *feed) send(c command) {
	if f.commands == nil {
		return
	}
	select {
	case f.commands <- c:
	default: // a line that takes no commands is stuck, and will be given up
	}
}

// A desk is the state of Run: what the stream is doing, and the takes that are
// made of it, oldest first. Only the newest can be held. It belongs to the
// goroutine of Run.
type desk struct {
	cfg   *Config
	hooks Hooks // of cfg, but that Problem notes what was told
	open  func() *feed

	feed    feed      // zero while there is no line
	downAt  time.Time // since when there is none that works
	retryAt time.Time // when to open the next
	backoff time.Duration
	state   State

	source  Source
	running bool
	got     int64     // samples of the stream that have arrived
	given   int64     // position up to which they belong to finished takes
	newest  time.Time // when the newest arrived
	excused time.Time // until when it did not matter that none did
	clock   clock
	bound   clock // what arrived has been spoken: the clock cannot be behind this
	ring    *ring // the newest samples, while the stream runs

	takes  []*take
	ill    Problem   // what was told last, 0 when it is over
	deaf   bool      // neither linger nor pre-roll
	restAt time.Time // when to stop lingering
}

func newDesk(c *Config, open func() *feed) *desk {
	now := time.Now()
	d := &desk{
		cfg: c, hooks: c.Hooks, open: open, downAt: now, retryAt: now,
		ring: newRing(samples(max(c.PreRoll, 0) + ringSpare)),
	}
	d.hooks.Problem = d.trouble
	return d
}

// close ends the line and every take.
func (d *desk) close() {
	d.drop()
	for _, t := range d.takes {
		d.answer(t, ErrClosed)
	}
	d.takes = nil
}

// press begins a take.
func (d *desk) press(t *take, now time.Time) {
	for _, old := range slices.Clone(d.takes) {
		if old.held() {
			d.release(old, t.pressed)
		}
		if old.until.After(t.pressed) {
			old.until = t.pressed.Add(-early)
			old.cut, t.joined = true, true
			if d.clock.known() && d.running {
				d.place()
			}
		}
	}
	t.next = d.got
	if d.running {
		t.buf = d.ring.newest(min(d.got-d.given, int64(len(d.ring.buf))))
	}
	// Nothing that came before the stream ran can be in the way.
	t.placed = !d.running
	t.watch.begin(d.source)
	d.well()
	d.takes = append(d.takes, t)
	d.restAt = time.Time{}
	d.retryAt = earlier(d.retryAt, now)
	d.feed.send(cmdPress)
	if d.running && now.Sub(later(d.newest, d.excused)) > tellAfter {
		d.broken(errStalled, now) // it fell silent while nobody listened
	}
}

// release sets where a take ends; the clock that tells which sample that is
// comes later.
func (d *desk) release(t *take, at time.Time) {
	if !t.held() || !slices.Contains(d.takes, t) {
		return
	}
	t.released, t.until = at, at.Add(d.cfg.tail())
	t.enough = earlier(at.Add(leastTail), t.until)
	d.feed.send(cmdMeasure)
	if !d.state.Ready() {
		d.finish(t, d.why())
	}
}

// discard forgets a take.
func (d *desk) discard(t *take, now time.Time) {
	t.wipe()
	d.remove(t, now)
}

// handle takes what the line has to say.
func (d *desk) handle(e any, now time.Time) {
	switch e := e.(type) {
	case *block:
		d.hear(e.samples, now)
		e.end()
	case clock:
		d.clock = e
		d.place()
		d.collect(now)
	case runs:
		d.running, d.newest = true, now
	case opened:
		d.ready(e.source, now)
	case Source:
		d.source = e
		d.tell(State{Source: e.Description, Muted: e.Muted})
		for _, t := range d.takes {
			t.watch.becomes(e, &d.hooks)
		}
	case waits:
		d.tell(State{Err: e.err})
		d.expire(e.err)
	case gone:
		d.broken(e.err, now)
	default:
		panic(fmt.Sprintf("capture: no such event %T", e))
	}
}

// ready takes over a prepared stream.
func (d *desk) ready(s Source, now time.Time) {
	d.source, d.backoff = s, 0
	d.running, d.got, d.given = false, 0, 0
	d.clock, d.bound = clock{}, clock{}
	d.newest = now
	d.tell(State{Source: s.Description, Muted: s.Muted})
	for _, t := range d.takes {
		t.watch.source = s
	}
	switch {
	case len(d.takes) > 0:
		d.feed.send(cmdPress)
	case d.cfg.PreRoll > 0 && !d.deaf:
		d.feed.send(cmdRun)
	}
}

// hear shares out a piece of sound.
func (d *desk) hear(s []int16, now time.Time) {
	pos := d.got
	d.got += int64(len(s))
	d.newest = now
	if d.running || len(d.takes) > 0 {
		d.ring.add(s)
	}
	d.arrived(now)
	for _, t := range d.takes {
		t.resume(now)
		t.add(pos, s)
		if !d.clock.known() && !t.held() {
			d.feed.send(cmdMeasure) // the first attempt came before the first sound
		}
	}
	d.collect(now)
}

// arrived raises the bound: sound comes in bursts, and right after one the
// stream is nearest to the present.
func (d *desk) arrived(now time.Time) {
	const valid = 2 * time.Second // the sound card's time is not ours
	if d.got <= d.bound.sample(now) && now.Sub(d.bound.at) < valid {
		return
	}
	d.bound = clock{d.got, now}
	for _, t := range d.takes {
		if !t.held() && !t.cut && t.end != unknown {
			t.end = max(t.end, d.bound.sample(t.until))
		}
	}
}

// sample returns which sample of the stream is the sound of the moment t.
func (d *desk) sample(t time.Time) int64 {
	if d.bound.known() {
		return max(d.clock.sample(t), d.bound.sample(t))
	}
	return d.clock.sample(t)
}

// place finds, now that the clock is known, where takes begin and end.
func (d *desk) place() {
	given := d.given
	for _, t := range d.takes {
		switch {
		case t.placed:
		case t.joined:
			t.start(given)
		default:
			t.start(max(d.sample(t.pressed.Add(-early-d.cfg.PreRoll)), given))
		}
		if !t.held() {
			t.stop(max(d.sample(t.until), given))
			given = t.end
		}
	}
}

// collect lets the takes' watches hear what is new and finishes the takes that
// are complete.
func (d *desk) collect(now time.Time) {
	for i := 0; i < len(d.takes); {
		t := d.takes[i]
		d.listen(t)
		if t.complete() {
			d.given = max(d.given, t.end)
			d.finish(t, nil) // which takes it out
			continue
		}
		i++
	}
}

// listen lets the hooks hear what is new in a take, once it is sure to stay, and
// ends the take when the voice has ended.
func (d *desk) listen(t *take) {
	if !t.placed || !t.held() && t.end == unknown {
		return
	}
	for t.told < len(t.buf) {
		s := t.buf[t.told:min(len(t.buf), t.told+t.watch.tracker.lacks())]
		t.told += len(s)
		for _, h := range []*Hooks{&d.hooks, &t.watch.own} {
			if h.Heard != nil {
				h.Heard(s)
			}
		}
		t.watch.hear(s, &d.hooks)
		if !t.held() && !t.cut && t.watch.tracker.still >= stillFrames && t.heard() >= d.sample(t.enough) {
			t.stop(t.heard())
		}
	}
}

// broken deals with the end of the stream: takes that are held go on with the
// next one, the others end.
func (d *desk) broken(err error, now time.Time) {
	if d.state.Ready() {
		d.downAt = now
	}
	d.drop()
	d.cfg.Log.Debug("sound stream ended", "error", err)
	switch {
	case errors.Is(err, errOther):
		d.backoff = 0
		d.retryAt = now
	default:
		d.wait(now)
		d.tell(State{Err: err})
	}
	for _, t := range slices.Clone(d.takes) {
		d.interrupt(t, err)
	}
}

// interrupt takes the end of the stream to a take.
func (d *desk) interrupt(t *take, err error) {
	if errors.Is(err, errOther) && !t.placed {
		t.wipe() // what came since the press came from the microphone of before
		t.told = 0
	}
	if len(t.buf) > 0 && t.broke.IsZero() {
		t.broke = d.newest
		if t.err == nil {
			t.err = err
		}
		t.watch.tell(Broken, err, &d.hooks)
	}
	t.splice()
	if !t.held() {
		d.finish(t, err)
	}
}

// drop closes the line.
func (d *desk) drop() {
	if d.feed.cancel != nil {
		d.feed.cancel()
	}
	d.feed = feed{}
	d.running, d.got, d.given = false, 0, 0
	d.clock, d.bound = clock{}, clock{}
	d.ring.wipe()
	d.state.Source = ""
}

// wait sets when to try again.
func (d *desk) wait(now time.Time) {
	most := retryMost
	if now.Sub(d.downAt) > lateAfter && len(d.takes) == 0 {
		most = retryLate
	}
	d.backoff = min(max(2*d.backoff, retryFirst), most)
	d.retryAt = now.Add(d.backoff)
}

// expire finishes takes that are no longer held and will get nothing more.
func (d *desk) expire(err error) {
	for _, t := range slices.Clone(d.takes) {
		if !t.held() {
			d.finish(t, err)
		}
	}
}

// finish hands a take to its caller. An error means that its end is missing.
func (d *desk) finish(t *take, err error) {
	if err == nil && len(t.buf) == 0 && d.cfg.tail() > 0 {
		err = fmt.Errorf("%w: %w", ErrGap, errLate)
	}
	if t.err != nil {
		t.resume(earlier(t.released, time.Now()))
		err = fmt.Errorf("%w: %v of it: %w", ErrGap, t.gap.Round(10*time.Millisecond), t.err)
	} else if err != nil && len(t.buf) > 0 {
		err = fmt.Errorf("%w at the end: %w", ErrGap, err)
	}
	d.answer(t, err)
	d.remove(t, time.Now())
}

// answer ends the call of Record.
func (d *desk) answer(t *take, err error) {
	if err != nil {
		err = fmt.Errorf("record: %w", err)
	}
	told := min(t.told, len(t.buf))
	clip := pcm.Clip{Rate: pcm.Rate, Samples: t.buf, Voice: t.watch.tracker.end(t.buf[told:], len(t.buf))}
	if d.cfg.AutoGain {
		Normalize(clip)
	} else {
		Amplify(clip, d.cfg.Gain)
	}
	t.reply <- result{clip, err}
}

func (d *desk) remove(t *take, now time.Time) {
	d.takes = slices.DeleteFunc(d.takes, func(other *take) bool { return other == t })
	if len(d.takes) > 0 || d.feed.events == nil {
		return
	}
	d.feed.send(cmdIdle)
	d.linger(now)
}
