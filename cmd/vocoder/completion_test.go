package main

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/usage"
	"github.com/arealicehole/vocoder/whisper"
)

// completions returns what a shell would offer for the last of args, without the
// descriptions.
func completions(t *testing.T, args ...string) map[string]bool {
	t.Helper()
	status, stdout, _ := call(t, "", "", append([]string{cobra.ShellCompRequestCmd}, args...)...)
	if status != 0 {
		t.Fatalf("completing %q: exit status %d", args, status)
	}
	offered := map[string]bool{}
	for line := range strings.Lines(stdout) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		offered[strings.TrimSuffix(name, "=")] = true
	}
	return offered
}

// TestCompletion: the completion of shells offers every command and every flag.
func TestCompletion(t *testing.T) {
	var walk func(c *cobra.Command, path []string)
	walk = func(c *cobra.Command, path []string) {
		commands := completions(t, append(path, "")...)
		for _, sub := range c.Commands() {
			if !sub.Hidden && !commands[sub.Name()] {
				t.Errorf("command %s of %q is not offered", sub.Name(), c.CommandPath())
			}
			walk(sub, append(path[:len(path):len(path)], sub.Name()))
		}
		flags := completions(t, append(path, "--")...)
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !flags["--"+f.Name] {
				t.Errorf("flag --%s of %q is not offered", f.Name, c.CommandPath())
			}
		})
	}
	root := (&cli{}).command()
	usage.Tighten(root)
	root.InitDefaultVersionFlag()
	walk(root, nil)
}

// TestCompletionScripts: vocoder prints the scripts that packages install.
func TestCompletionScripts(t *testing.T) {
	for shell, want := range map[string]string{
		"bash": "__start_vocoder", "zsh": "#compdef vocoder", "fish": "complete -c vocoder",
	} {
		if status, stdout, stderr := call(t, "", "", "completion", shell); status != 0 || stderr != "" || !strings.Contains(stdout, want) {
			t.Errorf("%s: exit status %d, %d bytes, %q", shell, status, len(stdout), stderr)
		}
	}
}

// TestSettingsEverywhere: every setting is in its manual page and in the reference file,
// and is a flag of the daemon that shells complete.
func TestSettingsEverywhere(t *testing.T) {
	page, err := os.ReadFile("../../packaging/vocoder.yaml.5")
	if err != nil {
		t.Fatal(err)
	}
	reference, err := os.ReadFile("../../packaging/vocoder.yaml")
	if err != nil {
		t.Fatal(err)
	}
	offered := completions(t, "run", "--")
	if known := completions(t, "run", "--whisper-dialect", ""); !maps.Equal(known, completions(t, "transcribe", "--dialect", "")) ||
		slices.ContainsFunc(whisper.Dialects(), func(d string) bool { return !known[d] }) {
		t.Errorf("of dialects %v are offered", known)
	}
	for _, s := range config.Settings() {
		name := s.Name[strings.LastIndex(s.Name, ".")+1:]
		switch {
		case !strings.Contains(string(page), "\n.It Cm "+s.Name+" Pq Ev "+s.Env()):
			t.Errorf("%s is not in vocoder.yaml.5", s.Name)
		case !strings.Contains(string(reference), name+":"):
			t.Errorf("%s is not in vocoder.yaml", s.Name)
		case s.Name == "whisper.dialect" && slices.ContainsFunc(whisper.Dialects(), func(d string) bool { return !strings.Contains(s.Help, d) }):
			t.Errorf("the help of %s lacks a dialect", s.Name)
		case !offered["--"+s.Flag()]:
			t.Errorf("%s is not offered as --%s", s.Name, s.Flag())
		}
	}
}
