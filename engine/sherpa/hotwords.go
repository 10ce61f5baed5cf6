package sherpa

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/engine/models"
)

// maxQwenWords is how many hot words Qwen3-ASR gets: they take room in its prompt.
const maxQwenWords = 50

// hotWords returns hot words in the form of sherpa-onnx for the model. It is empty if the
// model has no use for them.
func (m *Model) hotWords(lines string) string {
	if lines == "" || !m.kind.HotWords {
		return ""
	}
	all := strings.Split(lines, "\n")
	if m.kind.Name == models.KindWhisper {
		var words []string
		for _, w := range all {
			if w = plain(w, func(r rune) bool { return r != ',' && unicode.IsPrint(r) }); w != "" {
				words = append(words, w)
			}
		}
		return strings.Join(words, "\n")
	}
	if m.kind.Name == models.KindQwen3 {
		var words []string
		for _, w := range all[:min(len(all), maxQwenWords)] {
			words = append(words, plain(w, func(r rune) bool { return r != ',' && unicode.IsPrint(r) }))
		}
		return strings.Join(words, ",")
	}
	if m.options.vocabulary == nil {
		v, err := readVocabulary(m.options.paths[models.Tokens])
		if err != nil {
			return "" // the library could not have loaded the model with it
		}
		m.options.vocabulary = v
	}
	var words []string
	for _, w := range all {
		if w = m.options.vocabulary.spell(w); w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, "/")
}

// plain returns a term on one line, without the characters that ok refuses.
func plain(term string, ok func(rune) bool) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !ok(r):
			return -1
		}
		return r
	}, term)), " ")
}

// A vocabulary is the tokens of a transducer, which are pieces of words.
type vocabulary struct {
	characters map[rune]bool // of all tokens
	upper      bool          // it has upper-case letters
	lower      bool          // it has lower-case letters
	pieces     *os.File      // the tokens in the form of sherpa-onnx for BPE
}

// wordBegin is SentencePiece's mark for the beginning of a word.
const wordBegin = '\u2581'

// readVocabulary reads tokens.txt: a token and its number in each line. The tokens of a
// BPE vocabulary stand in the order in which they were merged, which is their score.
func readVocabulary(path string) (*vocabulary, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read vocabulary: %w", err)
	}
	v := &vocabulary{characters: map[rune]bool{}}
	var pieces bytes.Buffer
	for line := range strings.Lines(string(b)) {
		token, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.Atoi(number)
		if token == "" || err != nil {
			continue
		}
		fmt.Fprintf(&pieces, "%s\t%d\n", token, -n)
		if strings.HasPrefix(token, "<") {
			continue // a special token
		}
		for _, r := range token {
			v.characters[r] = true
			v.upper, v.lower = v.upper || unicode.IsUpper(r), v.lower || unicode.IsLower(r)
		}
	}
	fd, err := unix.MemfdCreate("vocabulary", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("keep vocabulary: %w", err)
	}
	v.pieces = os.NewFile(uintptr(fd), "vocabulary")
	_, err = v.pieces.Write(pieces.Bytes())
	return v, err
}

// path returns where sherpa-onnx reads the pieces.
func (v *vocabulary) path() string {
	return fmt.Sprintf("/proc/self/fd/%d", v.pieces.Fd())
}

// syntax are characters that mean something else in a hot word of sherpa-onnx, which ends
// the process if what follows is invalid.
const syntax = ":#@" + string(wordBegin)

// spell returns a term as the vocabulary can spell it, or an empty string if it cannot.
func (v *vocabulary) spell(term string) string {
	switch {
	case !v.lower:
		term = strings.ToUpper(term)
	case !v.upper:
		term = strings.ToLower(term)
	}
	term = strings.Join(strings.Fields(strings.ReplaceAll(term, "/", " ")), " ")
	for _, r := range term {
		if r != ' ' && !v.characters[r] || strings.ContainsRune(syntax, r) {
			return ""
		}
	}
	return term
}
