package main

import (
	"io"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

// The places where tests run. The name of a kept file begins with its place.
const (
	fakes    = "fakes"
	bookworm = "bookworm" // Debian 12
	trixie   = "trixie"   // Debian 13
	chance   = "chance"   // random faults, on fakes and in the machine
)

// A verdict is the end of a test: "pass", "fail", "skip", or "" if it did not end.
type verdict struct {
	at     time.Time
	action string
}

// An outcome is what a test of random faults counted.
type outcome struct {
	at           time.Time
	text, commit string
}

// seen holds the newest verdict of each test by place, the newest outcome of each test of
// random faults, and the commits that were tested for the rows.
type seen struct {
	verdicts map[string]map[test]verdict
	outcomes map[test]outcome
	commits  map[string]bool
}

// take adds the output of go test -json at a place.
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

// nothing returns a seen without results.
func nothing() seen {
	return seen{map[string]map[test]verdict{}, map[test]outcome{}, map[string]bool{}}
}

const module = "github.com/arealicehole/vocoder"

// load reads all kept output.
func load(dir string) (seen, error) {
	s := nothing()
	return s, testlog.Read(dir, s.take)
}

// of returns the end of a test at a place, as the page says it.
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
