// Command mutants changes one operator of a package at a time and runs the package's tests:
// they should fail. It writes e2e/mutants.md, which lists the changes that no test noticed.
//
//	mutants run PACKAGE...       in the main module, with the packages below
//	mutants write                the page, from out/mutants
//
// The changes are those of gremlins (github.com/go-gremlins/gremlins), which tools.mod has.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
)

const (
	kept = "out/mutants" // the results, a file for each package
	page = "e2e/mutants.md"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	switch {
	case len(args) > 1 && args[0] == "run":
		workers := 2 * runtime.NumCPU()
		if n, err := strconv.Atoi(os.Getenv("VOCODER_WORKERS")); err == nil && n > 0 {
			workers = n
		}
		var errs []error
		for _, pkg := range args[1:] {
			errs = append(errs, run(pkg, workers))
		}
		return errors.Join(errs...)
	case slices.Equal(args, []string{"write"}):
		return write()
	}
	return errors.New("usage: mutants run PACKAGE... | mutants write")
}
