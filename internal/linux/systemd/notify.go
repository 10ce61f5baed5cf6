// Package systemd is what vocoder asks of systemd and tells it: readiness and status
// (sd_notify), the journal, and the units of the user's service manager.
package systemd

import (
	"fmt"
	"sync"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A Notifier reports to the service manager that started this program. Without a
// manager its methods do nothing. Its zero value is ready to use, and it is safe for
// concurrent use. Source: sd_notify(3).
type Notifier struct {
	mu   sync.Mutex
	last string // the status sent last
}

// send ignores the error: without a manager there is nowhere to report it.
func send(state string) { _, _ = sd.SdNotify(false, state) }

// Status sends what the program is doing, if it differs from what was sent last.
func (n *Notifier) Status(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if text == n.last {
		return
	}
	n.last = text
	send("STATUS=" + text)
}

// Ready reports that the program is ready for use, or has taken up new settings.
func (n *Notifier) Ready() { send(sd.SdNotifyReady) }

// Stopping reports that the program is about to end.
func (n *Notifier) Stopping() { send(sd.SdNotifyStopping) }

// Reloading reports that the program is taking up new settings. Ready ends it.
func (n *Notifier) Reloading() {
	send(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", sd.SdNotifyReloading, clock.Monotonic().Microseconds()))
}

// Watchdog reports that every essential loop of the program runs.
func (n *Notifier) Watchdog() { send(sd.SdNotifyWatchdog) }

// WatchdogInterval returns how often to call Watchdog, or 0 if the manager set no
// limit. It is half of the limit, as sd_watchdog_enabled(3) recommends: nothing else
// wakes a daemon that is idle.
func WatchdogInterval() time.Duration {
	limit, err := sd.SdWatchdogEnabled(false)
	if err != nil {
		return 0
	}
	return limit / 2
}
