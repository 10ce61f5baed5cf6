package capture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// startMargin is how long before the press a recording on a running stream begins. The
// clock of the stream may be wrong by this much.
const startMargin = 20 * time.Millisecond

// clockDrift is after how many seconds the clock of a sound card may be wrong by one.
// Cheap crystals are ten times better.
const clockDrift = 1000

// ringMargin is how much sound the ring keeps in addition to the pre-roll. When the
// press arrives, the sound of the moment before it may already be in the ring.
const ringMargin = 5 * startMargin

const (
	// minTail is the shortest tail: sound after the release that belongs to a recording.
	// With a packet and a latency of 20 ms each, it arrives within 120 ms.
	minTail = 80 * time.Millisecond
	// quietTailFrames is the number of quiet frames after which a tail ends: 96 ms. The
	// silence before a plosive is shorter.
	quietTailFrames = 3
)

var (
	errStalled = errors.New("no sound arrived")
	errStuck   = errors.New("the sound server does not answer")
)

// A streamHandle is how the session reaches a stream.
type streamHandle struct {
	commands chan<- command
	events   <-chan any
	cancel   context.CancelFunc
}

// send sends a command and reports whether there was room for it. If the stream is stuck,
// the command is lost and a timeout ends the stream.
func (h *streamHandle) send(c command) bool { return offer(h.commands, c) }

// A session is the state of Run: the stream and its recordings. Only the newest recording
// can be held. A session belongs to the goroutine of Run.
type session struct {
	cfg   *Config
	hooks Hooks // those of cfg; Problem also sets lastProblem
	open  func() *streamHandle

	stream   streamHandle // zero while no stream is open
	failedAt time.Time    // when the last working stream ended
	retryAt  time.Time    // when to open the next stream
	backoff  time.Duration
	state    State

	source       Source
	running      bool
	received     int64     // samples of the stream that have arrived
	consumed     int64     // samples before this position belong to finished recordings
	lastArrival  time.Time // when the newest sample arrived
	ignoreUntil  time.Time // a lack of sound before this moment does not count
	clock        clock
	startClock   clock // when the stream began
	arrivalClock clock // a lower bound for clock: what arrived has been spoken
	ring         *ring // the newest samples, while the stream runs

	recordings  []*recording // the oldest first
	heard       heardSources // for the monitors of the recordings
	lastProblem Problem      // the problem that was reported last, 0 when it is over
	suppressed  bool         // neither linger nor pre-roll
	closeAt     time.Time    // when to stop lingering
}

func newSession(c *Config, open func() *streamHandle) *session {
	now := time.Now()
	s := &session{
		cfg: c, hooks: c.Hooks, open: open, failedAt: now, retryAt: now,
		ring: newRing(samples(max(c.PreRoll, 0) + ringMargin)),
	}
	s.hooks.Problem = s.reportProblem
	return s
}

// close ends the stream and every recording.
func (s *session) close() {
	s.closeStream()
	for _, rec := range s.recordings {
		s.reply(rec, ErrClosed)
	}
	s.recordings = nil
}

// press begins a recording.
func (s *session) press(rec *recording, now time.Time) {
	for _, old := range slices.Clone(s.recordings) {
		if old.held() {
			s.release(old, rec.pressed)
		}
		if old.endTime.After(rec.pressed) {
			old.endTime = rec.pressed.Add(-startMargin)
			old.shortened, rec.continues = true, true
			if s.clock.known() && s.running {
				s.locate()
			}
		}
	}
	rec.next = s.received
	if s.running {
		rec.buf = s.ring.last(min(s.received-s.consumed, int64(len(s.ring.buf))))
	}
	// A stream that was not running has no sound from before the press.
	rec.located = !s.running
	rec.monitor.heard = &s.heard
	rec.monitor.setSource(s.source, &s.hooks)
	s.clearProblem()
	s.recordings = append(s.recordings, rec)
	s.closeAt = time.Time{}
	s.retryAt = earlier(s.retryAt, now)
	s.stream.send(cmdPress)
	if s.running && now.Sub(later(s.lastArrival, s.ignoreUntil)) > stallReportAfter {
		s.streamEnded(errStalled, now) // the stream stopped while no recording used it
	}
}

// release sets the moment at which a recording ends. locate finds its sample when the
// clock of the stream is known.
func (s *session) release(rec *recording, at time.Time) {
	if !rec.held() || !slices.Contains(s.recordings, rec) {
		return
	}
	rec.released, rec.endTime = at, at.Add(s.cfg.Tail)
	rec.earliestEnd = earlier(at.Add(minTail), rec.endTime)
	s.stream.send(cmdMeasure)
	if !s.state.Ready() {
		s.finish(rec, s.reason())
	}
}

// discard drops a recording and wipes its sound.
func (s *session) discard(rec *recording, now time.Time) {
	rec.wipe()
	s.remove(rec, now)
}

// handle processes an event of the stream.
func (s *session) handle(e any, now time.Time) {
	switch e := e.(type) {
	case *block:
		s.receive(e.samples, now)
		e.end()
	case clock:
		s.clock = e
		s.locate()
		s.finishComplete(now)
	case started:
		s.running, s.lastArrival = true, now
		s.clock, s.startClock, s.arrivalClock = clock{}, e.clock, clock{} // without the stream before
	case opened:
		s.streamOpened(e.source, now)
	case Source:
		s.source = e
		s.setState(State{Source: e.Description, Muted: e.Muted})
		for _, rec := range s.recordings {
			rec.monitor.setSource(e, &s.hooks)
		}
	case waiting:
		s.setState(State{Err: e.err})
		s.finishReleased(e.err)
	case ended:
		s.streamEnded(e.err, now)
	default:
		panic(fmt.Sprintf("capture: no such event %T", e))
	}
}

// streamOpened starts to use a connection that has a microphone.
func (s *session) streamOpened(src Source, now time.Time) {
	s.source, s.backoff = src, 0
	s.lastArrival = now
	s.setState(State{Source: src.Description, Muted: src.Muted})
	for _, rec := range s.recordings {
		rec.monitor.setSource(src, &s.hooks)
	}
	switch {
	case len(s.recordings) > 0:
		s.stream.send(cmdPress)
	case s.cfg.PreRoll > 0 && !s.suppressed:
		s.stream.send(cmdRun)
	}
}

// receive gives a piece of sound to the ring and to the recordings.
func (s *session) receive(sound []int16, now time.Time) {
	pos := s.received
	s.received += int64(len(sound))
	s.lastArrival = now
	if s.running || len(s.recordings) > 0 {
		s.ring.add(sound)
	}
	s.updateArrivalClock(now)
	for _, rec := range s.recordings {
		rec.resume(now)
		rec.add(pos, sound)
		if !s.clock.known() && !rec.held() {
			s.stream.send(cmdMeasure) // the first attempt came before the first sound
		}
	}
	s.finishComplete(now)
}

// updateArrivalClock raises the lower bound of the clock. Sound arrives in bursts, and
// right after a burst the stream is nearest to the present.
func (s *session) updateArrivalClock(now time.Time) {
	const valid = 2 * time.Second // the clocks of the sound card and the computer differ
	if s.received <= s.arrivalClock.sample(now) && now.Sub(s.arrivalClock.at) < valid {
		return
	}
	s.arrivalClock = clock{s.received, now}
	for _, rec := range s.recordings {
		if !rec.held() && !rec.shortened {
			rec.end = max(rec.end, s.arrivalClock.sample(rec.endTime))
		}
	}
}

// sample returns which sample of the stream is the sound of the moment t.
func (s *session) sample(t time.Time) int64 {
	if s.arrivalClock.known() {
		return max(s.clock.sample(t), s.arrivalClock.sample(t))
	}
	return s.clock.sample(t)
}

// earliestSample returns the earliest sample that can be the sound of the moment t. A
// server that reports too much latency must not make a recording begin late. So it counts
// only how long the microphone has been open.
func (s *session) earliestSample(t time.Time) int64 {
	if !s.startClock.known() {
		return s.sample(t)
	}
	drift := t.Sub(s.startClock.at) / clockDrift
	return min(s.sample(t), s.startClock.sample(t.Add(drift)))
}

// locate finds where recordings begin and end. The clock must be known.
func (s *session) locate() {
	given := s.consumed
	for _, rec := range s.recordings {
		switch {
		case rec.located:
		case rec.continues:
			rec.trimStart(given)
		default:
			rec.trimStart(max(s.earliestSample(rec.pressed.Add(-startMargin-s.cfg.PreRoll)), given))
		}
		if !rec.held() {
			rec.setEnd(max(s.sample(rec.endTime), given))
			given = rec.end
		}
	}
}

// finishComplete passes new sound to the monitors of the recordings and finishes the
// recordings that are complete.
func (s *session) finishComplete(now time.Time) {
	for i := 0; i < len(s.recordings); {
		rec := s.recordings[i]
		s.notify(rec)
		if rec.complete() {
			s.consumed = max(s.consumed, rec.end)
			s.finish(rec, nil) // removes it from s.recordings
			continue
		}
		i++
	}
}

// notify passes new sound of a recording to the hooks as soon as its place in the
// recording is certain. It ends the recording when the voice has ended.
func (s *session) notify(rec *recording) {
	if !rec.located || !rec.held() && rec.end == unknown {
		return
	}
	for rec.notified < len(rec.buf) {
		sound := rec.buf[rec.notified:min(len(rec.buf), rec.notified+rec.monitor.tracker.missing())]
		rec.notified += len(sound)
		for _, h := range []*Hooks{&s.hooks, &rec.monitor.callerHooks} {
			if h.Samples != nil {
				h.Samples(sound)
			}
		}
		rec.monitor.measureLevel(sound, &s.hooks)
		if !rec.held() && !rec.shortened && rec.monitor.tracker.quietFrames >= quietTailFrames && rec.notifiedTo() >= s.sample(rec.earliestEnd) {
			rec.setEnd(rec.notifiedTo())
		}
	}
}

// streamEnded handles the end of the stream. Held recordings continue on the next
// stream; the others end.
func (s *session) streamEnded(err error, now time.Time) {
	if s.state.Ready() {
		s.failedAt = now
	}
	s.closeStream()
	s.cfg.Log.Debug("sound stream ended", "error", err)
	switch {
	case errors.Is(err, errDefaultChanged):
		s.backoff = 0
		s.retryAt = now
	default:
		s.scheduleRetry(now)
		s.setState(State{Err: err})
	}
	for _, rec := range slices.Clone(s.recordings) {
		s.interrupt(rec, err)
	}
}

// interrupt handles the end of the stream for one recording.
func (s *session) interrupt(rec *recording, err error) {
	if errors.Is(err, errDefaultChanged) && !rec.located {
		rec.wipe() // the sound since the press is from the previous microphone
		rec.notified = 0
	}
	if len(rec.buf) > 0 && rec.brokenAt.IsZero() {
		rec.brokenAt = s.lastArrival
		if rec.err == nil {
			rec.err = err
		}
		rec.monitor.report(Broken, &s.hooks)
	}
	rec.restart()
	if !rec.held() {
		s.finish(rec, err)
	}
}

// closeStream closes the stream.
func (s *session) closeStream() {
	if s.stream.cancel != nil {
		s.stream.cancel()
	}
	s.stream = streamHandle{}
	s.received, s.consumed = 0, 0
	s.stopped()
	s.state.Source = ""
}

// stopped records that the microphone is not open any more.
func (s *session) stopped() {
	s.running, s.closeAt = false, time.Time{}
	s.clock, s.startClock, s.arrivalClock = clock{}, clock{}, clock{}
	s.ring.wipe()
}

// scheduleRetry sets when to open a stream again.
func (s *session) scheduleRetry(now time.Time) {
	most := maxRetry
	if now.Sub(s.failedAt) > lateAfter && len(s.recordings) == 0 {
		most = maxLateRetry
	}
	s.backoff = min(max(2*s.backoff, minRetry), most)
	s.retryAt = now.Add(s.backoff)
}

// finishReleased finishes the recordings that are released.
func (s *session) finishReleased(err error) {
	for _, rec := range slices.Clone(s.recordings) {
		if !rec.held() {
			s.finish(rec, err)
		}
	}
}

// finish sends a recording to its caller. With an error, the end of it is missing.
func (s *session) finish(rec *recording, err error) {
	if err == nil && len(rec.buf) == 0 && s.cfg.Tail > 0 {
		err = fmt.Errorf("%w: %w", ErrGap, errLate)
	}
	if rec.err == errLate && s.clock.known() && s.sample(rec.pressed.Add(stallTimeout)) > rec.next-int64(len(rec.buf)) {
		rec.err = nil // the sound came late, but from the press on
	}
	if rec.err != nil {
		rec.resume(earlier(rec.released, time.Now()))
		err = rec.err
	}
	switch gap := rec.gap.Round(10 * time.Millisecond); {
	case rec.err != nil && gap > 0:
		err = fmt.Errorf("%w: %v of it: %w", ErrGap, gap, err)
	case rec.err != nil, err != nil && len(rec.buf) > 0: // the hold has all
		err = fmt.Errorf("%w at the end: %w", ErrGap, err)
	}
	if rec == s.recordings[len(s.recordings)-1] { // a newer one reports its own problems
		rec.monitor.end(rec.buf[min(rec.notified, len(rec.buf)):], len(rec.buf), &s.hooks)
	}
	s.reply(rec, err)
	s.remove(rec, time.Now())
}

// reply ends the call of Record.
func (s *session) reply(rec *recording, err error) {
	if err != nil {
		err = fmt.Errorf("record: %w", err)
	}
	notified := min(rec.notified, len(rec.buf))
	clip := pcm.Clip{Rate: pcm.Rate, Samples: rec.buf, Voice: rec.monitor.tracker.finish(rec.buf[notified:], len(rec.buf))}
	if s.cfg.AutoGain {
		Normalize(clip)
	} else {
		Amplify(clip, s.cfg.Gain)
	}
	rec.reply <- result{clip, err}
}

func (s *session) remove(rec *recording, now time.Time) {
	s.recordings = slices.DeleteFunc(s.recordings, func(other *recording) bool { return other == rec })
	if len(s.recordings) > 0 || s.stream.events == nil {
		return
	}
	s.stream.send(cmdIdle)
	s.startLinger(now)
}
