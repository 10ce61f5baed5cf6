package main

import (
	"fmt"
	"sync"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// A manager is the service manager that started this program, if one did. Its
// zero value is ready to use. Source: sd_notify(3).
type manager struct {
	mu    sync.Mutex
	ready bool
	last  string // the status said last
}

// notify sends a message; without a manager that does nothing.
func (m *manager) notify(state string) {
	_, _ = sd.SdNotify(false, state) // nobody to tell that nobody listens
}

// status says what the program is doing, if it is something else than before.
func (m *manager) status(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if text == m.last {
		return
	}
	m.last = text
	m.notify("STATUS=" + text)
}

// started says that the program is ready for use.
func (m *manager) started() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ready = true
	m.notify(sd.SdNotifyReady)
}

func (m *manager) stopping() { m.notify(sd.SdNotifyStopping) }

// reloading says that new settings are being taken up; started ends it.
func (m *manager) reloading() {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic("vocoder: no monotonic clock: " + err.Error())
	}
	m.notify(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", sd.SdNotifyReloading, now.Nano()/1000))
}

// alive tells the watchdog that every loop answered.
func (m *manager) alive() { m.notify(sd.SdNotifyWatchdog) }

// watchdogTick returns how often to say so, or 0 if the manager set no limit:
// after half of it, as sd_watchdog_enabled(3) recommends. Nothing else wakes a
// daemon that has nothing to do.
func watchdogTick() time.Duration {
	limit, err := sd.SdWatchdogEnabled(false)
	if err != nil {
		return 0
	}
	return limit / 2
}
