// Package sweep runs the parts of a command that measures, and keeps what they
// found in a folder, a file each, so that a part can be run by itself.
package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A Duration is how long a part took. Run keeps it as "time-" and the name of the
// part.
type Duration struct {
	Part    string
	Seconds float64
}

// Write is the part that writes the page of what is kept. Its time is of no
// interest.
const Write = "write"

// Run runs the part that args name, and keeps how long it took. Its error is usage
// if they name none.
func Run(dir, usage string, parts map[string]func() error, args []string) error {
	if len(args) != 1 || parts[args[0]] == nil {
		return errors.New(usage)
	}
	part := args[0]
	began := time.Now()
	err := parts[part]()
	if part != Write {
		err = errors.Join(err, Save(dir, "time-"+part, Duration{part, time.Since(began).Seconds()}))
	}
	return err
}

// Save keeps a result in a file of its name, which may have a folder of its own.
func Save(dir, name string, v any) error {
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, name+".json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

// Commit names the source that is measured, marked "-dirty" if that is not all of it.
func Commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "unknown" // of sources without their history
	}
	return strings.TrimSpace(string(out))
}

// GoTest runs a test of the module in the folder top, which exchanges files with
// the caller.
func GoTest(ctx context.Context, top, pkg, name string, env ...string) error {
	c := exec.CommandContext(ctx, "go", "test", "-count", "1", "-timeout", "20m", "-run", "^"+name+"$", pkg)
	c.Dir, c.Env = top, append(os.Environ(), env...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
