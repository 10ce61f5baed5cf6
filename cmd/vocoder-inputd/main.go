// Command vocoder-inputd is the only part of vocoder that may open input
// devices. It reports the holds of bound keys to a user's daemon, and presses
// keys of text for a hold that physically happened. It does both only while the
// user's session is on the screen and unlocked. See vocoder-inputd(8).
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/linux/journal"
	"github.com/arealicehole/vocoder/internal/linux/process"
	"github.com/arealicehole/vocoder/internal/version"
)

const (
	exitUsage  = 2
	exitConfig = 78 // EX_CONFIG of sysexits(3)
)

func main() {
	if len(os.Args) > 1 {
		text, status := explain(os.Args[1:])
		fmt.Fprintln(map[int]*os.File{0: os.Stdout, exitUsage: os.Stderr}[status], text)
		os.Exit(status)
	}
	log := slog.New(journal.NewHandler(slog.LevelInfo, os.Stderr))
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

// explain returns what to print for arguments, and the exit status. systemd passes none.
func explain(args []string) (text string, status int) {
	const usage = "vocoder-inputd reads the bound keys and types for vocoder. systemd starts it by vocoder-inputd.socket, without arguments: see vocoder-inputd(8)"
	switch {
	case slices.Equal(args, []string{"--version"}):
		return "vocoder-inputd " + version.String(), 0
	case slices.Equal(args, []string{"--help"}):
		return usage, 0
	}
	return fmt.Sprintf("vocoder-inputd: %q is no argument of it\nhint: %s", args[0], usage), exitUsage
}

func run(ctx context.Context, log *slog.Logger) error {
	if err := process.KeepPrivate(); err != nil {
		return err
	}
	policy, err := readPolicy(helperproto.Settings)
	if err != nil {
		return err
	}
	l, err := passedSocket()
	if err != nil {
		return err
	}
	s := newServer(policy, newKeyboard(policy.keys()), log)
	defer s.keyboard.close()
	s.checkKeyboard()
	s.notify(sd.SdNotifyReady)
	defer s.notify(sd.SdNotifyStopping)
	log.Info("started", "protocol", helperproto.Version)
	return s.run(ctx, l)
}

// passedSocket returns the socket that the service manager opened:
// sd_listen_fds(3).
func passedSocket() (*net.UnixListener, error) {
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
