// Command terms measures what the list of the user's own words gains and costs.
//
//	terms [-run PATTERN] heard      names in synthetic and human speech, with a real Whisper server
//	terms [-run PATTERN] ordinary   ordinary sentences, in which no name may be put
//	terms write                     the wrong spellings of names, as text/testdata/misheard.txt has them
//
// The results are kept in out/terms. PATTERN is a regular expression for languages.
package main

import (
	"context"
	"regexp"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
)

const (
	usage = "usage: terms [-run PATTERN] heard | ordinary | write"
	kept  = "out/terms"
)

func main() {
	sweep.Command{
		Name: "terms", Usage: usage, Dir: kept,
		Filter: "only the languages that the regular expression matches",
		Parts: func(ctx context.Context, top string, only *regexp.Regexp) map[string]func() error {
			return map[string]func() error{
				"heard":     func() error { return hearAll(ctx, top, only) },
				"ordinary":  func() error { return readAll(ctx, only) },
				sweep.Write: write,
			}
		},
	}.Main()
}
