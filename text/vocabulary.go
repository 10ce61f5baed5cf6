package text

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Vocabulary is the user's list of words: names for the recognizer, and
// replacements for spoken words. The zero Vocabulary is empty.
type Vocabulary struct {
	names   []string // as in the file
	entries []entry  // longest first
	cache   *soundCache
	used    *use
}

// An entry replaces spoken words with written ones.
type entry struct {
	said    string // as in the file
	spoken  []rune // said as foldWords returns it
	written string
	name    bool // it is spelled as it is said
}

// The limits of a vocabulary.
const (
	// MaxVocabulary is how long a vocabulary file may be, in bytes.
	MaxVocabulary = 1 << 20

	maxEntries = 10_000
	maxEntry   = 500 // of either side, in bytes
	maxPrompt  = 600 // in characters; Whisper reads about as many of a prompt
)

// ReadVocabulary reads a file of one entry a line:
//
//	Kubernetes                a name, which is recognized better and always spelled so
//	btw => by the way         spoken words, and the words to write for them
//	new paragraph => \n\n     \n is a line break, \t a tab, \\ a backslash
//	# a comment
//
// Spoken words match whole words of a text, in upper or lower case and with any kind of
// apostrophe. The word before 's is a word, but "it" is none in "it's". Words for which
// nothing is written vanish with their comma and space. An error names the line.
func ReadVocabulary(r io.Reader) (Vocabulary, error) {
	var v Vocabulary
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		e, ok, err := parseLine(lines.Text())
		if err == nil && ok && len(v.entries) == maxEntries {
			err = fmt.Errorf("more than %d entries", maxEntries)
		}
		if err != nil {
			return Vocabulary{}, fmt.Errorf("line %d: %w", n, err)
		}
		if ok {
			v.entries = append(v.entries, e)
		}
		if e.name {
			v.names = append(v.names, e.said)
		}
	}
	if err := lines.Err(); err != nil {
		return Vocabulary{}, fmt.Errorf("read vocabulary: %w", err)
	}
	v.cache, v.used = &soundCache{all: map[string]*sounds{}}, &use{last: map[string]int{}}
	slices.SortStableFunc(v.entries, func(a, b entry) int { return cmp.Compare(len(b.spoken), len(a.spoken)) })
	return v, nil
}

// parseLine returns the entry of a line; ok is false for an empty line and a comment.
func parseLine(line string) (e entry, ok bool, err error) {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	if line == "" || strings.HasPrefix(line, "#") {
		return entry{}, false, nil
	}
	spoken, written, both := strings.Cut(norm.NFC.String(line), "=>")
	spoken, written = strings.TrimSpace(spoken), strings.TrimSpace(written)
	switch {
	case !utf8.ValidString(line):
		return entry{}, true, fmt.Errorf("it is not UTF-8")
	case spoken == "":
		return entry{}, true, fmt.Errorf("nothing before =>")
	case len(spoken) > maxEntry || len(written) > maxEntry:
		return entry{}, true, fmt.Errorf("longer than %d bytes", maxEntry)
	}
	if both {
		written = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t").Replace(written)
	} else {
		written = spoken
	}
	return entry{said: spoken, spoken: foldWords(spoken), written: written, name: !both}, true, nil
}

// foldWords returns words with single spaces, each character as fold returns it.
func foldWords(words string) []rune {
	folded := []rune(strings.Join(strings.Fields(norm.NFC.String(words)), " "))
	for i, r := range folded {
		folded[i] = fold(r)
	}
	return folded
}

// Names returns the names, as many as a recognizer reads: those first that were used last in
// a text, then the newest of the file. Which were used is only in memory.
func (v Vocabulary) Names() []string {
	all := slices.Clone(v.names)
	slices.Reverse(all)
	if v.used != nil {
		v.used.sort(all)
	}
	length := 0
	for i, name := range all {
		if length += utf8.RuneCountInString(name) + len(", "); length > maxPrompt {
			return all[:i]
		}
	}
	return all
}

// Prompt returns the names of Names as a prompt. The last of them counts most, and a
// recognizer that takes less leaves out the beginning.
func (v Vocabulary) Prompt() string {
	names := v.Names()
	slices.Reverse(names)
	return strings.Join(names, ", ")
}

// A use keeps when names were used. It is safe for concurrent use.
type use struct {
	mu   sync.Mutex
	n    int
	last map[string]int // by name
}

func (u *use) note(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.n++
	u.last[name] = u.n
}

// sort puts the names that were used last first, and leaves the others in their order.
func (u *use) sort(names []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	slices.SortStableFunc(names, func(a, b string) int { return u.last[b] - u.last[a] })
}
