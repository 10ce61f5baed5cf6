// Command faults causes every fault of docs/reliability.md and writes that page from the
// results.
//
//	faults [-run F-2.] fakes             the tests without devices, under -race
//	faults [-run F-2.] machine           the tests in the virtual machine of $SUITE (Debian 12 if unset)
//	faults chance fakes|machine          random faults; VOCODER_SEED, VOCODER_DICTATIONS
//	faults write                         docs/reliability.md from out/faults
//
// The output of go test -json is kept in out/faults, in a file for each run, so that a part
// can be run alone. The newest result of a test counts. Running all rows at a place removes
// the output of earlier runs there.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

const usage = "usage: faults [-run PATTERN] fakes | machine | chance fakes | chance machine | write"

const (
	kept = "out/faults" // the output of the tests
	page = "docs/reliability.md"
)

func main() {
	run := flag.String("run", "", "only the rows whose number the regular expression matches")
	flag.Parse()
	if err := command(*run, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func command(pattern string, args []string) error {
	chosen, err := choose(pattern)
	if err != nil {
		return err
	}
	switch {
	case slices.Equal(args, []string{"fakes"}):
		return errors.Join(forget(kept, fakes, chosen), runFakes(chosen))
	case slices.Equal(args, []string{"machine"}):
		return errors.Join(forget(kept, suite(), chosen), runMachine(chosen))
	case slices.Equal(args, []string{chance, "fakes"}):
		return runChance("fakes", ".", byChance.fakes, "-race", "-timeout", "30m")
	case slices.Equal(args, []string{chance, "machine"}):
		return runChance("machine", testlog.E2E, byChance.real, "-tags", "e2e", "-timeout", "180m")
	case slices.Equal(args, []string{"write"}):
		return write()
	}
	return errors.New(usage)
}

// choose returns the rows that a pattern matches; an empty one matches all.
func choose(pattern string) (some []row, err error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	for _, r := range rows {
		if re.MatchString(r.id) {
			some = append(some, r)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("no row is called %q", pattern)
	}
	return some, nil
}

// forget removes the kept output of a place if all its rows run again.
func forget(dir, place string, chosen []row) error {
	if len(chosen) < len(rows) {
		return nil
	}
	old, err := filepath.Glob(filepath.Join(dir, place+"-*.json"))
	for _, name := range old {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// runFakes runs the tests of the rows that need no virtual machine, package by package.
func runFakes(some []row) error {
	names := map[string][]string{}
	for _, r := range some {
		for _, t := range r.fakes {
			names[t.folder] = append(names[t.folder], t.name)
		}
	}
	var all error
	for _, folder := range slices.Sorted(maps.Keys(names)) {
		all = errors.Join(all, goTest("VOCODER_FAULTS", ".", fakes+"-"+strings.ReplaceAll(folder, "/", "-"),
			"-race", "-run", pattern(names[folder]), "./"+folder))
	}
	return all
}

// runMachine runs the tests of the rows in the virtual machine. Subtests of one test run
// together, because they share the machine's setup.
func runMachine(some []row) error {
	var usual, gnome []string
	for _, r := range some {
		for _, t := range r.at(suite()) {
			if t.gnome() {
				gnome = append(gnome, t.name)
			} else {
				usual = append(usual, t.name)
			}
		}
	}
	return errors.Join(runSession("sway", usual), runSession("gnome", gnome))
}

// runSession runs tests in the virtual machine with a session.
func runSession(session string, names []string) (all error) {
	env := []string{"VOCODER_FAULTS=1", "VOCODER_MACHINE_SESSION=" + session}
	for _, name := range tops(names) {
		all = errors.Join(all, testlog.Run(kept, suite()+"-"+name, testlog.E2E, env,
			"-tags", "e2e", "-timeout", "40m", "-run", pattern(under(name, names)), "."))
	}
	return all
}

// suite returns the release of Debian in the virtual machine.
func suite() string { return cmp.Or(os.Getenv("SUITE"), bookworm) }

// tops returns the top-level tests of the names, each once.
func tops(names []string) (all []string) {
	for _, n := range names {
		top, _, _ := strings.Cut(n, "/")
		if !slices.Contains(all, top) {
			all = append(all, top)
		}
	}
	return all
}

func under(top string, names []string) (some []string) {
	for _, n := range names {
		if n == top || strings.HasPrefix(n, top+"/") {
			some = append(some, n)
		}
	}
	return some
}

// pattern returns a pattern for go test -run that matches the tests and their subtests.
func pattern(names []string) string {
	var tops, subs []string
	for _, n := range names {
		top, sub, has := strings.Cut(n, "/")
		tops = append(tops, regexp.QuoteMeta(top))
		if has {
			subs = append(subs, regexp.QuoteMeta(strings.ReplaceAll(sub, " ", "_")))
		}
	}
	p := "^(" + strings.Join(compact(tops), "|") + ")$"
	if len(subs) > 0 {
		p += "/^(" + strings.Join(compact(subs), "|") + ")$"
	}
	return p
}

func compact(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

// runChance runs tests that choose faults at random, all of one module.
func runChance(place, module string, tests []test, args ...string) error {
	var names, folders []string
	for _, t := range tests {
		folder, err := filepath.Rel(module, t.folder)
		if err != nil {
			return err
		}
		names, folders = append(names, t.name), append(folders, "./"+folder)
	}
	args = append(args, "-run", pattern(names))
	return goTest("VOCODER_SWEEP", module, chance+"-"+place, append(args, compact(folders)...)...)
}

func goTest(env, module, name string, args ...string) error {
	return testlog.Run(kept, name, module, []string{env + "=1"}, args...)
}
