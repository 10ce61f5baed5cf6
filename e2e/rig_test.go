//go:build e2e

package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// A rig is the program keyrig in the machine.
type rig struct {
	in  io.Writer
	out *bufio.Scanner
}

func startRig(t *testing.T) *rig {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context())) // the ends of tests use it too
	c, err := m.Command(ctx, "root", "exec keyrig")
	ok(t, err)
	in, err := c.StdinPipe()
	ok(t, err)
	out, err := c.StdoutPipe()
	ok(t, err)
	ok(t, c.Start())
	t.Cleanup(func() {
		_ = in.Close() // it ends then
		late := time.AfterFunc(time.Minute, stop)
		_ = c.Wait() // a machine that was restored has ended it
		late.Stop()
		stop()
	})
	return &rig{in, bufio.NewScanner(out)}
}

// do runs commands one after the other and returns the last answer.
func (r *rig) do(t *testing.T, commands ...string) (said string) {
	t.Helper()
	_, err := io.WriteString(r.in, strings.Join(commands, "\n")+"\n")
	ok(t, err)
	for _, c := range commands {
		if !r.out.Scan() {
			t.Fatalf("keyrig ended at %q: %v", c, r.out.Err())
		}
		status, rest, _ := strings.Cut(r.out.Text(), " ")
		if status != "ok" {
			t.Fatalf("keyrig %s: %s", c, rest)
		}
		said = rest
	}
	return said
}

// holding returns the rig's command that holds a key.
func holding(key string, d time.Duration) string { return fmt.Sprintf("hold p %s %v", key, d) }
