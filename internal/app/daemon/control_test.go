package daemon

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/control"
)

// A retry reaches the dictation if there is something to retry, and else is an error.
func TestRetry(t *testing.T) {
	for _, tt := range []struct {
		status dictate.Status
		want   error
	}{
		{dictate.Status{Waiting: 1}, errNoWait},
		{dictate.Status{Kept: 1, Recording: true}, errListen},
		{dictate.Status{Kept: 1, Waiting: dictate.Backlog}, errBusy},
		{dictate.Status{Kept: 1}, errEnding},
		{dictate.Status{Refused: 1}, errEnding},
	} {
		d := &daemon{dictation: dictate.New(dictate.Config{})}
		ended, end := context.WithCancel(t.Context())
		end()
		d.dictation.Run(ended, nil) // it carries out nothing more
		d.status.setDictation(tt.status)
		if err := d.Do(t.Context(), control.Retry); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.status, err, tt.want)
		}
	}
}

// A command that would do nothing, or the wrong thing, says why and does not reach the
// dictation.
func TestRefusedCommands(t *testing.T) {
	for _, tt := range []struct {
		name    string
		command control.Command
		change  func(*daemon)
		want    string
	}{
		{"start without a microphone", control.Start, func(d *daemon) { d.status.setProblem(control.Microphone, "waiting for the sound server", "") }, "not listening: waiting for the sound server"},
		{"toggle without a microphone", control.Toggle, func(d *daemon) { d.status.setProblem(control.Microphone, "waiting for the sound server", "") }, "not listening: waiting for the sound server"},
		{"start while locked", control.Start, func(d *daemon) { d.status.setAway("locked") }, "not listening: paused (session locked)"},
		{"start while paused", control.Start, func(d *daemon) { d.status.setDictation(dictate.Status{Paused: true}) }, "not listening: paused (by command)"},
		{"last without a text", control.Again, func(*daemon) {}, errNoText.Error()},
	} {
		d := &daemon{dictation: dictate.New(dictate.Config{})}
		tt.change(d)
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { d.dictation.Run(ctx, nil); close(done) }()
		err := d.Do(t.Context(), tt.command)
		end()
		<-done
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// Of the sockets that systemd passes, the daemon takes its own and no other
// (F-49).
func TestOwn(t *testing.T) {
	const mine = "vocoder.sock"
	for _, tt := range []struct {
		name   string
		passed []string // "" is a descriptor that is no listening socket
		want   int      // -1: none
	}{
		{"none", nil, -1},
		{"one", []string{mine}, 0},
		{"one elsewhere", []string{"elsewhere"}, 0},
		{"no socket", []string{""}, -1},
		{"its own of two", []string{"other", mine}, 1},
		{"no socket and its own", []string{"", mine}, 1},
		{"two of others", []string{"other", "another"}, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			var passed []net.Listener
			for _, name := range tt.passed {
				if name == "" {
					passed = append(passed, nil)
					continue
				}
				l, err := net.Listen("unix", filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = l.Close() }() // most are closed already
				passed = append(passed, l)
			}
			got := ownSocket(passed, filepath.Join(dir, mine))
			if tt.want < 0 && got != nil || tt.want >= 0 && got != passed[tt.want] {
				t.Fatalf("took %v, want %d of %q", got, tt.want, tt.passed)
			}
			for i, l := range passed {
				if l == nil {
					continue
				}
				c, err := net.Dial("unix", l.Addr().String())
				if open := err == nil; open != (i == tt.want) {
					t.Errorf("%s: open is %v", tt.passed[i], open)
				}
				if err == nil {
					_ = c.Close() // it was only to see
				}
				if _, err := os.Stat(l.Addr().String()); err != nil {
					t.Errorf("%s: %v", tt.passed[i], err)
				}
			}
		})
	}
}
