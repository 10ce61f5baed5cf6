package capture

import "time"

// setState calls the State hook if the state has changed.
func (s *session) setState(st State) {
	if st.String() == s.state.String() && st.Ready() == s.state.Ready() {
		return
	}
	s.state = st
	if f := s.cfg.Hooks.State; f != nil {
		f(st)
	}
}

// reason returns why no sound arrives.
func (s *session) reason() error {
	switch {
	case s.state.Ready():
		return errStalled
	case s.state.Err != nil:
		return s.state.Err
	}
	return ErrServer
}

// reportProblem calls the Problem hook.
func (s *session) reportProblem(t Trouble) {
	s.lastProblem = t.Problem
	if f := s.cfg.Hooks.Problem; f != nil {
		f(t)
	}
}

// clearProblem reports that the last problem is over, if there is one.
func (s *session) clearProblem() {
	if s.lastProblem != 0 {
		s.reportProblem(Trouble{})
	}
}

// suspend closes the microphone between recordings, or lets it stay open according to
// the settings.
func (s *session) suspend(suspended bool, now time.Time) {
	s.suppressed = suspended
	switch {
	case len(s.recordings) > 0:
	case suspended:
		s.closeAt = now
	case s.cfg.PreRoll > 0:
		s.closeAt = time.Time{}
		if s.state.Ready() {
			s.stream.send(cmdRun)
		}
	}
}

// prepareTimeout is how long the microphone stays open for a recording that Prepare
// announced.
const prepareTimeout = 2 * time.Second

// prepare starts the stream before a recording begins.
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
	case s.cfg.PreRoll > 0:
	case s.source.Bluetooth:
		s.closeAt = now.Add(s.cfg.BluetoothLinger)
	default:
		s.closeAt = now.Add(s.cfg.Linger)
	}
}
