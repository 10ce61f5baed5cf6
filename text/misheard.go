package text

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/language/common"
)

// The limits of a correction by sound and spelling. They are those with which the wrong
// spellings of testdata/misheard.txt are corrected, which recognizers wrote.
const (
	minSimilar     = 6 // letters of a name; shorter ones are corrected only if their letters are equal
	minSounds      = 3 // sounds of a name, of those of spellings
	maxParts       = 4 // words of a text that may be one name
	minStem        = 4 // letters that a form of a common word shares with it
	minEnglishStem = 6 // in English, whose words have few forms
	maxEnding      = 3 // letters of an ending, by which a form of a common word differs from it
)

// A sounds is how the names of a vocabulary sound in one language.
type sounds struct {
	spelling spelling
	byFirst  map[byte][]soundOf // by the first letter of the key
}

// A soundOf is how a name is compared.
type soundOf struct {
	*entry
	letters, plain, key string
}

// A hearing is what one text needs to find misheard names in it.
type hearing struct {
	first  map[rune][]entry // the entries, by their first character
	words  []*common.List   // of the languages that the text may be in, and English
	sounds []*sounds        // in these languages
	least  int              // how many sounds of a name must agree
}

// A soundCache keeps the sounds of a vocabulary. It is safe for concurrent use.
type soundCache struct {
	mu  sync.Mutex
	all map[string]*sounds // by language
}

// hear returns a hearing for a text that may be in some languages. It is nil, and nothing
// is corrected, if there is no name or if the common words of a language are not known.
func (v Vocabulary) hear(text string, spoken []string) *hearing {
	if len(v.names) == 0 {
		return nil
	}
	if len(spoken) == 0 {
		if code := Detect(text).Language(); code != "" {
			spoken = []string{code}
		}
	}
	if len(spoken) == 0 {
		return nil
	}
	h := &hearing{first: v.byFirst(), least: minSounds}
	codes := append([]string{"en"}, spoken...) // names and terms are often English
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		words, ok := common.Words(code)
		if !ok {
			return nil
		}
		if words.Len() < common.Size { // it guards less
			h.least = minSounds + 1
		}
		h.words = append(h.words, words)
		h.sounds = append(h.sounds, v.soundsIn(code))
	}
	return h
}

// soundsIn returns how the names sound in a language.
func (v Vocabulary) soundsIn(code string) *sounds {
	v.cache.mu.Lock()
	defer v.cache.mu.Unlock()
	if s := v.cache.all[code]; s != nil {
		return s
	}
	s := &sounds{spelling: spellings[code], byFirst: map[byte][]soundOf{}}
	for i := range v.entries {
		e := &v.entries[i]
		if l := letters(e.said); e.name && len(l) >= minSimilar-1 {
			if key := s.spelling.key(l); key != "" {
				s.byFirst[key[0]] = append(s.byFirst[key[0]], soundOf{e, l, plainly(l), key})
			}
		}
	}
	v.cache.all[code] = s
	return s
}

// misheard returns the name that the words at the beginning of a text were probably meant
// to be, and their length in the text; 0 if there is none. The most similar name counts,
// and none if two are as similar.
func (h *hearing) misheard(text []rune) (best entry, n int) {
	if h == nil || !isWord(text[0]) {
		return entry{}, 0
	}
	least, tied := 1<<30, false
	for _, end := range h.ends(text) {
		said := string(text[:end])
		e, d, ok := h.nearest(said, len(strings.FieldsFunc(said, isJoint)))
		switch {
		case !ok || d > least:
		case d == least && e.written != best.written:
			tied = true
		default:
			best, n, least, tied = *e.entry, end, d, false
		}
	}
	if tied {
		return entry{}, 0
	}
	return best, n
}

// isJoint reports whether a character is between words that may be one name.
func isJoint(r rune) bool { return r == ' ' || r == '-' || r == '\u00a0' }

// ends returns where the words at the beginning of a text end that may be one name: one
// word, or several with single spaces or hyphens between them, up to the next entry.
func (h *hearing) ends(text []rune) (all []int) {
	for i := 0; i < len(text) && len(all) < maxParts; i++ {
		for i < len(text) && isWord(text[i]) {
			i++
		}
		if !endsWord(text, i) {
			return all
		}
		all = append(all, i)
		if i+1 >= len(text) || !isJoint(text[i]) || !isWord(text[i+1]) {
			return all
		}
		if _, n := match(text[i+1:], h.first[fold(text[i+1])]); n > 0 {
			return all // an entry begins there
		}
	}
	return all
}

// nearest returns the name that is most similar to some words, and how different it is.
func (h *hearing) nearest(said string, parts int) (best soundOf, least int, ok bool) {
	heard := letters(said)
	if len(heard) < minSimilar-1 {
		return soundOf{}, 0, false
	}
	guarded := h.hasCommon(said)
	if guarded && !isCompound(said, parts) {
		return soundOf{}, 0, false
	}
	least = 1 << 30
	for _, s := range h.sounds {
		key := s.spelling.key(heard)
		if key == "" {
			continue
		}
		for _, name := range s.byFirst[key[0]] {
			d, similar := name.differs(heard, key, h.least)
			switch {
			case !similar || guarded && d > 0:
			case name.isForm(heard):
				return soundOf{}, 0, false
			case d < least:
				best, least, ok = name, d, true
			case d == least && name.written != best.written:
				ok = false
			}
		}
	}
	return best, least, ok
}

// differs returns how different a name is from letters with a key, and whether it is
// similar enough to be meant. The more sounds agree, the more letters may differ: they do
// in testdata/misheard.txt. least is how many sounds must agree if the letters do not.
func (s soundOf) differs(heard, key string, least int) (d int, similar bool) {
	if s.letters == heard {
		return 0, true
	}
	k := soundsApart(s.key, key)
	if k > 1 {
		return 0, false
	}
	plain := plainly(heard)
	longest := max(len(s.plain), len(plain))
	d = distance([]byte(s.plain), []byte(plain), longest/2)
	sounds := len(strings.TrimLeft(s.key, "AH")) - least
	switch {
	case len(s.letters) < minSimilar || sounds < 0:
		return d, false
	case d == 0:
		return d, true
	case k == 0 && sounds >= 3:
		return d, d <= longest/2
	case k == 0 && sounds == 2:
		return d, d <= longest/4
	case k == 0 && sounds == 1:
		return d, d == 1 && longest >= 7 || d == 2 && longest >= 9
	case k == 0:
		return d, d == 1 && longest >= 8
	case k == 1 && s.letters[len(s.letters)-1] == heard[len(heard)-1]:
		return d, sounds >= 3 && d <= longest/4
	}
	return d, false
}

// isForm reports whether letters are the name with an ending of a plural or a case, which
// the user wants to keep.
func (s soundOf) isForm(heard string) bool {
	ending, is := strings.CutPrefix(heard, s.letters)
	return is && ending != "" && len(ending) <= maxEnding
}

// hasCommon reports whether one of some words is common in a language that is spoken, or
// a form of a common word.
func (h *hearing) hasCommon(said string) bool {
	english, _ := common.Words("en")
	for _, word := range strings.FieldsFunc(said, isJoint) {
		word = strings.ToLower(word)
		for _, l := range h.words {
			least := minStem
			if l == english {
				least = minEnglishStem
			}
			if l.Has(word) || isFormOf(l, word, least) {
				return true
			}
		}
	}
	return false
}

// isFormOf reports whether a word begins like a common word, in at least so many letters,
// and differs only in its ending. A list of the commonest words does not have all forms of them.
func isFormOf(l *common.List, word string, least int) bool {
	stem := []rune(word)
	if len(stem) < least+maxEnding {
		return false
	}
	stem = stem[:len(stem)-maxEnding]
	return l.HasPrefix(string(stem), len(string(stem))+maxEnding*utf8.RuneLen(stem[0]))
}

// isCompound reports whether several words are one name that the recognizer took apart:
// they are written with a hyphen, or those after the first begin with a capital.
func isCompound(said string, parts int) bool {
	if parts < 2 {
		return false
	}
	for i, word := range strings.FieldsFunc(said, func(r rune) bool { return r == ' ' || r == '\u00a0' }) {
		if first := []rune(word)[0]; i > 0 && !unicode.IsUpper(first) {
			return false
		}
	}
	return true
}
