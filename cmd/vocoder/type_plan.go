package main

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/usage"
)

// errUntypable is returned after the untypable characters are on standard output.
var errUntypable = errors.New("plan text: the layout lacks characters")

// A plan has the flags of `vocoder type --plan`.
type plan struct {
	wanted     bool
	keymap     string // the path of a compiled keymap
	group      int    // counted from 1, as xkbcomp does
	locks      string // caps, num, or both
	noDeadKeys bool
}

// addPlan adds the flags of a plan to c.
func addPlan(c *cobra.Command) *plan {
	p := new(plan)
	f := c.Flags()
	f.BoolVar(&p.wanted, "plan", false, "print the keys and press none")
	f.StringVar(&p.keymap, "keymap", "", "the layout of --plan: a `FILE` that xkbcomp or xkbcli printed")
	f.IntVar(&p.group, "group", 1, "the group of --plan in effect, counted from 1; 0 if it is not known")
	f.StringVar(&p.locks, "locks", "", "the `LOCKS` of --plan that are on: caps, num or caps,num")
	f.BoolVar(&p.noDeadKeys, "no-dead-keys", false, "have --plan use no dead keys")
	offer(c, "keymap", files)
	offer(c, "locks", among("caps", "num", "caps,num"))
	return p
}

// table returns the characters that can be typed with the keymap of the plan.
func (p *plan) table() (*keymap.Table, error) {
	if p.keymap == "" {
		return nil, usage.Errorf("--plan needs --keymap FILE")
	}
	var locks keymap.Locks
	for name := range strings.SplitSeq(p.locks, ",") {
		switch name {
		case "":
		case "caps":
			locks.Caps = true
		case "num":
			locks.Num = true
		default:
			return nil, usage.Errorf("--locks %q, want caps, num or both", name)
		}
	}
	m, err := typing.ReadKeymap(p.keymap)
	if err != nil {
		return nil, err
	}
	if n := len(m.Groups()); p.group < 0 || p.group > n {
		return nil, usage.Errorf("--group %d, and the keymap has %d", p.group, n)
	}
	compose := keymap.DeadKeys()
	if p.noDeadKeys {
		compose = compose.WithoutDeadKeys()
	}
	return m.Table(p.group-1, locks, compose), nil
}

// A planned is a character and the strokes that type it, as printed.
type planned struct {
	Rune    string   `json:"rune"`
	Strokes []stroke `json:"strokes"`
}

// A stroke is a key, and the modifiers that are held while it is pressed.
type stroke struct {
	Mods []key.Code `json:"mods"`
	Code key.Code   `json:"code"`
}

// printPlan prints the strokes that would type a text.
func printPlan(a *cli, p *plan, args []string) error {
	table, err := p.table()
	if err != nil {
		return err
	}
	text, err := readText(a, args)
	if err != nil {
		return err
	}
	out := json.NewEncoder(a.Stdout)
	out.SetEscapeHTML(false)
	chars, err := table.Plan(inject.Clean(text, inject.Rules{}))
	if missing, ok := errors.AsType[*keymap.UntypableError](err); ok {
		var runes []string
		for _, r := range missing.Runes {
			runes = append(runes, string(r))
		}
		return errors.Join(errUntypable, out.Encode(map[string][]string{"untypable": runes}))
	}
	if err != nil {
		return err
	}
	for _, ch := range chars {
		if err := out.Encode(planOf(ch)); err != nil {
			return err
		}
	}
	return nil
}

func planOf(ch keymap.Char) planned {
	p := planned{Rune: string(ch.Rune)}
	for _, s := range ch.Strokes {
		p.Strokes = append(p.Strokes, stroke{append([]key.Code{}, s.Mods...), s.Code})
	}
	return p
}
