// Package help tests the help of a program's commands.
package help

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arealicehole/vocoder/internal/usage"
)

// Check fails unless the help of every command fits 80 columns and has an example that
// begins with the command, and each flag says what its value is. There must be at least
// so many commands.
func Check(t *testing.T, root *cobra.Command, least int) {
	t.Helper()
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
	if n < least {
		t.Errorf("only %d commands", n)
	}
}
