package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestManual checks that the manual page has every command and flag, and that the
// completion of shells offers it.
func TestManual(t *testing.T) {
	page, err := os.ReadFile("../../../packaging/vocoder-engine.1")
	if err != nil {
		t.Fatal(err)
	}
	root := command()
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	root.InitDefaultVersionFlag()
	var walk func(c *cobra.Command, path []string)
	walk = func(c *cobra.Command, path []string) {
		name := strings.Join(path, " ")
		if c.Hidden || name == "help" || strings.HasPrefix(name, "completion ") {
			return
		}
		if c.HasParent() && !c.HasSubCommands() && !strings.Contains(string(page), "\n.It Cm "+name) {
			t.Errorf("command %s is not in vocoder-engine.1", name)
		}
		flags := offered(t, append(path[:len(path):len(path)], "--")...)
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Deprecated != "" {
				return
			}
			if f.Name != "help" && !strings.Contains(string(page), "Fl Fl "+f.Name) {
				t.Errorf("flag --%s of %s is not in vocoder-engine.1", f.Name, name)
			}
			if !flags["--"+f.Name] {
				t.Errorf("flag --%s of %s is not offered", f.Name, name)
			}
		})
		commands := offered(t, append(path[:len(path):len(path)], "")...)
		for _, sub := range c.Commands() {
			if !sub.Hidden && !commands[sub.Name()] {
				t.Errorf("command %s of %s is not offered", sub.Name(), name)
			}
			walk(sub, append(path[:len(path):len(path)], sub.Name()))
		}
	}
	walk(root, nil)
}

// offered returns what a shell offers after args. The last of them is incomplete.
func offered(t *testing.T, args ...string) map[string]bool {
	t.Helper()
	root := command()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, args...))
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		names[strings.TrimSuffix(name, "=")] = true
	}
	return names
}
