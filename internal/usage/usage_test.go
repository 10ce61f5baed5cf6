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
		{"completion tcsh", `unknown command "tcsh": did you mean bash or zsh or fish?`},
		{"help", ""},
		{"help count", ""},
		{"help cuont", `unknown command "cuont": did you mean count?`},
		{"help completion bash", ""},
		{"help completion tcsh", `unknown command "tcsh": did you mean bash or zsh or fish?`},
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
