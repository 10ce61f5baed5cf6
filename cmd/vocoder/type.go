package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// maxText bounds what is typed at once, in bytes.
const maxText = 1 << 20

func (a *app) typeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "type [TEXT]",
		Short: "Type a text, or standard input, into the focused window",
		Long: `Type a text, or standard input, into the focused window, and print how it got
there: typed, pasted or clipboard. --after gives time to focus another window.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("%s takes one text: put it in quotes", c.CommandPath())}
			}
			return nil
		},
	}
	addSettings(c, "typing")
	after := c.Flags().Duration("after", time.Second, "wait `DURATION` before the first key")
	c.RunE = func(c *cobra.Command, args []string) error {
		cfg, err := a.settings(c)
		if err != nil {
			return err
		}
		text := strings.Join(args, "")
		if len(args) == 0 {
			b, err := io.ReadAll(io.LimitReader(a.stdin, maxText))
			if err != nil {
				return fmt.Errorf("read standard input: %w", err)
			}
			text = strings.TrimRight(string(b), "\n")
		}
		h := newHand(a.quiet(cfg), func(error) {})
		defer h.close()
		h.configure(cfg)
		if err := h.open(); err != nil {
			return err
		}
		timer := time.NewTimer(*after)
		defer timer.Stop()
		select {
		case <-c.Context().Done():
			return c.Context().Err()
		case <-timer.C:
		}
		how, rest, err := h.write(c.Context(), text)
		if u, ok := errors.AsType[*keymap.UntypableError](err); ok {
			return fmt.Errorf("type text: the layout does not have %s", names(u.Runes))
		}
		if err != nil {
			return err
		}
		if rest != "" {
			return fmt.Errorf("type: stopped with %d characters left", len([]rune(rest)))
		}
		_, err = fmt.Fprintln(a.stdout, how)
		return err
	}
	return c
}

// names returns characters as a person and a bug report can read them. It is
// for the one who wrote the text, not for a log.
func names(runes []rune) string {
	var out []string
	for _, r := range runes {
		out = append(out, fmt.Sprintf("%q (%U)", r, r))
	}
	return strings.Join(out, ", ")
}
