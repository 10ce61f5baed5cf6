package main

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
	"github.com/arealicehole/vocoder/internal/test/measure"
)

// figures are the results of the kept runs.
type figures struct {
	byWhat   map[string]dated // by the names of the figures
	commits  []string         // of the measured sources, each once
	versions []string         // of the other measured programs, each once
	first    time.Time        // when the first output was written
}

type dated struct {
	measure.Figure
	at time.Time
}

func (d dated) reading() reading { return reading{d.Median(), d.Spread()} }

// load reads the kept output in a folder. A folder that does not exist has none.
func load(dir string) (figures, error) {
	f := figures{byWhat: map[string]dated{}}
	err := testlog.Read(dir, func(_ string, in io.Reader) error { return f.take(in) })
	f.commits, f.versions = once(f.commits), once(f.versions)
	return f, err
}

func once(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

// take adds the figures of one run: the lines of tests, and the results of benchmarks,
// whose names and values come in pieces.
func (f *figures) take(in io.Reader) error {
	said := map[string]*strings.Builder{} // by package
	var at time.Time
	err := testlog.Events(in, func(e testlog.Event) {
		if e.Action == testlog.Commit {
			f.commits = append(f.commits, e.Output)
		}
		if e.Action != "output" {
			return
		}
		at = e.Time
		if f.first.IsZero() || at.Before(f.first) {
			f.first = at
		}
		if fig, is := measure.Parse(e.Output); is {
			f.put(fig, at)
		}
		if v, is := measure.ParseVersion(e.Output); is {
			f.versions = append(f.versions, v)
		}
		if said[e.Package] == nil {
			said[e.Package] = new(strings.Builder)
		}
		said[e.Package].WriteString(e.Output)
	})
	for _, text := range said {
		err = errors.Join(err, f.benchmarks(text.String(), at))
	}
	return err
}

// benchmarks adds the values of each benchmark as "Table ns/op". It puts the values of
// several runs of a benchmark together.
func (f *figures) benchmarks(text string, at time.Time) error {
	all := map[string]*measure.Figure{}
	r := benchfmt.NewReader(strings.NewReader(text), "go test")
	for r.Scan() {
		result, is := r.Result().(*benchfmt.Result)
		if !is {
			continue // some other line of go test
		}
		for _, v := range result.Values {
			value, unit := v.Value, v.Unit
			if v.OrigUnit != "" {
				value, unit = v.OrigValue, v.OrigUnit
			}
			name := string(result.Name.Base()) + " " + unit
			if all[name] == nil {
				all[name] = &measure.Figure{What: name, Unit: unit}
			}
			all[name].Values = append(all[name].Values, value)
		}
	}
	for _, fig := range all {
		f.put(*fig, at)
	}
	return r.Err()
}

func (f *figures) put(fig measure.Figure, at time.Time) {
	if old, is := f.byWhat[fig.What]; !is || !at.Before(old.at) {
		f.byWhat[fig.What] = dated{fig, at}
	}
}

// sizes adds the sizes of the programs in dir.
func (f *figures) sizes(dir string) {
	for _, name := range []string{"vocoder", "vocoderctl", "vocoder-inputd", "vocoder-engine"} {
		if s, err := os.Stat(dir + "/" + name); err == nil { // the page says "not measured" of a missing one
			f.put(measure.Figure{What: "size of " + name, Unit: "MB", Values: []float64{float64(s.Size()) / 1e6}}, s.ModTime())
		}
	}
}
