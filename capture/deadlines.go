package capture

import (
	"slices"
	"time"
)

const (
	// tellAfter is how long no sound may come before it is told.
	stallReportAfter = 700 * time.Millisecond
	// coldAfter is how long a stream may take to its first sample: a Bluetooth
	// headset that changes its profile takes a second.
	firstSampleTimeout = 3 * time.Second
	// lateBy is how much too late Run may come to what is due. Beyond it nobody
	// ran here, and what the server has kept is yet to be read.
	ownDelayLimit = 100 * time.Millisecond

	minRetry     = 100 * time.Millisecond
	maxRetry     = time.Second     // while it may be a restart
	maxLateRetry = 5 * time.Second // after a minute
	lateAfter    = time.Minute
)

// runDue does what the time has come for.
func (s *session) runDue(now time.Time) {
	s.ignoreOwnDelay(now)
	if s.stream.events == nil && !now.Before(s.retryAt) {
		s.stream = *s.open()
	}
	if s.running && !s.closeAt.IsZero() && !now.Before(s.closeAt) {
		s.stream.send(cmdRest)
		s.running, s.closeAt = false, time.Time{}
		s.clock, s.arrivalClock = clock{}, clock{}
		s.ring.wipe()
	}
	for _, rec := range slices.Clone(s.recordings) {
		s.checkRecording(rec, now)
	}
	if s.state.Ready() && len(s.recordings) > 0 && !now.Before(s.stallAt()) {
		s.streamEnded(errStalled, now)
		s.retryAt = now
	}
}

// ignoreOwnDelay lets no time count for the stream in which this program stood still:
// suspended, stopped by a signal, or without a processor. It does so once until
// more sound arrives, lest a machine that is always late never gives up.
func (s *session) ignoreOwnDelay(now time.Time) {
	due := s.deadline()
	if !due.IsZero() && now.Sub(due) > ownDelayLimit && s.ignoreUntil.Before(s.lastArrival) {
		s.ignoreUntil = now
	}
}

// waitingSince returns since when sound is waited for that a take wants.
func (s *session) waitingSince(rec *recording) time.Time {
	return later(rec.pressed, later(s.lastArrival, s.ignoreUntil))
}

func (s *session) checkRecording(rec *recording, now time.Time) {
	if !rec.held() && !now.Before(s.timeoutAt(rec)) {
		s.finish(rec, s.reason())
		return
	}
	if at := s.reportAt(rec); at.IsZero() || now.Before(at) {
		return
	}
	problem := Stalled
	if !s.state.Ready() {
		problem = Unready
	}
	rec.monitor.report(problem, s.reason(), &s.hooks)
}

// timeoutAt returns when a released take ends although sound is missing.
func (s *session) timeoutAt(rec *recording) time.Time {
	return later(rec.endTime, s.ignoreUntil).Add(stallTimeout)
}

// reportAt returns when the lack of sound is to be told, zero if it was.
func (s *session) reportAt(rec *recording) time.Time {
	if rec.monitor.wasReported(Stalled) || rec.monitor.wasReported(Unready) {
		return time.Time{}
	}
	return s.waitingSince(rec).Add(stallReportAfter)
}

// stallAt returns when to give up the stream for want of sound.
func (s *session) stallAt() time.Time {
	limit := stallTimeout
	if s.received == 0 {
		limit = firstSampleTimeout
	}
	return s.waitingSince(s.recordings[len(s.recordings)-1]).Add(limit)
}

// deadline returns when due has something to do, zero for never.
func (s *session) deadline() time.Time {
	var at time.Time
	soonest := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if s.stream.events == nil {
		soonest(s.retryAt)
	}
	if s.running && !s.closeAt.IsZero() {
		soonest(s.closeAt)
	}
	for _, rec := range s.recordings {
		if at := s.reportAt(rec); !at.IsZero() {
			soonest(at)
		}
		if !rec.held() {
			soonest(s.timeoutAt(rec))
		}
	}
	if s.state.Ready() && len(s.recordings) > 0 {
		soonest(s.stallAt())
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
