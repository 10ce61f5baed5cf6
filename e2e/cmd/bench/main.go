// Command bench measures what vocoder and other programs cost and how fast they are,
// and writes docs/performance.md from that.
//
//	bench [-run PATTERN] host        on this machine: without devices, and on a private sound server
//	bench [-run PATTERN] machine     in the virtual machine, under sway and under Xorg
//	bench write                      docs/performance.md and its pictures from out/bench
//
// The output of the tests is kept in out/bench, in a file for each run, so that a part can
// be measured alone. Measuring a run again removes its earlier output. Next to each figure
// the page has that of the committed page.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

const usage = "usage: bench [-run PATTERN] host | machine | write"

const (
	kept     = "out/bench" // the output of the tests
	page     = "docs/performance.md"
	pictures = "docs/pictures" // those of the page
)

func main() {
	run := flag.String("run", "", "only the runs whose name the regular expression matches")
	flag.Parse()
	if err := command(*run, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(pattern string, args []string) error {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	switch {
	case slices.Equal(args, []string{"host"}):
		return measureAt([]string{"host"}, re)
	case slices.Equal(args, []string{"machine"}):
		return measureAt([]string{"sway", "xorg"}, re)
	case slices.Equal(args, []string{"write"}):
		return write()
	}
	return errors.New(usage)
}

// A run is one go test.
type run struct {
	place string // "host", or the session of the virtual machine
	name  string
	env   []string
	args  []string
}

// module returns the folder of the module that has the tests of the run.
func (r run) module() string {
	if r.place == "host" {
		return "."
	}
	return testlog.E2E
}

const bench = "VOCODER_BENCH=1"

// runs are all runs, in the order in which they are made. One runs at a time, so that no
// run takes a processor from another.
var runs = []run{
	{"host", "hot", nil, []string{"-run", "^$", "-count", "5", "-bench", "^Benchmark(Hold|Block|Step|State|Table|Window)$",
		"./evdev", "./capture", "./capture/vad", "./dictate", "./inject/desktop", "./inject/keymap"}},
	{"host", "prose", []string{"VOCODER_DEVICES=1"}, []string{"-run", "^$", "-count", "5", "-bench", "^BenchmarkProse$", "./inject"}},
	{"host", "press", []string{bench, "VOCODER_SOUND=1"}, []string{"-run", "^TestBenchPress$", "./capture"}},
	{"host", "answer", []string{bench}, []string{"-run", "^TestBenchAnswer$", "./internal/app/daemon"}},
	{"host", "lengths", []string{bench}, []string{"-timeout", "30m", "-run", "^TestBenchLengths$", "./internal/app/daemon"}},
	{"host", "live", []string{bench}, []string{"-run", "^TestLiveReal$", "./internal/app/recognition"}},
	{"host", "layouts", nil, []string{"-tags", "xkbcommon", "-run", "^TestOracle$", "./inject/keymap"}},
	{"sway", "costs", []string{bench, "VOCODER_MACHINE_SESSION=sway"}, []string{"-tags", "e2e", "-timeout", "40m", "-run", "^(TestBenchDaemon|TestBenchHelper)$", "."}},
	{"sway", "typing", []string{bench, "VOCODER_MACHINE_SESSION=sway"}, []string{"-tags", "e2e", "-timeout", "40m", "-run", "^TestBenchTyping$", "."}},
	{"xorg", "typing", []string{bench, "VOCODER_MACHINE_SESSION=xorg"}, []string{"-tags", "e2e", "-timeout", "40m", "-run", "^TestBenchTyping$", "."}},
}

// measureAt makes the runs of some places that the pattern matches. If a run fails, it
// continues with the next.
func measureAt(places []string, pattern *regexp.Regexp) (all error) {
	if !slices.ContainsFunc(runs, func(r run) bool { return pattern.MatchString(r.name) }) {
		return fmt.Errorf("no run is called %q", pattern)
	}
	for _, r := range runs {
		if !slices.Contains(places, r.place) || !pattern.MatchString(r.name) {
			continue
		}
		name := r.place + "-" + r.name
		if err := forget(kept, name); err != nil {
			return err
		}
		all = errors.Join(all, testlog.Run(kept, name, r.module(), r.env, r.args...))
	}
	return all
}

// forget removes the kept output of a run.
func forget(dir, run string) error {
	old, err := filepath.Glob(filepath.Join(dir, run+"-*.json"))
	for _, name := range old {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
