// Package list finds the tests of the project, for the pages that name them.
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

// Read reads the test files below top, except those in folders of builds.
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

// Has reports whether a folder, or any folder for "", declares a test or fuzz target. If
// the name has a subtest, as in "TestHold/slips", that folder must also contain the
// subtest's name in quotes.
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
