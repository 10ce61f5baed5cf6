//go:build e2e

// Package e2e_test drives a whole computer, the virtual one of package machine:
// its keys, its microphone, its screen. One machine serves all tests, one after
// the other.
//
// With VOCODER_MACHINE_KEEP=1 it is left running for `go run ./e2e/cmd/machine`.
package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/machine"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// m is the machine. TestMain sets it before any test runs.
var m *machine.Machine

func TestMain(t *testing.M) { os.Exit(inMachine(t.Run)) }

func inMachine(tests func() int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	keep := os.Getenv("VOCODER_MACHINE_KEEP") != ""
	var err error
	if m, err = machine.Boot(ctx, machine.Options{Log: os.Stderr, Detach: keep, Session: os.Getenv("VOCODER_MACHINE_SESSION")}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := tests()
	if keep {
		fmt.Fprintln(os.Stderr, "the machine is left running; end it with: go run ./e2e/cmd/machine stop")
		m.Detach()
		return code
	}
	if err := m.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// within returns a context for waits that should take far less than d.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, fmt.Errorf("not within %v", d))
	t.Cleanup(cancel)
	return ctx
}

// ok fails the test at once if a step of it did not work.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// text unwraps the output of a command that has to work.
func text(out string, err error) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		ok(t, err)
		return out
	}
}

// follow starts a command in the machine, whose lines are then awaited.
func follow(ctx context.Context, t *testing.T, user, command string) *lines {
	t.Helper()
	s, err := m.Follow(ctx, user, command)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	return &lines{ctx, bufio.NewScanner(s), command}
}

type lines struct {
	ctx     context.Context // of the test
	in      *bufio.Scanner
	command string
}

// until returns the first line that is wanted, from here on.
func (l *lines) until(t *testing.T, wanted func(string) bool) string {
	t.Helper()
	last := ""
	for l.in.Scan() {
		if last = l.in.Text(); wanted(last) {
			return last
		}
	}
	t.Fatalf("%q ended without what was waited for, with %q: %v", l.command, last, context.Cause(l.ctx))
	return ""
}

// bring builds a program of e2e/cmd and puts it into the machine.
func bring(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	file := filepath.Join(t.TempDir(), name)
	c := exec.CommandContext(ctx, "go", "build", "-o", file, "./cmd/"+name)
	c.Dir, c.Env = filepath.Join(top, "e2e"), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	ok(t, m.Put(ctx, file, "/usr/local/bin/"+name))
}
