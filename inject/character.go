package inject

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
)

// A character is typed whole or not at all.
type character struct {
	bytes   int // of the text
	strokes []key.Stroke
}

// composed reports whether the character takes several strokes, as with dead keys.
func (c character) composed() bool { return len(c.strokes) > 1 }

// characters divides a plan at the places where typing may stop.
func characters(plan []keymap.Char) []character {
	var all []character
	for i, c := range plan {
		if i == 0 || !follows(c.Rune) {
			all = append(all, character{utf8.RuneLen(c.Rune), c.Strokes})
			continue
		}
		last := &all[len(all)-1]
		last.bytes += utf8.RuneLen(c.Rune)
		last.strokes = slices.Concat(last.strokes, c.Strokes)
	}
	return all
}

// follows reports whether a rune belongs to the one before it: as a mark, or as
// a joiner or tag, which means nothing at the beginning of a text.
func follows(c rune) bool { return c == zwnj || c == zwj || isTag(c) || unicode.Is(unicode.M, c) }

// cost returns how many events strokes cause at most: a key and a SYN_REPORT for each key
// that goes down or up. It does not count modifiers that are down before.
func cost(strokes []key.Stroke) (events int) {
	for _, s := range strokes {
		events += 4 + 4*len(s.Mods)
	}
	return events
}
