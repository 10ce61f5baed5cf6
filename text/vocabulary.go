package text

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Vocabulary is the user's list of words: names for the recognizer, and
// replacements for spoken words. The zero Vocabulary is empty.
type Vocabulary struct {
	names   []string // as in the file
	entries []entry  // longest first
}

// An entry replaces spoken words with written ones.
type entry struct {
	spoken  []rune // with single spaces, each rune as fold returns it
	written string
}

// The limits of a vocabulary.
const (
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
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := v.add(line); err != nil {
			return Vocabulary{}, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return Vocabulary{}, fmt.Errorf("read vocabulary: %w", err)
	}
	slices.SortStableFunc(v.entries, func(a, b entry) int { return cmp.Compare(len(b.spoken), len(a.spoken)) })
	return v, nil
}

func (v *Vocabulary) add(line string) error {
	spoken, written, both := strings.Cut(norm.NFC.String(line), "=>")
	spoken, written = strings.TrimSpace(spoken), strings.TrimSpace(written)
	switch {
	case !utf8.ValidString(line):
		return fmt.Errorf("it is not UTF-8")
	case spoken == "":
		return fmt.Errorf("nothing before =>")
	case len(spoken) > maxEntry || len(written) > maxEntry:
		return fmt.Errorf("longer than %d bytes", maxEntry)
	case len(v.entries) == maxEntries:
		return fmt.Errorf("more than %d entries", maxEntries)
	}
	if !both {
		v.names = append(v.names, spoken)
		written = spoken
	} else {
		written = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t").Replace(written)
	}
	key := []rune(strings.Join(strings.Fields(spoken), " "))
	for i, r := range key {
		key[i] = fold(r)
	}
	v.entries = append(v.entries, entry{key, written})
	return nil
}

// Prompt returns the names as a prompt for a recognizer, as many as it reads.
func (v Vocabulary) Prompt() string {
	var b strings.Builder
	for i, w := range v.names {
		if utf8.RuneCountInString(b.String())+utf8.RuneCountInString(w)+2 > maxPrompt {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(w)
	}
	return b.String()
}
