package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/validate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
)

func configMigrateCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "migrate FILE",
		Short: "Turn the settings of vocoder 1.0 into those of this version",
		Long: `Read a settings file of vocoder 1.0, the Python program, and print the same
settings in the form of this version, each with a comment. What has no meaning
any more, or cannot be used, is listed on standard error and in a comment at the
end, with its line. With --write it becomes the settings file, unless
there is one.`,
		ValidArgsFunction: files,
		Args:              arguments(1, 1, "one file"),
	}
	write := c.Flags().Bool("write", false, "make it the settings file, unless there is one")
	c.RunE = func(_ *cobra.Command, args []string) error {
		text, err := atomicfile.ReadUpTo(args[0], settings.MaxFile)
		if err != nil {
			return err
		}
		alone := a.store() // without the settings of the environment
		alone.Env.Lookup = func(name string) (string, bool) {
			if name != "HOME" && !strings.HasPrefix(name, "XDG_") {
				return "", false
			}
			return a.Lookup(name)
		}
		runs := func(text []byte) error {
			_, err := alone.Edit("settings", text, nil, validate.Settings)
			return err
		}
		out, left, err := config.Migrate(args[0], text, runs)
		if err != nil {
			return err
		}
		for _, w := range left {
			fmt.Fprintln(a.Stderr, "vocoder: not taken over: "+w.String())
		}
		if v, ok := a.Lookup("CLIPBOARD_MODE"); ok && v != "" {
			fmt.Fprintln(a.Stderr, "vocoder: not taken over: CLIPBOARD_MODE of the environment: what cannot be typed is pasted by itself; see typing.paste_limit")
		}
		if err := runs([]byte(out)); err != nil && *write { // of several settings together
			return err
		}
		if !*write {
			_, err := io.WriteString(a.Stdout, out)
			return err
		}
		file, err := a.store().WriteNew(out)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.Stdout, "written: "+file)
		return err
	}
	return c
}
