// Package list knows which tests the project has, for the pages that name
// them.
package list

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A List is the text of all test files of a folder, by its path below the top.
type List map[string]string

// Read reads what is below top, without what is built there.
func Read(top string) (List, error) {
	l := List{}
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, file)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (name == ".git" || name == "bin" || name == "dist" || name == "out"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(file)
		l[filepath.ToSlash(filepath.Dir(name))] += string(text)
		return err
	})
	return l, err
}

// Has reports whether a folder, or any for "", declares a test or fuzz target. Of
// a part, as in "TestHold/slips", that folder has the name in quotes.
func (l List) Has(folder, name string) bool {
	test, part, parted := strings.Cut(name, "/")
	declares := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(test) + `\(`)
	for at, text := range l {
		if (folder == "" || at == folder) && declares.MatchString(text) && (!parted || strings.Contains(text, strconv.Quote(part))) {
			return true
		}
	}
	return false
}
