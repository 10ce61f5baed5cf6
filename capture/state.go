package capture

import "time"

// tell tells a change of state.
func (d *desk) tell(s State) {
	if s.String() == d.state.String() && s.Ready() == d.state.Ready() {
		return
	}
	d.state = s
	if f := d.cfg.Hooks.State; f != nil {
		f(s)
	}
}

// why returns why there is no sound.
func (d *desk) why() error {
	switch {
	case d.state.Ready():
		return errStalled
	case d.state.Err != nil:
		return d.state.Err
	}
	return ErrServer
}

// trouble tells what is wrong.
func (d *desk) trouble(t Trouble) {
	d.ill = t.Problem
	if f := d.cfg.Hooks.Problem; f != nil {
		f(t)
	}
}

// well tells that nothing is, if something was.
func (d *desk) well() {
	if d.ill != 0 {
		d.trouble(Trouble{})
	}
}

// deafen closes the microphone between recordings, or lets it stay open as the
// settings have it.
func (d *desk) deafen(deaf bool, now time.Time) {
	d.deaf = deaf
	switch {
	case len(d.takes) > 0:
	case deaf:
		d.restAt = now
	case d.state.Ready() && d.cfg.PreRoll > 0:
		d.restAt = time.Time{}
		d.feed.send(cmdRun)
	}
}

// woken is how long the microphone stays open for a recording that was announced.
const woken = 2 * time.Second

// wake lets sound flow although no recording is under way yet.
func (d *desk) wake(now time.Time) {
	if len(d.takes) > 0 || d.deaf || !d.state.Ready() || d.cfg.PreRoll > 0 {
		return
	}
	if !d.running {
		d.feed.send(cmdRun)
	}
	d.restAt = later(d.restAt, now.Add(woken))
}

// linger sets how long the microphone stays open after a recording.
func (d *desk) linger(now time.Time) {
	switch {
	case d.deaf:
		d.restAt = now
	case d.cfg.PreRoll <= 0:
		d.restAt = now.Add(d.cfg.linger())
	}
}
