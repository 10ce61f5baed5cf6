package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/printable"
)

func layoutCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "layout",
		Short: "Show which keyboard layout is in effect, and how it is known",
		Long: `Show which keyboard layout is in effect, and where that is known from. Of several
groups, only what all have alike is typed if it is not known which is in effect;
the rest is pasted.`,
	}
	asJSON := c.Flags().Bool("json", false, "print one JSON object")
	c.RunE = a.withSettings(func(c *cobra.Command, cfg settings.Loaded, _ []string) error {
		d := typing.NewDesktop(a.Env, settings.QuietLogger(a.Env, cfg.Config))
		return d.During(c.Context(), func() error {
			state, err := d.State(c.Context())
			if err != nil {
				return err
			}
			return printLayout(a, inEffectOf(state), *asJSON)
		})
	})
	return c
}

// keyboard returns for which languages the layouts of the session are made.
func keyboard(a *cli, cfg config.Config) recognition.Keyboard {
	log := settings.QuietLogger(a.Env, cfg)
	return recognition.Keyboard{
		InEffect: func(ctx context.Context) language.Choice { return typing.LayoutLanguage(ctx, a.Env, log) },
		All:      func(ctx context.Context) [][]string { return typing.LayoutLanguages(ctx, a.Env) },
	}
}

// inEffect is a desktop.State as `vocoder layout` prints it.
type inEffect struct {
	Desktop string   `json:"desktop"` // empty if vocoder has no name for it
	Wayland string   `json:"wayland"` // path of the compositor's socket
	X11     string   `json:"x11"`     // display
	Groups  []string `json:"groups"`  // names; none if the keymap is not known
	Group   *int     `json:"group"`   // counted from 1; null if it is not known
	Caps    bool     `json:"caps"`    // lock
	Num     bool     `json:"num"`     // lock
	IME     string   `json:"ime"`     // empty for none
	App     string   `json:"app"`     // in focus; empty if that is not known
	From    origins  `json:"from"`    // where each fact came from, or why it is not known
}

// The origins are the sources of the facts in inEffect.
type origins struct {
	Keymap string `json:"keymap"`
	Group  string `json:"group"`
	Locks  string `json:"locks"`
	IME    string `json:"ime"`
	App    string `json:"app"`
}

func inEffectOf(s desktop.State) inEffect {
	e := inEffect{
		Desktop: s.Desktop.Name, Wayland: s.Desktop.Wayland, X11: s.Desktop.X11, Groups: []string{},
		Caps: s.Locks.Caps, Num: s.Locks.Num, IME: s.IME, App: s.App,
		From: origins{s.From.Map, s.From.Group, s.From.Locks, s.From.IME, s.From.App},
	}
	if s.Map != nil {
		e.Groups = s.Map.Groups()
		if s.Group != keymap.AllGroups {
			n := s.Group + 1
			e.Group = &n
		}
	}
	return e
}

func printLayout(a *cli, e inEffect, asJSON bool) error {
	if asJSON {
		return printable.Encode(a.Stdout, e)
	}
	var b strings.Builder
	line := func(what, value, from string) { fmt.Fprintf(&b, "%-9s %-28s %s\n", what, name(value), name(from)) }
	line("desktop", cmp.Or(e.Desktop, "of another kind"), strings.TrimSpace(e.Wayland+" "+e.X11))
	line("keymap", cmp.Or(strings.Join(e.Groups, ", "), "not known"), e.From.Keymap)
	line("group", e.groupName(), e.From.Group)
	line("locks", locksName(e), e.From.Locks)
	line("window", cmp.Or(e.App, "not known"), e.From.App)
	line("method", cmp.Or(e.IME, "none"), e.From.IME)
	_, err := fmt.Fprint(a.Stdout, b.String())
	return err
}

func (e inEffect) groupName() string {
	if e.Group == nil || *e.Group > len(e.Groups) {
		return "not known"
	}
	return fmt.Sprintf("%d, %s", *e.Group, e.Groups[*e.Group-1])
}

func locksName(e inEffect) string {
	var on []string
	if e.Caps {
		on = append(on, "Caps Lock")
	}
	if e.Num {
		on = append(on, "Num Lock")
	}
	return cmp.Or(strings.Join(on, ", "), "none")
}
