// Command words measures how many words recognizers get wrong, and what the list of the
// user's own words gains and costs.
//
//	words [-run PATTERN] clips      human speech with known words
//	words [-run PATTERN] names      names in human and synthetic speech, with and without the list
//	words [-run PATTERN] translate  speech in other languages to English
//	words [-run PATTERN] ordinary   ordinary sentences, in which no name may be put
//	words misheard                  the wrong spellings of names, as text/testdata/misheard.txt has them
//	words write                     docs/words.md from what is in out/words, and from the words of make sweep-whisper
//
// The results are kept in out/words, in a file for each recognizer and language. What is
// there is not measured again: remove a file to repeat it. PATTERN is a regular expression
// for recognizers and languages, such as "whisper.cpp de".
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
)

const (
	usage       = "usage: words [-run PATTERN] clips | names | translate | ordinary | misheard | write"
	kept        = "out/words"
	whisperKept = "out/whisper" // of make sweep-whisper
	page        = "docs/words.md"
)

func main() {
	sweep.Command{
		Name: "words", Usage: usage, Dir: kept,
		Filter: "only the recognizers and languages that the regular expression matches",
		Parts: func(ctx context.Context, top string, only *regexp.Regexp) map[string]func() error {
			return map[string]func() error{
				"clips":     func() error { return hearClips(ctx, top, only) },
				"names":     func() error { return hearNames(ctx, top, only) },
				"translate": func() error { return translateAll(ctx, top, only) },
				"ordinary":  func() error { return readAll(ctx, only) },
				sweep.Write: write,
				"misheard":  misheard,
			}
		},
	}.Main()
}

// fileName returns the name of a kept result.
func fileName(part string, kind servers.Kind, code string) string {
	return part + "-" + strings.NewReplacer(" ", "-", ",", "").Replace(string(kind)) + "-" + code
}

// load returns a kept result, and whether it is there.
func load[T any](name string) (v T, there bool, err error) {
	b, err := os.ReadFile(filepath.Join(kept, name+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return v, false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		err = fmt.Errorf("read %s: %w", name, err)
	}
	return v, err == nil, err
}
