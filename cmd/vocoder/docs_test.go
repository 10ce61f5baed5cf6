package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/config"
)

// A passage is a command line or a block of settings in a page of the documentation.
type passage struct{ page, kind, text string }

var (
	fence  = regexp.MustCompile("^ *```(.*)$")
	quoted = regexp.MustCompile("`([^`]+)`")
)

// passages returns the blocks of a page. Their kind is the word after the fence. Each line
// of shell and each quotation that runs vocoder is also a passage, of kind "command".
func passages(page, text string) (all []passage) {
	kind, block := "", ""
	open := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch m := fence.FindStringSubmatch(line); {
		case m != nil && !open:
			kind, block, open = m[1], "", true
		case m != nil:
			all, open = append(all, passage{page, kind, block}), false
		case open:
			block += line + "\n"
			if kind == "sh" {
				all = append(all, commands(page, line)...)
			}
		default:
			for _, q := range quoted.FindAllStringSubmatch(line, -1) {
				all = append(all, commands(page, q[1])...)
			}
		}
	}
	return all
}

var (
	between  = regexp.MustCompile(`&&|\|\||[|;]|exec `)
	redirect = regexp.MustCompile(`[<>]\s*\S+`)
)

// commands returns the commands in a line of shell that run vocoder, without redirections.
func commands(page, line string) (all []passage) {
	line, _, _ = strings.Cut(line, " #")
	for _, part := range between.Split(line, -1) {
		part = strings.TrimSpace(redirect.ReplaceAllString(part, ""))
		part = strings.NewReplacer("[", "", "]", "").Replace(part) // optional words
		if strings.HasPrefix(part, "vocoder ") {
			all = append(all, passage{page, "command", part})
		}
	}
	return all
}

// docs returns the passages of all pages for users.
func docs(t *testing.T) (all []passage) {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../../README.md", "../../CONTRIBUTING.md", "../../CHANGELOG.md", "../../SECURITY.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, passages(filepath.Base(page), string(text))...)
	}
	return all
}

// TestDocsCommands: every command of vocoder in the documentation exists, with its flags
// and arguments.
func TestDocsCommands(t *testing.T) {
	n := 0
	for _, p := range docs(t) {
		if p.kind != "command" {
			continue
		}
		n++
		root := (&cli{}).command()
		root.InitDefaultVersionFlag()
		c, rest, err := root.Find(strings.Fields(p.text)[1:])
		if err == nil {
			if err = c.ParseFlags(rest); err == nil && len(c.Flags().Args()) > 0 && c.Args != nil {
				err = c.Args(c, c.Flags().Args())
			}
		}
		if err != nil {
			t.Errorf("%s: %s: %v", p.page, p.text, err)
		}
	}
	if n < 20 {
		t.Errorf("only %d commands were found", n)
	}
}

// TestDocsSettings: every block of settings in the documentation can be read, and so can
// the values that `vocoder config set` is shown with.
func TestDocsSettings(t *testing.T) {
	n := 0
	check := func(p passage, src config.Source) {
		n++
		src.File = p.page
		_, warnings, err := config.Load(src)
		if err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v %v\n%s", p.page, err, warnings, p.text)
		}
	}
	for _, p := range docs(t) {
		if p.kind == "yaml" {
			check(p, config.Source{Text: []byte(unindent(p.text))})
		}
		if words := strings.Fields(p.text); p.kind == "command" && strings.HasPrefix(p.text, "vocoder config set ") && len(words) == 5 {
			text, err := config.Set(nil, words[3], strings.Trim(words[4], `"`))
			if err != nil {
				t.Errorf("%s: %s: %v", p.page, p.text, err)
			}
			check(p, config.Source{Text: text})
		}
	}
	if n < 15 {
		t.Errorf("only %d were found", n)
	}
}

// unindent removes the indent of the first line from every line of a block.
func unindent(block string) string {
	indent := block[:len(block)-len(strings.TrimLeft(block, " "))]
	return strings.ReplaceAll("\n"+block, "\n"+indent, "\n")
}
