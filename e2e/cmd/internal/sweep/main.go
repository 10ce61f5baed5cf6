package sweep

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// A Command is a measuring command of several parts.
type Command struct {
	Name, Usage string
	Dir         string // of the results
	Filter      string // what the flag -run is for; empty if there is no such flag

	// Parts returns the parts by name. The repository is at top. Only matches what -run
	// names, and everything without that flag.
	Parts func(ctx context.Context, top string, only *regexp.Regexp) map[string]func() error
}

// Main runs the part that the command line names, until SIGINT or SIGTERM. If it fails, Main
// ends the program with status 1.
func (c Command) Main() {
	var pattern string
	if c.Filter != "" {
		flag.StringVar(&pattern, "run", "", c.Filter)
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := c.run(ctx, pattern, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", c.Name, err)
		os.Exit(1)
	}
}

func (c Command) run(ctx context.Context, pattern string, args []string) error {
	only, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	top, err := repo.Top()
	if err != nil {
		return err
	}
	return Run(c.Dir, c.Usage, c.Parts(ctx, top, only), args)
}
