package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// compare orders mutants by their place.
func compare(a, b mutant) int {
	return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Type, b.Type))
}

// counts are the numbers of mutants by status.
type counts map[string]int

// noticed returns the share of the mutants in covered code that a test noticed, in percent.
// Without any it is 100.
func (c counts) noticed() float64 {
	good, all := c[killed]+c[hangs], c[killed]+c[hangs]+c[survived]
	if all == 0 {
		return 100
	}
	return 100 * float64(good) / float64(all)
}

// count returns the numbers of each package.
func count(all []mutant) map[string]counts {
	of := map[string]counts{}
	for _, m := range all {
		folder := path.Dir(m.File)
		if of[folder] == nil {
			of[folder] = counts{}
		}
		of[folder][m.Status]++
	}
	return of
}

// table returns the numbers of each package, and of all, as a table in Markdown.
func table(of map[string]counts) string {
	var b strings.Builder
	b.WriteString("| package | killed | hang | survived | not covered | noticed |\n|---|---|---|---|---|---|\n")
	row := func(name string, c counts) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %.1f %% |\n", name, c[killed], c[hangs], c[survived], c[notCovered], c.noticed())
	}
	sum := counts{}
	for _, folder := range slices.Sorted(maps.Keys(of)) {
		row("`"+folder+"`", of[folder])
		for status, n := range of[folder] {
			sum[status] += n
		}
	}
	row("all", sum)
	return b.String()
}

// A key identifies a survivor although the lines above it have changed.
type key struct{ folder, code, change string }

const head = `# Mutants

` + "`make mutants`" + ` changes one operator of the code at a time and runs the quick tests of its package (` + "`go test -short`" + `): they should
fail. It writes this page; gremlins (github.com/go-gremlins/gremlins) lists the changes. ` + "`make mutants PKG=./evdev`" + ` runs one package, and
replaces its rows. *Noticed* is the share of the changes in code that a test reaches which made a test fail or hang. Tests
hang if they take ten times as long as usual.

`

const survivors = `
## Changes that no test notices

The last column says why that is right, or what is missing. It is written by hand, and stays when the page is written again.

| place | code | change | why |
|---|---|---|---|
`

// write writes the page from the kept results, with the words that the page has. It keeps
// the rows of packages that have no results here.
func write() error {
	all, err := load()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("there are no results: mutants run")
	}
	old, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := render(all, parse(string(old)))
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(text), 0o644)
}

// A content is what a page has.
type content struct {
	counts map[string]counts   // by package
	rows   map[string][]string // of survivors, by package
	why    map[key]string
}

func render(all []mutant, old content) (string, error) {
	numbers, rows := count(all), map[string][]string{}
	for folder, c := range old.counts {
		if numbers[folder] == nil {
			numbers[folder], rows[folder] = c, old.rows[folder]
		}
	}
	for _, m := range all {
		if m.Status != survived {
			continue
		}
		text, err := os.ReadFile(m.File)
		if err != nil {
			return "", err
		}
		_, words, err := change(text, m)
		if err != nil {
			return "", fmt.Errorf("%w: the file has changed since then", err)
		}
		code := strings.NewReplacer("|", `\|`, "`", "'").Replace(m.Code)
		folder := path.Dir(m.File)
		rows[folder] = append(rows[folder], fmt.Sprintf("| %s:%d:%d | `%s` | %s | %s |\n", m.File, m.Line, m.Column, code, words, old.why[key{folder, code, words}]))
	}
	var b strings.Builder
	b.WriteString(head + table(numbers) + survivors)
	for _, folder := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString(strings.Join(rows[folder], ""))
	}
	return b.String(), nil
}

// parse reads a page.
func parse(page string) content {
	c := content{map[string]counts{}, map[string][]string{}, map[key]string{}}
	for line := range strings.Lines(page) {
		var n [4]int
		cells := strings.Split(strings.ReplaceAll(strings.Trim(line, "| \n"), `\|`, "\x00"), " | ")
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "\x00", `\|`)
		}
		switch {
		case len(cells) == 6 && strings.HasPrefix(cells[0], "`"):
			if _, err := fmt.Sscan(strings.Join(cells[1:5], " "), &n[0], &n[1], &n[2], &n[3]); err == nil {
				c.counts[strings.Trim(cells[0], "`")] = counts{killed: n[0], hangs: n[1], survived: n[2], notCovered: n[3]}
			}
		case len(cells) >= 3 && strings.HasPrefix(cells[1], "`"):
			file, _, _ := strings.Cut(cells[0], ":")
			folder := path.Dir(file)
			c.rows[folder] = append(c.rows[folder], line)
			if len(cells) == 4 {
				c.why[key{folder, strings.Trim(cells[1], "`"), cells[2]}] = cells[3]
			}
		}
	}
	return c
}
