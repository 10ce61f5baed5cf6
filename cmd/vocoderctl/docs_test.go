package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every command of vocoderctl in the documentation exists, with its flags.
func TestPapersCommands(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?m)(?:^|`|\"|exec |id |status_command )vocoderctl(( (\"[^\"\n]*\"|[^`\n|;&>#\"])*)?)")
	word := regexp.MustCompile(`"[^"]*"|\S+`)
	n := 0
	for _, page := range append(pages, "../../README.md", "../../CHANGELOG.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shown.FindAllStringSubmatch(string(text), -1) {
			n++
			line := strings.TrimSpace(m[1])
			c, rest, err := (&cli{}).command().Find(word.FindAllString(line, -1))
			if err == nil {
				if err = c.ParseFlags(rest); err == nil && c.Args != nil {
					err = c.Args(c, c.Flags().Args())
				}
			}
			if err != nil {
				t.Errorf("%s: vocoderctl%s: %v", filepath.Base(page), m[1], err)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d commands were found", n)
	}
}
