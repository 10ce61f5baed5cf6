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
	chance   = "chance"   // where chance chooses the faults, on fakes and in the machine
)

// A verdict is how a test ended: "pass", "fail", "skip", or "" if it did not.
type verdict struct {
	at     time.Time
	action string
}

// An outcome is what a test of chance counted.
type outcome struct {
	at           time.Time
	text, commit string
}

// seen holds the newest verdict on each test, by place, the newest outcome, and
// the commits that were tested for the rows.
type seen struct {
	verdicts map[string]map[test]verdict
	outcomes map[test]outcome
	commits  map[string]bool
}

// take notes what go test -json said at a place.
func (s seen) take(place string, in io.Reader) error {
	commit := ""
	return testlog.Events(in, func(e testlog.Event) {
		t := test{strings.TrimPrefix(e.Package, module+"/"), e.Test}
		switch e.Action {
		case testlog.Commit:
			if commit = e.Output; place != chance {
				s.commits[commit] = true
			}
		case "output":
			if _, text, is := strings.Cut(e.Output, "outcome: "); is && !e.Time.Before(s.outcomes[t].at) {
				s.outcomes[t] = outcome{e.Time, strings.TrimSpace(text), commit}
			}
		}
		if e.Test == "" || e.Action != "pass" && e.Action != "fail" && e.Action != "skip" && e.Action != "run" {
			return
		}
		if e.Action == "run" {
			e.Action = "" // until it ends
		}
		if s.verdicts[place] == nil {
			s.verdicts[place] = map[test]verdict{}
		}
		if old, is := s.verdicts[place][t]; !is || !e.Time.Before(old.at) {
			s.verdicts[place][t] = verdict{e.Time, e.Action}
		}
	})
}

// nothing is what has been seen before anything is read.
func nothing() seen {
	return seen{map[string]map[test]verdict{}, map[test]outcome{}, map[string]bool{}}
}

const module = "github.com/arealicehole/vocoder"

// load reads all that is kept.
func load(dir string) (seen, error) {
	s := nothing()
	return s, testlog.Read(dir, s.take)
}

// of returns how a test ended at a place, in a word for the page.
func (s seen) of(place string, t test) string {
	t.name = strings.ReplaceAll(t.name, " ", "_")
	switch s.verdicts[place][t].action {
	case "pass":
		return "pass"
	case "fail":
		return "FAIL"
	case "skip":
		return "skipped"
	}
	return "not run"
}
