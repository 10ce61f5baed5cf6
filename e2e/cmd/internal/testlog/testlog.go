// Package testlog runs tests and keeps the output of go test -json, in a file for each run.
// It reads these files, and the committed pages that new ones are compared with.
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

// An Event is a line of go test -json. Source: go doc test2json. The first event of a run is
// added by Run: its action is Commit, and its output the tested commit.
type Event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
	Output  string
}

// Commit is the Action of an event with the tested commit, which ends in "-dirty" if there
// were other changes.
const Commit = "commit"

// E2E is the folder of this module, below that of the product.
const E2E = "e2e"

// Run runs go test in the folder of a module, with these arguments and environment
// variables. It keeps the output in a new file of dir, NAME-*.json. On standard output it
// shows the end of each test, and the output of failed tests. If a test fails, Run returns
// an error and keeps the output too.
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

// Committed returns the page of the last commit. Without a repository, and before the first
// page, it is empty.
func Committed(page string) string {
	b, err := exec.Command("git", "show", "HEAD:"+page).Output()
	if err != nil {
		return ""
	}
	return string(b)
}

// Read calls take for each kept file in dir, with its place and its events. The place is
// the name of the run up to the first hyphen.
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
			b = b[:n+1] // an interrupted run has no whole last line
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

// A ticker writes the end of each test in the output of go test -json, and all output of
// failed tests.
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
