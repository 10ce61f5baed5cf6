package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/test/pages"
)

// A passage is a command line or a block of settings in a page of the documentation.
type passage struct{ page, kind, text string }

// passages returns the blocks of a page. Each line of shell and each quotation that runs
// vocoder is also a passage, of kind "command".
func passages(page, text string) (all []passage) {
	for _, b := range pages.Blocks(text) {
		all = append(all, passage{page, b.Kind, b.Text})
		for line := range strings.Lines(b.Text) {
			line = strings.TrimSpace(line)
			command, prompted := strings.CutPrefix(line, "$ ")
			if b.Kind == "sh" || b.Kind == "console" && prompted {
				all = append(all, commands(page, command)...)
			}
		}
	}
	for _, q := range pages.Quotations(text) {
		all = append(all, commands(page, q)...)
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

// examples are the lines of a manual page that are shown as typed.
var examples = regexp.MustCompile(`(?ms)^\.Dl ([^\n]*)|^\.Bd -literal[^\n]*\n(.*?)^\.Ed`)

// manual returns the commands of a manual page.
func manual(page, text string) (all []passage) {
	for _, m := range examples.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(m[1] + m[2]) {
			all = append(all, commands(page, line)...)
		}
	}
	return all
}

// docs returns the passages of all pages for users.
func docs(t *testing.T) (all []passage) {
	t.Helper()
	for _, pattern := range []string{"docs/*.md", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "packaging/*.[158]", "packaging/inputd/*.8"} {
		found, err := filepath.Glob("../../" + pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, page := range found {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			read := passages
			if filepath.Ext(page) != ".md" {
				read = manual
			}
			all = append(all, read(filepath.Base(page), string(text))...)
		}
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
		c, rest, err := root.Find(withValue(strings.Fields(p.text)[1:]))
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
			check(p, config.Source{Text: []byte(p.text)})
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
