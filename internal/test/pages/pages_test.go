package pages_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/pages"
)

func TestBlocks(t *testing.T) {
	const page = "# T\n\n```sh\na\n```\n\n<!-- test: skip it asks -->\n```console\n$ b\nout\n```\n\n<!-- test:\nbefore x y\nafter z\nuntil\n-->\n\n  ```yaml\n  k: v\n    w\n  ```\n<!-- test: skip far -->\ntext\n```\nlast\n```\n"
	want := []pages.Block{
		{Line: 3, Kind: "sh", Text: "a\n"},
		{Line: 8, Kind: "console", Text: "$ b\nout\n", Note: pages.Note{Skip: "it asks"}},
		{Line: 19, Kind: "yaml", Text: "k: v\n  w\n", Note: pages.Note{Before: []string{"x y"}, After: []string{"z"}, Until: true}},
		{Line: 25, Kind: "", Text: "last\n"},
	}
	if got := pages.Blocks(page); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestSteps(t *testing.T) {
	b := pages.Block{Text: "$ a\n1\n2\n$ cat > f <<'END'\n$ not a command\nEND\n$ b \\\n  c\n\n3\n"}
	want := []pages.Step{
		{Command: "a", Output: []string{"1", "2"}},
		{Command: "cat > f <<'END'\n$ not a command\nEND"},
		{Command: "b \\\n  c", Output: []string{"", "3"}},
	}
	if got := b.Steps(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestAlike(t *testing.T) {
	for _, tt := range []struct {
		name, shown, output string
		want                bool
	}{
		{"the same", "active", "active", true},
		{"another word", "active", "inactive", false},
		{"numbers and times", "Active: active since Mon 2026-11-30 11:30:20 UTC; 5s ago", "Active: active since Tue 2027-01-02 01:02:03 UTC; 1min 20s ago", true},
		{"a size for a size", "Memory: 12.5M (max: 256.0M)", "Memory: 980.0K (max: 256.0M)", true},
		{"no size for a word", "Memory: 12.5M", "Memory: [not set]", false},
		{"columns", "a   b", "a b", true},
		{"an id", "CPU 0123456789abcdef", "CPU fedcba9876543210", true},
		{"a commit", "version=4e3d4d8 helper=true", "version=d4de4ad-dirty helper=true", true},
		{"a word of letters is no id", "defaced", "effaced", false},
		{"a line too many", "a", "a\nb", false},
		{"a line missing", "a\nb", "a", false},
		{"an empty line at the end", "a", "a\n", true},
		{"lines left out", "a\n…\nd", "a\nb\nc\nd", true},
		{"none left out", "a\n…\nd", "a\nd", true},
		{"lines left out, and the last missing", "a\n…\nd", "a\nb\nc", false},
		{"text left out", "pid … ended", "pid of vocoder ended", true},
		{"text left out, and the rest missing", "pid … ended", "pid of vocoder", false},
		{"regular expressions are text", "a.c (x)*", "abc (x)*", false},
		{"nothing", "", "", true},
		{"output where none is shown", "", "a", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := pages.Alike(strings.Split(tt.shown, "\n"), strings.Split(tt.output, "\n")); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestBegins(t *testing.T) {
	for _, tt := range []struct {
		shown, output string
		want          bool
	}{
		{"a\nb", "a\nb\nc", true},
		{"a\nb", "a", false},
		{"…\nb", "x\na\nb\nc", true},
	} {
		if got := pages.Begins(strings.Split(tt.shown, "\n"), strings.Split(tt.output, "\n")); got != tt.want {
			t.Errorf("%q, %q: got %v", tt.shown, tt.output, got)
		}
	}
}
