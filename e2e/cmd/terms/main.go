// Command terms measures what the list of the user's own words gains and costs.
//
//	terms [-run PATTERN] heard      names in synthetic and human speech, with a real Whisper server
//	terms [-run PATTERN] ordinary   ordinary sentences, in which no name may be put
//	terms write                     the wrong spellings of names, as text/testdata/misheard.txt has them
//
// The results are kept in out/terms. PATTERN is a regular expression for languages.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

const (
	usage = "usage: terms [-run PATTERN] heard | ordinary | write"
	kept  = "out/terms"
)

func main() {
	run := flag.String("run", "", "only the languages that the regular expression matches")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, *run, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "terms:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, pattern string, args []string) error {
	only, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	top, err := repo.Top()
	if err != nil {
		return err
	}
	return sweep.Run(kept, usage, map[string]func() error{
		"heard":     func() error { return hearAll(ctx, top, only) },
		"ordinary":  func() error { return readAll(ctx, only) },
		sweep.Write: write,
	}, args)
}
