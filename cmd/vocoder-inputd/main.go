// Command vocoder-inputd is the only part of vocoder that may open input
// devices. It tells the daemon of a user when a bound key is held, and presses
// keys of text for a hold that physically happened, both only while that user's
// session is on the screen and unlocked. See vocoder-inputd(8).
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/session"
)

// exitConfig is EX_CONFIG of sysexits(3).
const exitConfig = 78

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: untimed}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error("ended", "err", err)
		if _, ok := errors.AsType[*settingsError](err); ok {
			os.Exit(exitConfig)
		}
		os.Exit(1)
	}
}

// untimed leaves the time to the journal, which has it.
func untimed(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func run(ctx context.Context, log *slog.Logger) error {
	// No other process of this user may look into this one: see
	// PR_SET_DUMPABLE(2const) and ptrace(2).
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("shut the memory: %w", err)
	}
	rules, err := readRules(helperproto.Settings)
	if err != nil {
		return err
	}
	l, err := listener()
	if err != nil {
		return err
	}
	s := newServer(rules, newKeyboard(rules.keys()), log)
	defer s.keyboard.close()
	s.keyboardThere()
	s.notify(sd.SdNotifyReady)
	defer s.notify(sd.SdNotifyStopping)
	log.Info("started", "protocol", helperproto.Version)
	return s.run(ctx, l)
}

// listener returns the socket that the manager has opened: sd_listen_fds(3).
func listener() (*net.UnixListener, error) {
	all, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("take the socket: %w", err)
	}
	if len(all) == 1 {
		if l, ok := all[0].(*net.UnixListener); ok && l.Addr().Network() == "unixpacket" {
			return l, nil
		}
	}
	return nil, errors.New("take the socket: vocoder-inputd.socket has to start this program, with one socket")
}

// watchSessions keeps what logind says of the users, until ctx is done. While
// logind cannot be asked, nobody is served.
func (s *server) watchSessions(ctx context.Context) {
	for ctx.Err() == nil {
		err := session.WatchUsers(ctx, s.users.follow)
		s.users.follow(nil)
		if ctx.Err() != nil {
			return
		}
		s.log.Error("nobody is served: sessions are not known", "err", err)
		after(ctx, time.Second)
	}
}

// beat feeds the watchdog as long as the loop of every guest answers and the
// locks that they need can be had, and makes the keyboard if it is not there:
// sd_watchdog_enabled(3).
func (s *server) beat(ctx context.Context) {
	limit, err := sd.SdWatchdogEnabled(false)
	if err != nil || limit == 0 {
		limit = time.Minute
	}
	for ctx.Err() == nil {
		after(ctx, limit/3)
		s.keyboardThere()
		if s.alive(ctx, limit/3) {
			s.notify(sd.SdNotifyWatchdog)
		} else if ctx.Err() == nil {
			s.log.Error("a guest's loop stands still")
		}
	}
}

// alive reports whether all guests take note of it within the limit.
func (s *server) alive(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for _, g := range s.users.all() {
		select {
		case g.beats <- struct{}{}:
		case <-g.gone:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// keyboardThere sees that the virtual keyboard is there, and says so.
func (s *server) keyboardThere() {
	had := s.keyboard.sysname() != ""
	err := s.keyboard.open()
	if had || err != nil && err.Error() == s.trouble {
		return
	}
	s.trouble = ""
	if err != nil {
		s.trouble = err.Error()
		s.log.Error("typing unavailable", "err", err)
		s.notify("STATUS=typing unavailable: " + s.trouble)
	} else {
		s.log.Info("keyboard made", "device", s.keyboard.sysname())
		s.notify("STATUS=ready")
	}
	s.users.wake()
}

func (s *server) notify(state string) {
	_, _ = sd.SdNotify(false, state) // nobody to tell that nobody listens
}

// after waits for d, or until ctx is done.
func after(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
