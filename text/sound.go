package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters returns the letters and digits of a name or of words, as they are compared: in
// lower case, without accents and spaces, in Latin script.
func letters(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(norm.NFC.String(s))) {
		switch latin, is := latinOf[r]; {
		case is:
			b.WriteString(latin)
		case isWord(r) && !unicode.IsMark(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// latinOf has letters without a Latin base letter: as ISO 9 and BGN/PCGN write Cyrillic,
// without the signs.
var latinOf = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i",
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'к': "k", 'л': "l", 'м': "m", 'н': "n",
	'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch",
	'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya", 'і': "i", 'є': "e", 'ґ': "g",
}

// plainly returns letters as they are written plainly: the spellings of one sound are the
// same, and letters are not doubled.
func plainly(letters string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range plainSpelling.Replace(letters) {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

var plainSpelling = strings.NewReplacer("ph", "f", "th", "t", "ck", "k", "ce", "se", "ci", "si", "cy", "si", "ch", "ch", "c", "k", "qu", "k", "q", "k",
	"x", "ks", "y", "i", "w", "v", "z", "s")

// A spelling is how a language writes sounds: letters, and what stands for their sound in
// a key, the longer letters first.
type spelling struct{ *strings.Replacer }

// The letters of a key stand for sounds that recognizers confuse: P for b and p, T for d
// and t, K for g, k and their fricatives, F for f, v and w, S for s and z, X for sh, ch and
// j, and L, R, M, N. Vowels, h and y have none,
// but at the beginning: A and H.
var spellings = map[string]spelling{
	"en": newSpelling("tch X ch X sh X ough A igh A eigh A gh - dge X tion XN sion XN kn N wr R wh F ph F th T ck K cc K ce S ci S cy S c K qu KF q K x KS j X v F w F"),
	"de": newSpelling("tsch X sch X chs KS ch K ck K ph F pf F th T tz S ts S z S ce S ci S c K qu KF q K x KS j - v F w F dt T"),
	"fr": newSpelling("ch X gn N ph F th T qu K q K gu K ge X gi X ce S ci S cy S c K x KS j X v F w F ill - tion SN ss S"),
	"es": newSpelling("ch X ll - qu K q K gue K gui K ge K gi K j K ce S ci S z S c K x KS v P b P w F ph F th T"),
	"it": newSpelling("sce X sci X sch SK ch K gh K gli L gn N cia X cio X ciu X ce X ci X gia X gio X giu X ge X gi X c K qu KF q K z S x KS j - v F w F ph F th T"),
	"pt": newSpelling("ch X lh L nh N qu K q K gue K gui K ge X gi X j X ce S ci S c K x X v F w F z S ph F th T"),
	"nl": newSpelling("sch SK ch K ck K sj X tj X j - ph F th T qu KF q K x KS ce S ci S c K v F w F z S"),
	"ru": newSpelling("shch X sh X ch X zh X kh K ts S ph F th T ck K j X x KS qu KF q K ce S ci S c K v F w F z S"),
}

func newSpelling(rules string) spelling {
	pairs := strings.Fields(strings.ReplaceAll(rules, " -", " \x00"))
	pairs = append(pairs, strings.Fields("b P p P d T t T g K k K f F v F w F s S z S l L r R m M n N j X c K q K x KS")...)
	return spelling{strings.NewReplacer(pairs...)}
}

// key returns how letters sound, and nothing else: words that sound alike have the same.
func (s spelling) key(letters string) string {
	if letters == "" {
		return ""
	}
	sounds := s.Replace(letters)
	var b strings.Builder
	last := rune(0)
	for i, r := range sounds {
		switch {
		case unicode.IsUpper(r), unicode.IsDigit(r):
			if r != last {
				b.WriteRune(r)
			}
			last = r
			continue
		case i == 0 && r == 'h':
			b.WriteByte('H')
		case i == 0 && r != 0:
			b.WriteByte('A')
		}
		last = 0
	}
	return b.String()
}

// soundsApart returns in how many sounds two keys differ, as distance does: 0, 1, or 2 for
// more.
func soundsApart(a, b string) int {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case a == b:
		return 0
	case len(a) <= 1 && len(b) <= 1, len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]:
		return 1
	}
	return 2
}
