package usage

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// What makes no sense is an Error that says why, also where cobra would pass over
// it in silence.
func TestTighten(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"", ""},
		{"count", ""},
		{"count --by 2", ""},
		{"count one", ""},
		{"count one two", `prog count: one argument too many: "two"`},
		{"count --by two", `prog count: --by "two", want a whole number`},
		{"count --to", "prog count: unknown flag: --to"},
		{"--to", "unknown flag: --to"},
		{"cuont", `unknown command "cuont": did you mean count?`},
		{"xyz", `unknown command "xyz"`},
		{"still", ""},
		{"still one", `prog still takes no argument, got "one"`},
		{"completion bash", ""},
		{"completion tcsh", `unknown command "tcsh": did you mean bash or fish or zsh?`},
		{"help", ""},
		{"help count", ""},
		{"help cuont", `unknown command "cuont": did you mean count?`},
		{"help completion bash", ""},
		{"help completion tcsh", `unknown command "tcsh": did you mean bash or fish or zsh?`},
	} {
		nothing := func(*cobra.Command, []string) error { return nil }
		root := &cobra.Command{Use: "prog", Args: NoArgs, SilenceErrors: true, SilenceUsage: true, RunE: nothing}
		count := &cobra.Command{Use: "count", Args: AtMost(1), RunE: nothing}
		count.Flags().Int("by", 1, "")
		root.AddCommand(count, &cobra.Command{Use: "still", Args: NoArgs, RunE: nothing})
		root.SetOut(io.Discard)
		root.SetArgs(strings.Fields(tt.line))
		Tighten(root)
		err := root.Execute()
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%q: %v", tt.line, err)
		case tt.want != "" && (err == nil || err.Error() != tt.want || !Is(err)):
			t.Errorf("%q: %v, want %s", tt.line, err, tt.want)
		}
	}
	if Is(errors.New("of another kind")) {
		t.Error("any error is one of usage")
	}
}

// TestExplain: an error names the program once.
func TestExplain(t *testing.T) {
	root := &cobra.Command{Use: "prog"}
	count := &cobra.Command{Use: "count"}
	root.AddCommand(count)
	for _, tt := range []struct {
		called *cobra.Command
		err    error
		want   string
	}{
		{count, Errorf("prog count takes no argument"), "prog count takes no argument\nhint: prog count --help\n"},
		{root, Errorf("unknown flag: --x"), "prog: unknown flag: --x\nhint: prog --help\n"},
		{count, errors.New("no \x1b[31msound"), "prog: no �[31msound\n"},
		{count, errors.New("program is gone"), "prog: program is gone\n"},
	} {
		var out strings.Builder
		if Explain(&out, tt.called, tt.err, ""); out.String() != tt.want {
			t.Errorf("%q, want %q", out.String(), tt.want)
		}
	}
}

// TestNearFlag: a flag that does not exist suggests the one that was meant.
func TestNearFlag(t *testing.T) {
	root := &cobra.Command{Use: "prog", SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return nil }}
	for _, name := range []string{"key", "keys", "audio-tail", "json"} {
		root.Flags().String(name, "", "")
	}
	root.SetOut(io.Discard)
	Tighten(root)
	for given, want := range map[string]string{
		"--kee": "unknown flag: --kee: did you mean --key?", "--audio-tial": "unknown flag: --audio-tial: did you mean --audio-tail?", "--zzzzzz": "unknown flag: --zzzzzz",
	} {
		root.SetArgs([]string{given, "x"})
		if err := root.Execute(); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", given, err, want)
		}
	}
}
