package text

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/arealicehole/vocoder/internal/printable"
)

// A Word is an entry of a vocabulary file.
type Word struct {
	Spoken  string `json:"spoken"`  // a name, or what the user says
	Written string `json:"written"` // what vocoder writes; a name is written as it is
	Line    int    `json:"line"`    // of the file, from 1
}

// String returns the entry as a vocabulary file has it.
func (w Word) String() string {
	if w.Written == w.Spoken {
		return w.Spoken
	}
	return strings.TrimSpace(w.Spoken + " => " + escapes.Replace(w.Written))
}

var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`)

// Words returns the entries of a vocabulary file in its order. Lines that ReadVocabulary
// refuses are left out, so that a user can list and remove the others.
func Words(file []byte) (all []Word) {
	for n, line := range strings.Split(string(file), "\n") {
		if e, ok, err := parseLine(line); ok && err == nil {
			all = append(all, Word{e.said, e.written, n + 1})
		}
	}
	return all
}

// ErrPresent is the error of AddWord for an entry that the file has.
var ErrPresent = errors.New("is in the list already")

// AddWord returns a vocabulary file with one more entry at its end. The rest stays as it
// is. An error that wraps ErrPresent means that the file has an entry for the same spoken
// words.
func AddWord(file []byte, entry string) ([]byte, error) {
	entry = strings.TrimSpace(entry)
	if !printable.IsText(entry) || strings.ContainsAny(entry, "\n\t") {
		return nil, errors.New("control characters cannot be said: write \\n for a line break and \\t for a tab, after =>")
	}
	e, ok, err := parseLine(entry)
	switch {
	case err != nil:
		return nil, err
	case !ok && entry == "":
		return nil, errors.New("the word is empty")
	case !ok:
		return nil, errors.New("a line that begins with # is a comment")
	}
	for _, w := range Words(file) {
		if string(foldWords(w.Spoken)) == string(e.spoken) {
			return nil, fmt.Errorf("%q %w, in line %d", w.String(), ErrPresent, w.Line)
		}
	}
	end := "\n"
	if bytes.Contains(file, []byte("\r\n")) {
		end = "\r\n"
	}
	file = bytes.Clone(file)
	if len(file) > 0 && !bytes.HasSuffix(file, []byte("\n")) {
		file = append(file, end...)
	}
	return append(file, entry+end...), nil
}

// ErrAbsent is the error of RemoveWord for an entry that the file does not have.
var ErrAbsent = errors.New("is not in the list")

// RemoveWord returns a vocabulary file without the entries for some spoken words, which
// may be followed by => and what is written for them. The rest stays as it is.
func RemoveWord(file []byte, entry string) ([]byte, error) {
	spoken, _, _ := strings.Cut(entry, "=>")
	var rest []string
	found := false
	for line := range strings.Lines(string(file)) {
		if e, ok, err := parseLine(line); ok && err == nil && string(e.spoken) == string(foldWords(spoken)) {
			found = true
			continue
		}
		rest = append(rest, line)
	}
	if !found {
		return nil, fmt.Errorf("%q %w", printable.Line(strings.TrimSpace(spoken), maxEntry), ErrAbsent)
	}
	return []byte(strings.Join(rest, "")), nil
}
