//go:build e2e

// Package e2e_test tests vocoder in the virtual machine of package machine, with its keys,
// its microphone and its screen. All tests use one machine, one after the other.
//
// With VOCODER_MACHINE_KEEP=1 the machine continues after the tests, for `go -C e2e run
// ./cmd/machine`.
package e2e_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
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
	if slowness, err = measureSlowness(ctx); err != nil {
		fmt.Fprintln(os.Stderr, errors.Join(err, m.Close()))
		return 1
	}
	fmt.Fprintf(os.Stderr, "all limits are multiplied by %.1f\n", slowness)
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

// slowness is by how much the limits of all waits are multiplied. TestMain sets it
// before any test runs.
var slowness = 1.0

// measureSlowness returns how many times longer the machine takes for a fixed piece
// of work than on an idle host, between 1 and 10.
func measureSlowness(ctx context.Context) (float64, error) {
	const idle = 2 * time.Second // half of what was seen on two cores without KVM that had other work
	began := time.Now()
	_, err := m.Run(ctx, "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done")
	return min(max(float64(time.Since(began))/float64(idle), 1), 10), err
}

// within returns a context for waits that should take far less than d on an idle
// host. On a slow one the limit is longer by as much as the machine is slower.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	d = time.Duration(float64(d) * slowness)
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, fmt.Errorf("not within %v", d))
	t.Cleanup(cancel)
	return ctx
}

// ok fails the test at once if err is not nil.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// text returns the output of a command that must succeed.
func text(out string, err error) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		ok(t, err)
		return out
	}
}

// follow starts a command in the machine and returns its lines, to wait for them. The
// command ends with ctx and with the test.
func follow(ctx context.Context, t *testing.T, user, command string) *lines {
	t.Helper()
	s, err := m.Follow(ctx, user, command)
	ok(t, err)
	l := &lines{ctx: ctx, command: command, next: make(chan string)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(l.next)
		for in := bufio.NewScanner(s); in.Scan(); {
			select {
			case l.next <- in.Text():
			case <-t.Context().Done():
				return
			}
		}
	}()
	t.Cleanup(func() { // t.Context is done
		ok(t, s.Close())
		<-ended
	})
	return l
}

// lines are the output lines of a command in the machine.
type lines struct {
	ctx     context.Context // of the command
	command string
	next    chan string
	seen    []string // the last ones, for a failure
}

const (
	lineLimit = 4 * time.Minute // of one wait for a line, on an idle host
	linesKept = 20
)

// until returns the next line that is wanted. Each wait has its own limit, so that a long
// test can follow one command.
func (l *lines) until(t *testing.T, wanted func(string) bool) string {
	t.Helper()
	limit := within(t, lineLimit)
	for {
		select {
		case line, more := <-l.next:
			if !more {
				t.Fatalf("%q ended without what was waited for: %v\n%s", l.command, context.Cause(l.ctx), l)
			}
			if l.seen = append(l.seen, line); len(l.seen) > linesKept {
				l.seen = l.seen[1:]
			}
			if wanted(line) {
				return line
			}
		case <-limit.Done():
			t.Fatalf("%q did not print what was waited for: %v\n%s", l.command, context.Cause(limit), l)
		}
	}
}

// String returns the last lines that were read.
func (l *lines) String() string {
	return fmt.Sprintf("the last %d lines:\n  %s", len(l.seen), strings.Join(l.seen, "\n  "))
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
