package config

import (
	"bytes"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// bom is the mark that some editors write at the beginning of a file in UTF-8.
var bom = []byte("\ufeff")

// checkText returns an error, with its place, for bytes that no text has: those of another
// encoding, and control characters.
func checkText(text []byte) (*token.Token, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, errors.New("it is UTF-16: save it as UTF-8")
	}
	text = bytes.TrimPrefix(text, bom)
	line, column := 1, 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		at := &token.Token{Position: &token.Position{Line: line, Column: column}}
		switch {
		case r == utf8.RuneError && n == 1:
			return at, errors.New("a byte that is not UTF-8: save the file as UTF-8")
		case unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' && r != '\u0085':
			return at, fmt.Errorf("the control character %U: remove it", r)
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
		text = text[n:]
	}
	return nil, nil
}

// maxNesting is more than any settings need. The parser needs gigabytes for thousands of
// brackets.
const maxNesting = 20

// checkTokens returns an error, with its place, for what settings do not need of YAML, and
// what would otherwise be read as something else: a microphone that begins with & is
// a name to refer to.
func checkTokens(all token.Tokens) (*token.Token, error) {
	depth, dashes := 0, 0
	for i, t := range all {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.MappingKeyType:
			return t, fmt.Errorf("%s has a meaning in YAML that settings do not have: put the value in quotes", quoted(t.Value))
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
			if i == 0 || all[i-1].Type != token.SequenceEntryType {
				dashes = 1
			}
		}
		if depth > maxNesting || dashes > maxNesting {
			return t, fmt.Errorf("lists in lists, more than %d deep", maxNesting)
		}
	}
	return nil, nil
}
