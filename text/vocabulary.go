package text

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Vocabulary is the user's list of words: names for the recognizer, and
// replacements for spoken words. The zero Vocabulary is empty.
type Vocabulary struct {
	names   []string // as in the file
	entries []entry  // longest first
}

// An entry replaces spoken words with written ones.
type entry struct {
	spoken  []rune // in lower case, with single spaces
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
// Spoken words match whole words of a text, in upper or lower case. An error names
// the line.
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
	spoken, written, both := strings.Cut(line, "=>")
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
	key := []rune(strings.ToLower(strings.Join(strings.Fields(spoken), " ")))
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

// replace returns a text in which entries replace the spoken words, the longest
// first. It does not search in what it has replaced.
func (v Vocabulary) replace(text string) string {
	if len(v.entries) == 0 {
		return text
	}
	in := []rune(text)
	first := v.byFirst()
	var out strings.Builder
	for i := 0; i < len(in); {
		n := 0
		if i == 0 || !inWord(in[i-1], in[i]) {
			var e entry
			if e, n = match(in[i:], first[unicode.ToLower(in[i])]); n > 0 {
				out.WriteString(e.like(in[i]))
			}
		}
		if n == 0 {
			out.WriteRune(in[i])
			n = 1
		}
		i += n
	}
	return out.String()
}

func (v Vocabulary) byFirst() map[rune][]entry {
	first := make(map[rune][]entry)
	for _, e := range v.entries {
		first[e.spoken[0]] = append(first[e.spoken[0]], e)
	}
	return first
}

// match returns the first entry whose spoken words the text begins with, and their
// length in the text; 0 if there is none.
func match(text []rune, entries []entry) (entry, int) {
	for _, e := range entries {
		n := len(e.spoken)
		if n > len(text) || n < len(text) && inWord(text[n-1], text[n]) {
			continue
		}
		if slices.EqualFunc(text[:n], e.spoken, func(a, b rune) bool { return unicode.ToLower(a) == b }) {
			return e, n
		}
	}
	return entry{}, 0
}

// inWord reports whether two characters that follow each other are within one word.
func inWord(a, b rune) bool { return isWord(a) && isWord(b) && !spaceless(a) && !spaceless(b) }

// like returns the written words of an entry. They get a capital if the spoken words
// began with one, unless the entry has capitals itself.
func (e entry) like(spoken rune) string {
	if unicode.IsUpper(spoken) && strings.ToLower(e.written) == e.written {
		return capital(e.written)
	}
	return e.written
}
