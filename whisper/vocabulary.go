package whisper

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

// A Vocabulary is the words of a user: names to be recognised and spelled
// right, and what is to be written for what is said. The zero Vocabulary is
// empty.
type Vocabulary struct {
	words   []string // as they were listed
	entries []entry  // longest first
}

// An entry is what to write for what is said.
type entry struct {
	spoken  []rune // in lower case, with single spaces
	written string
}

// The bounds of a vocabulary.
const (
	maxEntries = 10_000
	maxEntry   = 500 // of either side, in bytes
	maxPrompt  = 600 // characters; Whisper reads no more than about that
)

// ReadVocabulary reads a file of one entry a line:
//
//	Kubernetes                a name: recognised better, and spelled so
//	btw => by the way         what is written for what is said
//	new paragraph => \n\n     \n is a line break, \t a tab, \\ a backslash
//	# a comment
//
// What is said is compared as whole words without regard to capitals. An error
// names the line.
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
		v.words = append(v.words, spoken)
		written = spoken
	} else {
		written = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t").Replace(written)
	}
	key := []rune(strings.ToLower(strings.Join(strings.Fields(spoken), " ")))
	v.entries = append(v.entries, entry{key, written})
	return nil
}

// Prompt returns the names for Config.Prompt, as many as help.
func (v Vocabulary) Prompt() string {
	var b strings.Builder
	for i, w := range v.words {
		if runes(b.String())+runes(w)+2 > maxPrompt {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(w)
	}
	return b.String()
}

// replace writes each entry for what was said, the longest first, and nothing
// twice.
func (v Vocabulary) replace(text string) string {
	if len(v.entries) == 0 {
		return text
	}
	in := []rune(text)
	first := v.byFirst()
	var out strings.Builder
	for i := 0; i < len(in); {
		n := 0
		if i == 0 || !joined(in[i-1], in[i]) {
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

// match returns the first entry that the text begins with, and its length
// there.
func match(text []rune, entries []entry) (entry, int) {
	for _, e := range entries {
		n := len(e.spoken)
		if n > len(text) || n < len(text) && joined(text[n-1], text[n]) {
			continue
		}
		same := true
		for i := 0; i < n && same; i++ {
			same = unicode.ToLower(text[i]) == e.spoken[i]
		}
		if same {
			return e, n
		}
	}
	return entry{}, 0
}

// joined reports whether two characters stand within one word.
func joined(a, b rune) bool {
	return isWord(a) && isWord(b) && !spaceless(a) && !spaceless(b)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// like returns what to write for an entry that began with the character said:
// with a capital if that had one, unless the entry has its own.
func (e entry) like(said rune) string {
	if unicode.IsUpper(said) && strings.ToLower(e.written) == e.written {
		return capital(e.written)
	}
	return e.written
}
