package pages

import (
	"regexp"
	"strings"
)

// gap stands for output that a page leaves out: alone in a line for any number of lines,
// within a line for any text.
const gap = "…"

// varying are what differs from one run of a command to the next, each with what stands for
// it in a shape.
var varying = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b`), "DAY"},
	{regexp.MustCompile(`\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b`), "MONTH"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(us|ms|s|min|h|d|days?|weeks?|months?)( \d+(\.\d+)?(us|ms|s|min|h|d|days?|weeks?|months?))*\b`), "TIME"},
	{regexp.MustCompile(`\b\d+(\.\d+)?[BKMG]\b`), "SIZE"},
	{regexp.MustCompile(`\d+(\.\d+)*`), "N"},
	{regexp.MustCompile(`\s+`), " "},
}

// identifier is a hash, such as the version of a program that was built from a commit.
var identifier = regexp.MustCompile(`\b[0-9a-f]{7,}(-dirty)?\b`)

// Shape returns a line of output without what differs from one run to the next: times,
// numbers, sizes and the width of columns.
func Shape(line string) string {
	line = identifier.ReplaceAllStringFunc(line, func(id string) string {
		if !strings.ContainsAny(id, "0123456789") {
			return id // a word
		}
		return "ID"
	})
	for _, v := range varying {
		line = v.from.ReplaceAllString(line, v.to)
	}
	return strings.TrimSpace(line)
}

// Alike reports whether output has the shape that a page shows. Empty lines at the end do
// not count.
func Alike(shown, output []string) bool {
	return alike(trimmed(shown), trimmed(output), false)
}

// Begins reports whether some first lines of output have the shape that a page shows.
func Begins(shown, output []string) bool {
	return alike(trimmed(shown), output, true)
}

func trimmed(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func alike(shown, output []string, more bool) bool {
	for i, line := range shown {
		if strings.TrimSpace(line) == gap {
			for skipped := range len(output) + 1 {
				if alike(shown[i+1:], output[skipped:], more) {
					return true
				}
			}
			return false
		}
		if len(output) == 0 || !likeLine(line, output[0]) {
			return false
		}
		output = output[1:]
	}
	return more || len(output) == 0
}

func likeLine(shown, line string) bool {
	parts := strings.Split(Shape(shown), gap)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(Shape(line))
}
