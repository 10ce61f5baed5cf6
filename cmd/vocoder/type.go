package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/usage"
)

// maxText is the limit of a text from standard input, in bytes.
const maxText = 1 << 20

func typeCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "type [TEXT]",
		Short: "Type a text, or standard input, into the focused window",
		Long: `Type a text, or standard input, into the focused window, and print how it got
there: typed, pasted or clipboard. --after gives time to focus another window.
After pasting it stays for as long as the clipboard needs it: until something
else is copied.

With --plan nothing is typed: one JSON object a line says which keys would type
each character on the layout that --keymap has, by their codes in pressing
order. If any cannot be typed, the exit status is 3 and one object lists them.`,
		Args: arguments(0, 1, "one text: put it in quotes"),
	}
	addSettings(c, "typing")
	after := c.Flags().Duration("after", time.Second, "wait `DURATION` before the first key")
	p := addPlan(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if p.wanted {
			return printPlan(a, p, args)
		}
		if *after < 0 {
			return usage.Errorf("--after %v, want 0s or more", *after)
		}
		cfg, err := a.load(c)
		if err != nil {
			return err
		}
		text, err := readText(a, args)
		if err != nil {
			return err
		}
		return typeText(a, c.Context(), cfg, text, *after)
	}
	return c
}

// readText returns the argument, or the text on standard input, without line breaks at
// the end: the shell adds one.
func readText(a *cli, args []string) (string, error) {
	if len(args) > 0 {
		return strings.TrimRight(args[0], "\r\n"), nil
	}
	b, err := io.ReadAll(io.LimitReader(a.Stdin, maxText+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read standard input: %w", err)
	case len(b) > maxText:
		return "", fmt.Errorf("read standard input: it is longer than %d bytes; nothing is typed", maxText)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// typeText types a text and prints how it got there. While the clipboard holds
// something of this program, it does not return.
func typeText(a *cli, ctx context.Context, cfg settings.Loaded, text string, after time.Duration) error {
	style, err := typing.NewStyle(cfg)
	if err != nil {
		return err
	}
	log := settings.QuietLogger(a.Env, cfg.Config)
	d := typing.NewDesktop(a.Env, log)
	d.Configure(style)
	k := typing.NewKeyboard(typing.Direct(), typing.Options{Desktop: d, Log: log, OnState: func(error) {}})
	k.Configure(style.Spacing())
	defer k.Close()
	if err := k.Open(); err != nil {
		return err
	}
	if err := clock.Sleep(ctx, after); err != nil {
		return err
	}
	return d.During(ctx, func() error {
		how, rest, err := k.Type(ctx, text)
		if u, ok := errors.AsType[*keymap.UntypableError](err); ok {
			return fmt.Errorf("type text: the layout does not have %s", names(u.Runes))
		}
		if errors.Is(err, dictate.ErrReplaced) {
			fmt.Fprintln(a.Stderr, err)
			err = nil
		}
		if err != nil {
			return err
		}
		if rest != "" {
			return fmt.Errorf("type: stopped with %d characters left", len([]rune(rest)))
		}
		if _, err := fmt.Fprintln(a.Stdout, how); err != nil {
			return err
		}
		return keepClipboard(a, ctx, d, how)
	})
}

// keepClipboard serves the clipboard until the user copies something else or ctx is
// done. What a program put into the clipboard is gone when the program ends.
func keepClipboard(a *cli, ctx context.Context, d *typing.Desktop, how dictate.Outcome) error {
	kept := make(chan error, 1)
	go func() { kept <- d.Clipboard().Wait(ctx) }()
	select {
	case err := <-kept:
		return err
	case <-time.After(messageDelay):
	}
	if how == dictate.Clipboard {
		fmt.Fprintln(a.Stderr, "nothing took the text: it is in the clipboard until you copy something else or end this with Ctrl+C")
	} else {
		fmt.Fprintln(a.Stderr, "the clipboard holds what it held until you copy something else or end this with Ctrl+C")
	}
	return <-kept
}

// messageDelay is how long a command runs on before it says why. A shorter wait needs no
// message.
const messageDelay = 300 * time.Millisecond

// names returns characters for people: as they look, and by number. It is for the user
// who wrote the text, not for a log.
func names(runes []rune) string {
	var out []string
	for _, r := range runes {
		out = append(out, fmt.Sprintf("%q (%U)", r, r))
	}
	return strings.Join(out, ", ")
}
