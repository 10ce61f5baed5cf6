package vocoder_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unwanted are words that a reader does not search for, or does not know: metaphors, old
// words, subjects without an actor, and British spelling.
var unwanted = regexp.MustCompile(`(?i)\b(ears|brain|hearken|purse|mind|pupil|patient|ailment|lest|anew|nobody|somebody|whoever|` +
	`beside|amid|heed|for want of|(is|are) told|licences?|grey|catalogue)\b|recognis|capitalis|colour|behaviour|honour|favour|neighbour`)

// quoted are texts with such words that stay: names that users have in their scripts, a
// novel, a rule of a test, and the name of a file.
var quoted = regexp.MustCompile("[\"`(-]recogniser[\"` )]|^recogniser, layout|recogniser[=:]|Fl recogniser| recogniser (ok|  ?http)|VOCODER_RECOGNISER|" +
	`never mind how long precisely, having little or no money in my purse|"Colour and colours"|licences\.sh|"licence,omitempty"`)

// TestWords finds unwanted words in the sources, the pages and what is packaged.
func TestWords(t *testing.T) {
	var found []string
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch file {
			case ".git", "bin", "dist", "out", "tmp":
				return fs.SkipDir
			}
			return nil
		}
		packaged := strings.HasPrefix(file, "packaging"+string(filepath.Separator))
		if ext := filepath.Ext(file); file == "words_test.go" || ext != ".go" && ext != ".md" && !packaged {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if syntax, err := parser.ParseFile(token.NewFileSet(), file, text, parser.PackageClauseOnly|parser.ParseComments); err == nil && ast.IsGenerated(syntax) {
			return nil
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if word := unwanted.FindString(quoted.ReplaceAllString(line, "")); word != "" {
				found = append(found, fmt.Sprintf("%s:%d: %s", file, n, word))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		t.Errorf("%d lines have unwanted words:\n%s", len(found), strings.Join(found, "\n"))
	}
}
