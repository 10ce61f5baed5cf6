package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/words"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

func (a *cli) wordCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "word COMMAND",
		Short: "Change the list of your own words",
		Long: `Change the list of your own words: names and terms that the recognizer should
know, and words to write for what you say. It is the file of the setting
text.vocabulary or, without that, ~/.config/vocoder/words. A change takes effect
at the next press.`,
		Example: "  vocoderctl word add Kubernetes\n  vocoderctl word list",
		Args:    usage.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	profile := c.PersistentFlags().String("config", "", "the `FILE` of settings that names the list, or the NAME of a profile")
	open := func() (words.List, error) { return words.Open(settings.Store{Env: a.env, Name: *profile}) }
	add := &cobra.Command{
		Use:     "add WORD | \"SPOKEN => WRITTEN\"",
		Short:   "Add a name, or words to write for what you say",
		Long:    "Add a name, spelled as vocoder should write it, or words to write for what you\nsay. Put several words in quotes.",
		Example: "  vocoderctl word add Kubernetes\n  vocoderctl word add \"pull request => PR\"",
		Args:    oneWord,
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeWords(c.Context(), open, "added", func(l words.List) error { return l.Add(args[0]) })
		},
	}
	remove := &cobra.Command{
		Use:     "remove WORD",
		Short:   "Remove a name, or what is written for a word",
		Example: "  vocoderctl word remove Kubernetes\n  vocoderctl word remove \"pull request\"",
		Args:    oneWord,
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeWords(c.Context(), open, "removed", func(l words.List) error { return l.Remove(args[0]) })
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) (all []cobra.Completion, _ cobra.ShellCompDirective) {
			if l, err := open(); err == nil {
				list, _ := l.Words() // without a list there is nothing to offer
				for _, w := range list {
					all = append(all, printable.Line(w.Spoken, printable.MaxLine))
				}
			}
			return all, cobra.ShellCompDirectiveNoFileComp
		},
	}
	list := &cobra.Command{
		Use:     "list",
		Short:   "Print the list",
		Example: "  vocoderctl word list",
		Args:    usage.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.listWords(open) },
	}
	add.ValidArgsFunction, list.ValidArgsFunction = cobra.NoFileCompletions, cobra.NoFileCompletions
	c.AddCommand(add, remove, list)
	return c
}

func oneWord(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage.Errorf("%s takes one word, got %d: put several in quotes", c.CommandPath(), len(args))
	}
	return nil
}

// changeWords changes the list, and has the daemon read it.
func (a *cli) changeWords(ctx context.Context, open func() (words.List, error), done string, change func(words.List) error) error {
	l, err := open()
	if err != nil {
		return err
	}
	if err := change(l); err != nil {
		return err
	}
	client := control.Client{Path: l.Socket}
	if a.socket != "" {
		client.Path = a.socket
	}
	ctx, cancel := context.WithTimeout(ctx, replyTimeout)
	defer cancel()
	_, err = client.Do(ctx, control.Reload)
	running := !errors.Is(err, control.ErrNotRunning)
	if err != nil && running {
		return fmt.Errorf("%s, but the daemon has the old list: %w", done, err)
	}
	if a.json {
		return a.print(map[string]any{"status": done, "file": l.File, "running": running})
	}
	_, err = fmt.Fprintf(a.stdout, "✓ %s%s\n", done, ifTrue(!running, "; vocoder does not run, and reads it when it starts"))
	return err
}

// listWords prints the list.
func (a *cli) listWords(open func() (words.List, error)) error {
	l, err := open()
	if err != nil {
		return err
	}
	list, err := l.Words()
	if err != nil {
		return err
	}
	if a.json {
		return a.print(map[string]any{"file": l.File, "words": list})
	}
	for _, w := range list {
		if _, err := fmt.Fprintln(a.stdout, printable.Line(w.String(), printable.MaxLine)); err != nil {
			return err
		}
	}
	return nil
}
