package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arealicehole/vocoder/internal/usage"
)

// TestHelp: the help of every command fits 80 columns and has an example that begins with
// the command, and each flag says what its value is.
func TestHelp(t *testing.T) {
	root := (&cli{}).command()
	usage.Tighten(root)
	n := 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		n++
		var out bytes.Buffer
		c.SetOut(&out)
		if err := c.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("%s: %s", c.CommandPath(), line)
			}
		}
		if !strings.Contains(out.String(), "\nExamples:\n  ") || !strings.Contains(c.Example, c.CommandPath()) && c != root {
			t.Errorf("%s has no example:\n%s", c.CommandPath(), &out)
		}
		if c.HasParent() && c.Parent() == root && len(root.Groups()) > 0 && c.GroupID == "" && c.Name() != "help" && c.Name() != "completion" {
			t.Errorf("%s is in no group", c.CommandPath())
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if kind, _ := pflag.UnquoteUsage(f); kind == "string" {
				t.Errorf("%s --%s has a value of no kind", c.CommandPath(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	if n < 20 {
		t.Errorf("only %d commands", n)
	}
}

// TestCompletionBindable: keys that can be bound are offered to hold, with what setup takes
// besides, and no others.
func TestCompletionBindable(t *testing.T) {
	for _, args := range [][]string{{"setup", "--key", ""}, {"run", "--key", ""}, {"config", "set", "key", ""}, {"run", "--cancel-key", ""}} {
		offered := completions(t, args...)
		for _, bad := range []string{"KEY_A", "KEY_1", "KEY_ENTER", "BTN_LEFT"} {
			if offered[bad] {
				t.Errorf("%q: %s is offered", args, bad)
			}
		}
		if !offered["KEY_F13"] || !offered["KEY_RIGHTCTRL"] || offered["keep"] != (args[0] == "setup") {
			t.Errorf("%q: %d are offered", args, len(offered))
		}
	}
	if chords := completions(t, "setup", "--key", "KEY_LEFTMETA+"); !chords["KEY_LEFTMETA+KEY_F9"] {
		t.Error("no chord is offered")
	}
	if all := completions(t, "setup", "--microphone", ""); !all["default"] || !all["speak"] {
		t.Errorf("%v", all)
	}
}
