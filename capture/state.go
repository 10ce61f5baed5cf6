package capture

import "time"

// setState tells a change of state.
func (s *session) setState(st State) {
	if st.String() == s.state.String() && st.Ready() == s.state.Ready() {
		return
	}
	s.state = st
	if f := s.cfg.Hooks.State; f != nil {
		f(st)
	}
}

// reason returns why there is no sound.
func (s *session) reason() error {
	switch {
	case s.state.Ready():
		return errStalled
	case s.state.Err != nil:
		return s.state.Err
	}
	return ErrServer
}

// reportProblem tells what is wrong.
func (s *session) reportProblem(t Trouble) {
	s.lastProblem = t.Problem
	if f := s.cfg.Hooks.Problem; f != nil {
		f(t)
	}
}

// clearProblem tells that nothing is, if something was.
func (s *session) clearProblem() {
	if s.lastProblem != 0 {
		s.reportProblem(Trouble{})
	}
}

// suspend closes the microphone between recordings, or lets it stay open as the
// settings have it.
func (s *session) suspend(deaf bool, now time.Time) {
	s.suppressed = deaf
	switch {
	case len(s.recordings) > 0:
	case deaf:
		s.closeAt = now
	case s.state.Ready() && s.cfg.PreRoll > 0:
		s.closeAt = time.Time{}
		s.stream.send(cmdRun)
	}
}

// woken is how long the microphone stays open for a recording that was announced.
const prepareTimeout = 2 * time.Second

// prepare lets sound flow although no recording is under way yet.
func (s *session) prepare(now time.Time) {
	if len(s.recordings) > 0 || s.suppressed || !s.state.Ready() || s.cfg.PreRoll > 0 {
		return
	}
	if !s.running {
		s.stream.send(cmdRun)
	}
	s.closeAt = later(s.closeAt, now.Add(prepareTimeout))
}

// startLinger sets how long the microphone stays open after a recording.
func (s *session) startLinger(now time.Time) {
	switch {
	case s.suppressed:
		s.closeAt = now
	case s.cfg.PreRoll <= 0:
		s.closeAt = now.Add(s.cfg.Linger)
	}
}
