package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/validate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
)

func configCommand(a *cli) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check, show, change or take over the settings",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	check := &cobra.Command{Use: "check [FILE]", Short: "Check the settings file, or another one", Args: arguments(0, 1, "one file"), ValidArgsFunction: files,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				var err error
				if a.config, err = filepath.Abs(args[0]); err != nil {
					return err
				}
			}
			cfg, err := a.load(c)
			if err != nil {
				return err
			}
			if err := validate.Settings(a.store(), cfg); err != nil {
				return err
			}
			name, text, err := a.store().File()
			if err == nil && text == nil {
				name += ": not there; the defaults are used"
			}
			fmt.Fprintln(a.Stdout, name+": good")
			return err
		}}
	reference := &cobra.Command{Use: "reference", Short: "Print a settings file with every setting, its meaning and default",
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprint(a.Stdout, config.Reference())
			return nil
		}}
	c.AddCommand(check, configReloadCommand(a), reference, configShowCommand(a), configSetCommand(a), configMigrateCommand(a))
	return c
}

func configReloadCommand(a *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "Reload the settings in the running daemon",
		Long: `Reload the settings in the running daemon. The settings name its socket. With a
mistake in them the old ones stay.`,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, _ := a.store().Load(nil) // the daemon reads them, too, and says what is wrong
			_, err := control.Client{Path: a.store().SocketPath(cfg.Config)}.Do(c.Context(), control.Reload)
			return err
		},
	}
}

func configShowCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "show",
		Short: "Print the settings file, or the settings in effect",
		Long: `Print the settings file. With --effective, print every setting as it is in
effect, with where it comes from: the file, the environment of this shell (which
need not be that of the daemon), or its default. What is printed is a settings
file of the same meaning.`,
	}
	effective := c.Flags().Bool("effective", false, "print every setting as it is in effect, and where it comes from")
	c.RunE = func(c *cobra.Command, _ []string) error {
		file, text, err := a.store().File()
		if err != nil {
			return err
		}
		if !*effective {
			if text == nil {
				fmt.Fprintln(a.Stderr, "vocoder: "+file+" is not there: the defaults are used")
			}
			_, err := a.Stdout.Write(text)
			return err
		}
		shown, err := config.Show(config.Source{File: file, Text: text, Env: a.Lookup})
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.Stdout, shown)
		return err
	}
	return c
}

var negative = regexp.MustCompile(`^-[.0-9]`)

// withValue returns a command line in which the negative number of config set, as in
// "config set audio.gain_db -6", is no flag: it comes last, after --.
func withValue(args []string) []string {
	i := slices.Index(args, "set")
	if i < 0 || len(args) < i+3 || !slices.Contains(args[:i], "config") || !negative.MatchString(args[i+2]) {
		return args
	}
	rest := slices.Delete(slices.Clone(args), i+2, i+3)
	return append(rest, "--", args[i+2])
}

func configSetCommand(a *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME VALUE",
		Short: "Change one setting in the settings file, and nothing else of it",
		Long: `Change one setting in the settings file, and nothing else of it.
"vocoder config reference" prints the names, what they mean and what they may be.`,
		Args:              arguments(2, 2, "a name and a value"),
		ValidArgsFunction: completeSetting,
		RunE: func(_ *cobra.Command, args []string) error {
			here, _ := os.Getwd() // it may be gone; then a relative path is an error
			if err := a.store().Change([][2]string{{args[0], config.Whole(args[0], args[1], here)}}, validate.Settings); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.Stdout, "saved; `%s` applies it\n", a.store().Apply())
			return err
		},
	}
}
