package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The manual page has every command and flag, and the completion of the shells offers it.
func TestManual(t *testing.T) {
	page, err := os.ReadFile("../../packaging/vocoderctl.1")
	if err != nil {
		t.Fatal(err)
	}
	root := (&cli{}).command()
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	root.InitDefaultVersionFlag()
	check := func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !strings.Contains(string(page), "Fl Fl "+f.Name) {
				t.Errorf("flag --%s of %s is not in vocoderctl.1", f.Name, c.Name())
			}
			if !offered(t, c.Name(), "--")["--"+f.Name] {
				t.Errorf("flag --%s of %s is not offered", f.Name, c.Name())
			}
		})
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if rest, ok := strings.CutPrefix(line, ".It Cm "); ok {
			for name := range strings.FieldsSeq(strings.ReplaceAll(rest, ",", " ")) {
				names[name] = true
			}
		}
	}
	commands := offered(t, "vocoderctl", "")
	for _, c := range root.Commands() {
		if !names[c.Name()] {
			t.Errorf("command %s is not in vocoderctl.1", c.Name())
		}
		if !commands[c.Name()] {
			t.Errorf("command %s is not offered", c.Name())
		}
		check(c)
	}
	check(root)
}

// offered returns the completions of a shell for last after a command.
func offered(t *testing.T, command, last string) map[string]bool {
	t.Helper()
	args := []string{cobra.ShellCompRequestCmd, command, last}
	if command == "vocoderctl" {
		args = []string{cobra.ShellCompRequestCmd, last}
	}
	var out, errs bytes.Buffer
	a := &cli{stdout: &out, stderr: &errs}
	if status := a.main(t.Context(), args); status != exitDone {
		t.Fatalf("completing %q: exit status %d, %s", args, status, errs.String())
	}
	names := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		names[strings.TrimSuffix(name, "=")] = true
	}
	return names
}
