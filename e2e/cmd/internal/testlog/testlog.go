// Package testlog runs tests, keeps what go test -json says of them, a file a
// run, and reads it again, for pages that are compared with those before.
package testlog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
)

// An Event is a line of go test -json. Source: go doc test2json. The first of a
// run is ours: Commit, whose output is that of what was tested.
type Event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
	Output  string
}

// Commit is the Action of an event that tells which commit was tested, marked
// "-dirty" if that was not all.
const Commit = "commit"

// E2E is the folder of this module, below that of the product.
const E2E = "e2e"

// Run runs go test in the folder of a module, with these arguments and settings
// of the environment. It keeps the output in a new file of dir, NAME-*.json. On
// standard output it shows how each test ended, and the output of a test that
// failed. Tests that fail are an error; their output is kept too.
func Run(dir, name, module string, env []string, args ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, name+"-*.json")
	if err != nil {
		return err
	}
	if err := begin(f); err != nil {
		return errors.Join(err, f.Close())
	}
	c := exec.Command("go", append([]string{"test", "-json", "-count", "1"}, args...)...)
	c.Dir, c.Env = module, append(os.Environ(), env...)
	c.Stdout, c.Stderr = io.MultiWriter(f, &ticker{w: os.Stdout, said: map[string]*strings.Builder{}}), os.Stderr
	if err = errors.Join(c.Run(), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// begin writes the first event of a run.
func begin(w io.Writer) error {
	return json.NewEncoder(w).Encode(Event{Time: time.Now(), Action: Commit, Output: sweep.Commit(context.Background())})
}

// Committed returns a page as it was committed last, empty of sources without
// their history and before the first page.
func Committed(page string) string {
	b, err := exec.Command("git", "show", "HEAD:"+page).Output()
	if err != nil {
		return ""
	}
	return string(b)
}

// Read calls take with all that was kept in dir: with the place, which is the
// name of a run up to its first hyphen, and the events of the run.
func Read(dir string, take func(place string, in io.Reader) error) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if n := bytes.LastIndexByte(b, '\n'); n >= 0 {
			b = b[:n+1] // what was cut short has no last line
		}
		place, _, _ := strings.Cut(filepath.Base(name), "-")
		if err := take(place, bytes.NewReader(b)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Events calls take with each event of a run.
func Events(in io.Reader, take func(Event)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("read what go test said: %w", err)
		}
		take(e)
	}
	return lines.Err()
}

// A ticker shows, of what go test -json says, how each test ended, and all
// that was said of one that failed.
type ticker struct {
	w    io.Writer
	rest []byte
	said map[string]*strings.Builder // by test
}

func (k *ticker) Write(b []byte) (int, error) {
	k.rest = append(k.rest, b...)
	for {
		n := bytes.IndexByte(k.rest, '\n')
		if n < 0 {
			return len(b), nil
		}
		var e Event
		if json.Unmarshal(k.rest[:n], &e) == nil && e.Test != "" {
			k.take(e)
		}
		k.rest = k.rest[n+1:]
	}
}

func (k *ticker) take(e Event) {
	switch e.Action {
	case "output":
		if k.said[e.Test] == nil {
			k.said[e.Test] = new(strings.Builder)
		}
		k.said[e.Test].WriteString(e.Output)
	case "pass", "fail", "skip":
		fmt.Fprintf(k.w, "%s %s\n", e.Action, e.Test)
		if said := k.said[e.Test]; said != nil && e.Action == "fail" {
			fmt.Fprint(k.w, said)
		}
		delete(k.said, e.Test)
	}
}
