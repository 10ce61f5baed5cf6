package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The places where tests run: first in the name of the file that keeps what they
// said.
const (
	fakes    = "fakes"
	bookworm = "bookworm" // Debian 12
	trixie   = "trixie"   // Debian 13
)

// An event is a line of go test -json. Source: go doc test2json.
type event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
}

// A verdict is how a test ended: "pass", "fail", "skip", or "" if it did not.
type verdict struct {
	at     time.Time
	action string
}

// seen holds the newest verdict on each test, by place.
type seen map[string]map[test]verdict

// take notes what go test -json said at a place.
func (s seen) take(place string, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("read what go test said: %w", err)
		}
		if e.Test == "" || e.Action != "pass" && e.Action != "fail" && e.Action != "skip" && e.Action != "run" {
			continue
		}
		if e.Action == "run" {
			e.Action = "" // until it ends
		}
		t := test{strings.TrimPrefix(e.Package, module+"/"), e.Test}
		if s[place] == nil {
			s[place] = map[test]verdict{}
		}
		if old, is := s[place][t]; !is || !e.Time.Before(old.at) {
			s[place][t] = verdict{e.Time, e.Action}
		}
	}
	return lines.Err()
}

const module = "github.com/arealicehole/vocoder"

// load reads all that is kept.
func load(dir string) (seen, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	s := seen{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if n := bytes.LastIndexByte(b, '\n'); n >= 0 {
			b = b[:n+1] // what was cut short has no last line
		}
		place, _, _ := strings.Cut(filepath.Base(name), "-")
		if err := s.take(place, bytes.NewReader(b)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, nil
}

// of returns how a test ended at a place, in a word for the page.
func (s seen) of(place string, t test) string {
	t.name = strings.ReplaceAll(t.name, " ", "_")
	switch s[place][t].action {
	case "pass":
		return "pass"
	case "fail":
		return "FAIL"
	case "skip":
		return "skipped"
	}
	return "not run"
}

// A ticker shows, of what go test -json says, how each test ended.
type ticker struct {
	w    io.Writer
	rest []byte
}

func (k *ticker) Write(b []byte) (int, error) {
	k.rest = append(k.rest, b...)
	for {
		n := bytes.IndexByte(k.rest, '\n')
		if n < 0 {
			return len(b), nil
		}
		var e event
		if json.Unmarshal(k.rest[:n], &e) == nil && e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
			fmt.Fprintf(k.w, "%s %s\n", e.Action, e.Test)
		}
		k.rest = k.rest[n+1:]
	}
}
