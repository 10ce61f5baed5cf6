package main

import (
	"io"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

// The places where tests run: first in the name of the file that keeps what they
// said.
const (
	fakes    = "fakes"
	bookworm = "bookworm" // Debian 12
	trixie   = "trixie"   // Debian 13
)

// A verdict is how a test ended: "pass", "fail", "skip", or "" if it did not.
type verdict struct {
	at     time.Time
	action string
}

// seen holds the newest verdict on each test, by place.
type seen map[string]map[test]verdict

// take notes what go test -json said at a place.
func (s seen) take(place string, in io.Reader) error {
	return testlog.Events(in, func(e testlog.Event) {
		if e.Test == "" || e.Action != "pass" && e.Action != "fail" && e.Action != "skip" && e.Action != "run" {
			return
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
	})
}

const module = "github.com/arealicehole/vocoder"

// load reads all that is kept.
func load(dir string) (seen, error) {
	s := seen{}
	return s, testlog.Read(dir, s.take)
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
