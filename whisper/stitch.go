package whisper

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// stitch joins the texts of stretches that were spoken one after the other as
// one text. A recogniser that heard only a part ends it with a full stop and
// begins it with a capital; where the next part shows that the sentence went
// on, both are taken back. No letter or digit is added, lost or moved.
func stitch(parts ...string) string {
	var all string
	for _, p := range parts {
		all = seam(all, strings.TrimSpace(p))
	}
	return clip(all, maxText)
}

func seam(left, right string) string {
	if bare := strings.TrimLeft(right, ".… "); left != "" && bare != "" && (strings.HasPrefix(right, "..") || strings.HasPrefix(right, "…")) {
		left, right = trimDots(left), bare
	}
	switch {
	case left == "":
		return right
	case right == "":
		return left
	}
	last, _ := utf8.DecodeLastRuneInString(left)
	first, _ := utf8.DecodeRuneInString(right)
	switch {
	case strings.ContainsRune(",;:.!?%)]}…、。，！？；：）」』", first): // it belongs to the word before
		if isEnd(last) && plain(right) == "" {
			return left
		}
		if isStop(last) && !isEnd(first) {
			left = trimDots(left)
		}
		return left + right
	case spaceless(last) && spaceless(first), strings.ContainsRune("([{“‘¿¡（「『", last):
		return left + right
	case unicode.IsLower(first) && isStop(last) && !isShort(left):
		left = trimDots(left)
	case !isEnd(last) && isLink(right):
		right = string(unicode.ToLower(first)) + right[utf8.RuneLen(first):]
	}
	return left + " " + right
}

// trimDots takes full stops and ellipses from the end.
func trimDots(s string) string { return strings.TrimRight(s, ".… ") }

// isEnd reports whether r ends a sentence.
func isEnd(r rune) bool { return strings.ContainsRune(".!?…。！？", r) }

// isStop reports whether r is an end that recognisers write for want of
// anything better.
func isStop(r rune) bool { return r == '.' || r == '…' }

// isShort reports whether a text ends with an abbreviation.
func isShort(s string) bool {
	w := strings.Fields(s)
	word := strings.TrimRight(w[len(w)-1], ".")
	return runes(word) <= 2 || strings.Contains(word, ".") || abbreviations[strings.ToLower(word)]
}

// isLink reports whether a text begins with a word that joins: one that has a
// capital only at the beginning of a sentence, in any language it is one of.
func isLink(s string) bool {
	word := s
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		word = s[:i]
	}
	lower := strings.ToLower(word)
	return links[lower] && word[1:] == lower[1:]
}

var abbreviations = set("mrs", "prof", "etc", "approx", "dept", "bzw", "usw", "inkl", "mme", "sra", "inc", "ltd", "vgl", "evtl")

var links = set(
	"and", "but", "or", "so", "because", "that", "which", "who", "to", "of", "in", "on", "at", "for", "with", "from", "by",
	"as", "is", "are", "was", "were", "if", "when", "while", "then", "than", "the", "a", "an", "it", "its", "he", "she",
	"they", "we", "you", "this", "these", "those", "there", "their", "his", "her", "our", "your", "my", "not", "where", "what",
	"und", "aber", "oder", "weil", "dass", "der", "die", "das", "den", "dem", "ein", "eine", "einen", "mit", "von", "zu",
	"auf", "für", "bei", "nach", "ist", "sind", "wenn", "als", "wie", "nicht", "auch", "ich", "wir", "er", "es",
	"et", "mais", "ou", "que", "qui", "le", "la", "les", "un", "une", "des", "de", "du", "à", "dans", "pour", "avec", "sur", "est", "je", "nous",
	"y", "pero", "o", "el", "los", "las", "del", "con", "por", "para", "en", "no",
	"e", "ma", "che", "il", "lo", "di", "da", "per", "non", "com", "mas", "em",
	"en", "maar", "of", "het", "een", "van", "dat", "niet",
)
