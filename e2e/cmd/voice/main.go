// Command voice measures on human speech, noise and music what vocoder does with a
// voice: whether its gate sends a clip, and where a recording ends. It writes
// docs/voice.md from that.
//
//	voice gate     whether clips of eight voices, whispers, noises and music are sent
//	voice tail     what a release within the last word loses, and how long a tail is
//	voice write    docs/voice.md from what is in out/voice
//
// Each part keeps its results in out/voice, so that it can run by itself. A part
// fails if it misses one of its targets.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/e2e/machine"
)

const usage = "usage: voice gate | tail | write"

// kept is where results are; page is what is written of them.
const (
	kept = "out/voice"
	page = "docs/voice.md"
)

// The parts that measure.
const (
	partGate = "gate"
	partTail = "tail"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "voice:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	top, err := machine.Module()
	if err != nil {
		return err
	}
	parts := map[string]func() error{
		partGate: func() error { return measureGate(ctx, top) },
		partTail: func() error { return measureTail(ctx, top) },
		"write":  write,
	}
	if len(args) != 1 || parts[args[0]] == nil {
		return errors.New(usage)
	}
	began := time.Now()
	err = parts[args[0]]()
	if args[0] != "write" {
		err = errors.Join(err, save("time-"+args[0], duration{args[0], time.Since(began).Seconds()}))
	}
	return err
}

// A duration is how long a part took.
type duration struct {
	Part    string
	Seconds float64
}

// save keeps a result in a file of its name.
func save(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(kept, name+".json"), b, 0o644)
}

// load reads a result that was kept. A result that was never kept stays as it is.
func load(dir, name string, v any) error {
	b, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// commit returns which commit is measured, marked "-dirty" if that is not all.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "unknown" // of sources without their history
	}
	return strings.TrimSpace(string(out))
}

// goTest runs a test of the repository that exchanges files with this command.
func goTest(ctx context.Context, top, pkg, name string, env ...string) error {
	c := exec.CommandContext(ctx, "go", "test", "-count", "1", "-timeout", "20m", "-run", "^"+name+"$", pkg)
	c.Dir, c.Env = top, append(os.Environ(), env...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// report prints how far the work is.
func report(format string, a ...any) { fmt.Printf(format+"\n", a...) }
