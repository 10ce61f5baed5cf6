package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
)

// addSettings gives c a flag for every setting below one of the prefixes.
func addSettings(c *cobra.Command, prefixes ...string) {
	for _, s := range config.Settings() {
		for _, p := range prefixes {
			if s.Name == p || strings.HasPrefix(s.Name, p+".") || p == "" {
				c.Flags().String(s.Flag(), s.Default, strings.NewReplacer("\n", " ", "`", "").Replace(s.Help))
				offer(c, s.Flag(), valuesOf(s))
				break
			}
		}
	}
}

// settings reads the settings file, the environment and the flags of c.
func (a *app) settings(c *cobra.Command) (config.Config, error) {
	src := config.Source{Env: a.Lookup, Flags: map[string]string{}}
	for _, s := range config.Settings() {
		if f := c.Flags().Lookup(s.Flag()); f != nil && f.Changed {
			src.Flags[s.Name] = f.Value.String()
		}
	}
	var err error
	if src.File, src.Text, err = a.settingsFile(); err != nil {
		return config.Config{}, &config.Error{Place: "settings", Msg: err.Error()}
	}
	a.source = src
	cfg, warnings, err := config.Load(src)
	for _, w := range warnings {
		fmt.Fprintln(a.Stderr, "vocoder: warning: "+w.String())
	}
	if err != nil {
		return cfg, err
	}
	return cfg, bindable(src, cfg)
}

// bindable returns an error if a key that people write with is bound.
func bindable(src config.Source, cfg config.Config) error {
	for _, b := range bindings(cfg) {
		if err := evdev.Bindable(b.Keys...); err != nil {
			return unbindable{src.Fault("key", "bind "+chordName(b.Keys)+": "+err.Error()), err}
		}
	}
	return nil
}

// An unbindable is the error of a key that cannot be bound, and why.
type unbindable struct {
	at  *config.Error
	why error
}

func (e unbindable) Error() string { return e.at.Error() }

func (e unbindable) Unwrap() []error { return []error{e.at, e.why} }

// settingsFile returns the name and text of the settings file. No file is an
// empty one, unless it was asked for.
func (a *app) settingsFile() (string, []byte, error) {
	dir := filepath.Join(a.ConfigHome(), "vocoder")
	name := filepath.Join(dir, "vocoder.yaml")
	switch {
	case strings.Contains(a.config, "/") || strings.HasSuffix(a.config, ".yaml"):
		name = a.config
	case a.config != "":
		name = filepath.Join(dir, a.config+".yaml")
	}
	text, err := atomicfile.ReadUpTo(name, maxSettings)
	if errors.Is(err, fs.ErrNotExist) && a.config == "" {
		return name, nil, nil
	}
	return name, text, err
}

// maxSettings bounds the settings file, in bytes.
const maxSettings = 64 << 10

// logger returns where a command logs: the journal under systemd, else
// standard error.
func (a *app) logger(cfg config.Config) *slog.Logger {
	level := slog.LevelInfo
	if cfg.Debug {
		level = slog.LevelDebug
	}
	if h := systemd.NewJournalHandler(level); h != nil {
		return slog.New(h)
	}
	return slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: level}))
}

// quiet returns the logger of a filter, which says all it has to say by its
// error unless debug is set.
func (a *app) quiet(cfg config.Config) *slog.Logger {
	if cfg.Debug {
		return a.logger(cfg)
	}
	return slog.New(slog.DiscardHandler)
}

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check, show, change or take over the settings", Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	check := &cobra.Command{Use: "check", Short: "Check the settings file", Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.settings(c)
			if err == nil {
				_, err = a.styleOf(cfg.Typing)
			}
			if err == nil {
				_, err = a.newBrain(cfg, slog.New(slog.DiscardHandler))
			}
			if err != nil {
				return err
			}
			name, text, err := a.settingsFile()
			if err == nil && text == nil {
				name += ": not there; the defaults are used"
			}
			fmt.Fprintln(a.Stdout, name+": good")
			return err
		}}
	reference := &cobra.Command{Use: "reference", Short: "Print a settings file with every setting, its meaning and default", Args: usage.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprint(a.Stdout, config.Reference())
			return nil
		}}
	c.AddCommand(check, reference, a.configShowCommand(), a.configSetCommand(), a.configMigrateCommand())
	return c
}
