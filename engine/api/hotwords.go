package api

import (
	"regexp"
	"strings"
)

// weight is what other recognizers allow behind a hot word: a colon and a number. Behind a
// number it is a ratio or a time.
var weight = regexp.MustCompile(`([^0-9\s])\s*:\s*[+-]?[0-9]*\.?[0-9]+\s*$`)

// hotWords returns the lines of a form's hot words without weights, duplicates and what is
// no text. The order stays.
func hotWords(lines string) string {
	var all []string
	seen := map[string]bool{}
	for line := range strings.Lines(lines) {
		w := strings.TrimSpace(weight.ReplaceAllString(strings.ToValidUTF8(line, ""), "$1"))
		if w == "" || seen[w] {
			continue
		}
		seen[w] = true
		all = append(all, w)
	}
	return strings.Join(all, "\n")
}
