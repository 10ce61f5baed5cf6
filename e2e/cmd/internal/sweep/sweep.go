// Package sweep runs the parts of a measuring command. It keeps each result in a file of its
// own, so that a part can be run alone.
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

// A Duration is how long a part took. Run keeps it in a file named "time-" and the part.
type Duration struct {
	Part    string
	Seconds float64
}

// Write is the part that writes the page from the kept results. Run does not keep its time.
const Write = "write"

// Run runs the part that args name, and keeps how long it took. If args name no part, the
// error is usage.
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

// Save writes a result to the file of that name, which may be in a subfolder.
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

// Commit returns the commit that is measured, with "-dirty" if there are other changes.
func Commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "unknown" // there is no repository
	}
	return strings.TrimSpace(string(out))
}

// GoTest runs a test of the module in the folder top. The test and the caller exchange
// files.
func GoTest(ctx context.Context, top, pkg, name string, env ...string) error {
	c := exec.CommandContext(ctx, "go", "test", "-count", "1", "-timeout", "20m", "-run", "^"+name+"$", pkg)
	c.Dir, c.Env = top, append(os.Environ(), env...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
