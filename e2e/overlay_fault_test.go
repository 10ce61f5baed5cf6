//go:build e2e

package e2e_test

import (
	"testing"
	"time"
)

// overlayStopped: a dictation works while the overlay is stopped, and after it was killed.
// The service manager starts it again.
func overlayStopped(t *testing.T, o *overlay) {
	for _, signal := range []string{"STOP", "KILL"} {
		pid := o.show(t, "MainPID")
		o.ctl(t, "start")
		_, err := m.As(within(t, time.Minute), "alice", "kill -"+signal+" "+pid)
		ok(t, err)
		pass(t, time.Second)
		o.ctl(t, "stop")
		o.says(t, "typed all the same")
	}
	_, err := m.As(within(t, time.Minute), "alice", "until systemctl --user is-active -q vocoder-osd; do sleep .2; done")
	ok(t, err)
	o.ctl(t, "start")
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	o.ctl(t, "cancel")
	o.sees(t, "nothing", none)
}

// displayServers are the programs of the display servers, of sessions that start again when they end.
var displayServers = map[string]string{"sway": "sway", "xorg": "Xorg", "kde": "kwin_wayland"}

// serverAgain kills the display server, and returns when the terminal of the next one has the
// focus.
func (o *overlay) serverAgain(t *testing.T) {
	t.Helper()
	ctx := within(t, 4*time.Minute)
	_, err := m.Run(ctx, "cd /run/user/1000 && rm typed-tty && pkill -KILL -x "+displayServers[session()]+" && until test -s typed-tty; do sleep .5; done")
	ok(t, err)
	if session() == "xorg" {
		onFocus(ctx, t, "typed")()
	}
	o.hears(t)
	_, err = m.As(ctx, "alice", "vocoderctl cancel; vocoderctl forget")
	ok(t, err)
	o.sees(t, "nothing", none)
	for len(o.heard) > 0 {
		<-o.heard
	}
}

// serverRestarted: when the display server has ended and runs again, the overlay is there
// again, and the words arrive.
func serverRestarted(t *testing.T, o *overlay) {
	if displayServers[session()] == "" {
		t.Skip("this session does not start again by itself")
	}
	o.ctl(t, "start")
	o.sees(t, "bars", func(h []int) bool { return len(h) == meterBars })
	pid := o.show(t, "MainPID")
	o.serverAgain(t)
	o.ctl(t, "start")
	o.sees(t, "dots", flat(1))
	o.ctl(t, "stop")
	o.says(t, "typed after all")
	if got := o.show(t, "MainPID"); got != pid {
		t.Errorf("the overlay was started again: it had ended with the display server")
	}
}
