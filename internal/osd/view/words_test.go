package view

import (
	"maps"
	"os"
	"regexp"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// GNOME Shell's extension says the same as the overlay of this program: its tables of words
// are the same.
func TestWordsOfExtension(t *testing.T) {
	top, err := repo.Top()
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(top + "/packaging/gnome/vocoder@arealicehole.github.io/words.js")
	if err != nil {
		t.Fatal(err)
	}
	tables := regexp.MustCompile(`(?s)const (\w+) = \{\n(.*?)\n\};`).FindAllSubmatch(script, -1)
	got := map[string]map[string]string{}
	for _, table := range tables {
		words := map[string]string{}
		for _, row := range regexp.MustCompile(`(?m)^ +'?(.*?)'?: '(.*)',$`).FindAllSubmatch(table[2], -1) {
			words[string(row[1])] = string(row[2])
		}
		got[string(table[1])] = words
	}
	parts := map[string]string{}
	for part, words := range problems {
		parts[string(part)] = words
	}
	for name, want := range map[string]map[string]string{"PROBLEMS": parts, "REFUSALS": refusals, "REASONS": reasons} {
		if !maps.Equal(got[name], want) {
			t.Errorf("%s: the extension has %q, want %q", name, got[name], want)
		}
	}
}
