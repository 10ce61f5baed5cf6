package capture

import "time"

const (
	// stallReportAfter is how long sound may be missing before Stalled or Unready is
	// reported.
	stallReportAfter = 700 * time.Millisecond
	// firstSampleTimeout is how long a stream may take to its first sample. A Bluetooth
	// headset that changes its profile takes a second.
	firstSampleTimeout = 3 * time.Second
	// ownDelayLimit is how much too late Run may handle a deadline. After a longer delay
	// this process did not run, and the server has kept sound that Run must read first.
	ownDelayLimit = 100 * time.Millisecond

	minRetry     = 100 * time.Millisecond
	maxRetry     = time.Second     // in the first minute: the server may restart
	maxLateRetry = 5 * time.Second // after a minute
	lateAfter    = time.Minute
)

// runDue does everything whose time has come.
func (s *session) runDue(now time.Time) {
	s.ignoreOwnDelay(now)
	for {
		at, do := s.next()
		if at.IsZero() || now.Before(at) {
			return
		}
		do(now)
	}
}

// next returns the earliest action of the session and its time. A zero time means never.
func (s *session) next() (at time.Time, do func(now time.Time)) {
	plan := func(t time.Time, action func(time.Time)) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at, do = t, action
		}
	}
	if s.stream.events == nil {
		plan(s.retryAt, func(time.Time) { s.stream = *s.open() })
	}
	if s.running {
		plan(s.closeAt, s.closeMicrophone)
	}
	if s.state.Ready() && len(s.recordings) > 0 {
		// If a recording times out at the same time, this comes first: it opens a new stream.
		plan(s.stallAt(), func(now time.Time) {
			s.streamEnded(errStalled, now)
			s.retryAt = now
		})
	}
	for _, rec := range s.recordings {
		if !rec.held() {
			plan(s.timeoutAt(rec), func(time.Time) { s.finish(rec, s.reason()) })
		}
		plan(s.reportAt(rec), func(time.Time) { s.reportSilence(rec) })
	}
	return at, do
}

// closeMicrophone gives the microphone back between recordings. If the stream cannot
// receive the command, the end of the connection closes the microphone.
func (s *session) closeMicrophone(now time.Time) {
	if !s.stream.send(cmdRest) {
		s.streamEnded(errStuck, now)
	}
	s.stopped()
}

// ignoreOwnDelay excludes the time in which this process did not run from the stream's
// timeouts. The process was suspended, stopped by a signal, or had no processor. The
// function does so once until more sound arrives; otherwise a machine that is always
// late would never give up a stream.
func (s *session) ignoreOwnDelay(now time.Time) {
	due, _ := s.next()
	if !due.IsZero() && now.Sub(due) > ownDelayLimit && s.ignoreUntil.Before(s.lastArrival) {
		s.ignoreUntil = now
	}
}

// waitingSince returns since when a recording has waited for sound.
func (s *session) waitingSince(rec *recording) time.Time {
	return later(rec.pressed, later(s.lastArrival, s.ignoreUntil))
}

// reportSilence reports that no sound of a recording arrives.
func (s *session) reportSilence(rec *recording) {
	problem := Stalled
	if !s.state.Ready() {
		problem = Unready
	}
	rec.monitor.report(problem, &s.hooks)
}

// timeoutAt returns when a released recording ends although sound is missing. A source on
// another machine may be late by more than stallTimeout, so sound that arrives on its way
// to a known end is waited for.
func (s *session) timeoutAt(rec *recording) time.Time {
	limit := later(rec.endTime, s.ignoreUntil).Add(stallTimeout)
	if rec.end == unknown {
		return limit
	}
	arrives := earlier(s.lastArrival.Add(stallTimeout), rec.endTime.Add(2*firstSampleTimeout))
	return later(limit, arrives)
}

// reportAt returns when to report the lack of sound, or zero if it was reported.
func (s *session) reportAt(rec *recording) time.Time {
	if rec.monitor.reported[Stalled] || rec.monitor.reported[Unready] {
		return time.Time{}
	}
	return s.waitingSince(rec).Add(stallReportAfter)
}

// stallAt returns when to give up a stream that delivers no sound.
func (s *session) stallAt() time.Time {
	limit := stallTimeout
	if s.received == 0 {
		limit = firstSampleTimeout
	}
	return s.waitingSince(s.recordings[len(s.recordings)-1]).Add(limit)
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
