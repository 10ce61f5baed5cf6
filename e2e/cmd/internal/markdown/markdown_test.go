package markdown

import "testing"

func TestTable(t *testing.T) {
	table := New("server", "clips", "")
	table.Row("engine", 3, "")
	if got, want := table.String(), "| server | clips | |\n|---|---|---|\n| engine | 3 |  |\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
