package pages

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// A Link is the target of a link or picture.
type Link struct {
	Line   int // from 1
	Target string
}

var (
	link    = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	defined = regexp.MustCompile(`^\s*\[[^\]]+\]:\s*<?([^\s>]+)>?`)
	heading = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*\s*$`)
	anchor  = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	code    = regexp.MustCompile("``[^`]*(?:`[^`]+)*``|`[^`]*`")
)

// prose calls f for each line outside of fenced blocks and comments.
func prose(page string, f func(line int, text string)) {
	fenced, comment := false, false
	for i, text := range strings.Split(page, "\n") {
		switch {
		case fence.MatchString(text) && !comment:
			fenced = !fenced
		case fenced:
		case comment || strings.HasPrefix(strings.TrimSpace(text), "<!--"):
			comment = !strings.Contains(text, "-->")
		default:
			f(i+1, text)
		}
	}
}

// Links returns the links of a page, also to other sites.
func Links(page string) (all []Link) {
	prose(page, func(line int, text string) {
		text = code.ReplaceAllString(text, "")
		for _, re := range []*regexp.Regexp{link, defined} {
			for _, m := range re.FindAllStringSubmatch(text, -1) {
				all = append(all, Link{line, m[1]})
			}
		}
	})
	return all
}

// Anchors returns the names after # that a page can be linked with: those that GitHub makes
// of headings, and its own.
func Anchors(page string) map[string]bool {
	all := map[string]bool{}
	prose(page, func(_ int, text string) {
		for _, m := range anchor.FindAllStringSubmatch(text, -1) {
			all[m[1]] = true
		}
		m := heading.FindStringSubmatch(text)
		if m == nil {
			return
		}
		name := anchorOf(m[1])
		for n, tried := 1, name; ; n++ {
			if !all[tried] {
				all[tried] = true
				break
			}
			tried = fmt.Sprint(name, "-", n)
		}
	})
	return all
}

// anchorOf returns GitHub's name of a heading: lower case, spaces as dashes, and no other
// punctuation than dashes and underscores.
func anchorOf(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// Quotations returns what stands between backquotes in the prose of a page.
func Quotations(page string) (all []string) {
	prose(page, func(_ int, text string) {
		for _, q := range code.FindAllString(text, -1) {
			all = append(all, strings.TrimSpace(strings.Trim(q, "`")))
		}
	})
	return all
}
