// Package common has the commonest words of languages. The lists are those of
// pyspellchecker, counted in film subtitles; see LICENSE and generate.go.
package common

import (
	"bufio"
	"compress/gzip"
	"embed"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Size is how many words a list has. That of Russian has 19,800: its source has no more.
const Size = 50_000

//go:embed *.txt.gz
var files embed.FS

// A List is the commonest words of a language, in lower case. It is safe for concurrent
// use.
type List struct{ sorted []string }

var (
	mu    sync.Mutex
	lists = map[string]*List{} // those in use, by language
)

// Words returns the commonest words of a language, or false if there is no list of it.
func Words(code string) (*List, bool) {
	mu.Lock()
	defer mu.Unlock()
	if l, ok := lists[code]; ok {
		return l, true
	}
	f, err := files.Open(code + ".txt.gz")
	if err != nil {
		return nil, false
	}
	defer func() { _ = f.Close() }() // it was only read
	z, err := gzip.NewReader(f)
	if err != nil {
		panic(fmt.Sprintf("common: %s: %v", code, err))
	}
	l := new(List)
	before := ""
	for s := bufio.NewScanner(z); s.Scan(); {
		// The first byte is how many bytes the word has of the one before it, plus ' '.
		line := s.Text()
		before = strings.Clone(before[:line[0]-' '] + line[1:])
		l.sorted = append(l.sorted, before)
	}
	lists[code] = l
	return l, true
}

// Len returns how many words the list has.
func (l *List) Len() int { return len(l.sorted) }

// Has reports whether a word is in the list.
func (l *List) Has(word string) bool {
	i := sort.SearchStrings(l.sorted, word)
	return i < len(l.sorted) && l.sorted[i] == word
}

// HasPrefix reports whether a word of at most so many bytes begins with a prefix.
func (l *List) HasPrefix(prefix string, most int) bool {
	for i := sort.SearchStrings(l.sorted, prefix); i < len(l.sorted) && strings.HasPrefix(l.sorted[i], prefix); i++ {
		if len(l.sorted[i]) <= most {
			return true
		}
	}
	return false
}

// All returns the words, sorted.
func (l *List) All() iter.Seq[string] { return slices.Values(l.sorted) }
