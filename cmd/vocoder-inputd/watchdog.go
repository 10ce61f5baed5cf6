package main

import (
	"context"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// defaultWatchdogTimeout is for a service manager that sets none.
const defaultWatchdogTimeout = time.Minute

// watchdog makes the keyboard if it is missing, and notifies the service manager
// as long as neither the loop of a client nor a lock is blocked:
// sd_watchdog_enabled(3).
func (s *server) watchdog(ctx context.Context) {
	timeout, err := sd.SdWatchdogEnabled(false)
	if err != nil || timeout == 0 {
		timeout = defaultWatchdogTimeout
	}
	interval := timeout / 3 // one for the sleep, one for the probes, one in reserve
	for ctx.Err() == nil {
		_ = clock.Sleep(ctx, interval) // the loop tests ctx
		s.checkKeyboard()
		if s.alive(ctx, interval) {
			s.notify(sd.SdNotifyWatchdog)
		} else if ctx.Err() == nil {
			s.log.Error("a client's loop is blocked")
		}
	}
}

// alive reports whether the loops of all clients receive a probe within timeout.
func (s *server) alive(ctx context.Context, timeout time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, c := range s.presence.all() {
		select {
		case c.probes <- struct{}{}:
		case <-c.done:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// checkKeyboard makes the virtual keyboard if it is missing. It logs the result
// if that differs from the last one.
func (s *server) checkKeyboard() {
	had := s.keyboard.sysname() != ""
	err := s.keyboard.open()
	if had || err != nil && err.Error() == s.keyboardErr {
		return
	}
	s.keyboardErr = ""
	if err != nil {
		s.keyboardErr = err.Error()
		s.log.Error("typing unavailable", "err", err)
		s.notify("STATUS=typing unavailable: " + s.keyboardErr)
	} else {
		s.log.Info("keyboard made", "device", s.keyboard.sysname())
		s.notify("STATUS=ready")
	}
	s.presence.wakeClients()
}

// notify sends a state to the service manager: sd_notify(3).
func (s *server) notify(state string) {
	_, _ = sd.SdNotify(false, state) // without a manager there is nowhere to report this
}
