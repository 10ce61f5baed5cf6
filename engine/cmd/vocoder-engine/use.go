package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
)

func useCommand(store func() (models.Store, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "use NAME",
		Short: "Serve a model from now on",
		Long: `use makes serve take this model if its command line names none, and lets the memory limit of the unit
vocoder-engine.service follow the model. A running unit is restarted. A model that is too big for this
machine is refused.`,
		Args: usage.AtMost(1),

		ValidArgsFunction: offerModels(store, 1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := store()
			switch {
			case err != nil:
				return err
			case len(args) == 0:
				return usage.Errorf("vocoder-engine models use wants the name of a model")
			}
			m, err := s.Use(args[0], models.MachineMemory())
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is used from now on: %s\n", m.Name, s.Folder(m.Name))
			if c.Flags().Changed("models") { // the unit has another store
				return nil
			}
			err = followModel(c.Context(), m, environ.OfProcess())
			if errors.Is(err, systemd.ErrNoManager) {
				fmt.Fprintln(c.OutOrStdout(), "If vocoder-engine serve runs, start it again.")
				return nil
			}
			return err
		},
	}
}

// followModel lets the unit's memory limit follow the model, and restarts the unit if it
// runs. Its error is systemd.ErrNoManager if there is no service manager.
func followModel(ctx context.Context, m models.Model, env environ.Env) error {
	if _, err := m.WriteLimit(filepath.Join(env.ConfigHome(), "systemd", "user")); err != nil {
		return fmt.Errorf("limit the memory of %s: %w", systemd.EngineService, err)
	}
	return systemd.NewUserManager(env.RuntimeDir(), env.Var("DBUS_SESSION_BUS_ADDRESS") != "").TryRestart(ctx, systemd.EngineService)
}

func proposeCommand(store func() (models.Store, error)) *cobra.Command {
	c := &cobra.Command{
		Use:   "propose",
		Short: "Say which model suits this machine",
		Long: `propose names the model for the languages that you speak and this machine, one with fewer errors and a
smaller one. The wrong words of 100 are published figures for read sentences (FLEURS); the time for ten
seconds of speech is the one that bench measured, or estimated from published ones. vocoder setup asks
this command.`,
		Args: usage.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
	}
	languages := c.Flags().String("language", "", "languages that you speak, such as de,en (default: any)")
	asJSON := c.Flags().Bool("json", false, "print JSON")
	offer(c, "language", cobra.NoFileCompletions)
	c.RunE = func(c *cobra.Command, _ []string) error {
		s, err := store()
		if err != nil {
			return err
		}
		m, err := thisMachine(s, *languages)
		if err != nil {
			return err
		}
		proposals := models.Propose(m, s.Catalog())
		if *asJSON {
			e := json.NewEncoder(c.OutOrStdout())
			return e.Encode(append([]models.Proposal{}, proposals...))
		}
		if len(proposals) == 0 {
			return errors.New("no model knows these languages and fits this machine: vocoder-engine models list shows all")
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, p := range proposals {
			what := "installed"
			if p.Size > 0 {
				what = fmt.Sprintf("%d MB", p.Size/1e6)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.1f s for 10 s\n", p.Role, p.Name, what, wrong(p), 10*p.Pace)
		}
		return w.Flush()
	}
	return c
}

// wrong says how many words a model gets wrong.
func wrong(p models.Proposal) string {
	switch {
	case p.Errors == 0:
		return "not measured"
	case p.Characters:
		return fmt.Sprintf("%.0f of 100 characters wrong", p.Errors)
	}
	return fmt.Sprintf("%.0f of 100 words wrong", p.Errors)
}

// thisMachine returns the machine with the models of a store.
func thisMachine(s models.Store, languages string) (models.Machine, error) {
	m := models.Machine{Cores: runtime.NumCPU(), Memory: models.MachineMemory(), Disk: models.FreeDisk(s.Dir), Measured: s.Benchmarks()}
	for name := range strings.SplitSeq(languages, ",") {
		if name = strings.TrimSpace(name); name == "" || name == language.Auto {
			continue
		}
		code, err := language.Parse(name)
		if err != nil {
			return m, usage.Errorf("--language %s: %v", languages, err)
		}
		m.Languages = append(m.Languages, code)
	}
	for _, model := range s.Catalog() {
		if s.Present(model) {
			m.Installed = append(m.Installed, model.Name)
		}
	}
	if used, is := s.Preferred(); is && slices.Contains(m.Installed, s.Used()) {
		m.Used = used.Name
	}
	return m, nil
}
