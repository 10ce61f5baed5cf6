// Package script knows the scripts that are written without spaces between words.
package script

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsUnspaced reports whether two texts that follow each other are both, at their joint, in a
// script that is written without spaces. Then there is no space between them.
func IsUnspaced(left, right string) bool {
	last, _ := utf8.DecodeLastRuneInString(left)
	first, _ := utf8.DecodeRuneInString(right)
	if IsSpaceless(last) && IsSpaceless(first) {
		return true
	}
	first, _ = utf8.DecodeRuneInString(strings.TrimLeft(right, sharedMarks))
	return EndsCJK(left) && IsCJK(first)
}

// sharedMarks are the marks that Chinese and Japanese have in common with other scripts.
const sharedMarks = `“”‘’…—·`

// EndsCJK reports whether a text ends in Chinese or Japanese.
func EndsCJK(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, sharedMarks))
	return IsCJK(last)
}

// IsSpaceless reports whether r belongs to a script that is written without spaces.
func IsSpaceless(r rune) bool {
	return IsCJK(r) || unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// IsCJK reports whether r belongs to Chinese or Japanese: a character, or their punctuation.
// The sound marks of kana (コーヒー) are of no script of their own in Unicode.
func IsCJK(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo) || strings.ContainsRune("\u3099\u309a゛゜・ー･ｰﾞﾟ", r) ||
		r >= '\u3000' && r <= '\u303f' || r >= '\uff01' && r <= '\uff65'
}
