package common

import (
	"slices"
	"testing"
)

func TestWords(t *testing.T) {
	for code, word := range map[string]string{"de": "über", "en": "the", "es": "también", "fr": "garçon", "it": "perché", "nl": "jij", "pt": "não", "ru": "ещё"} {
		l, ok := Words(code)
		if !ok || !l.Has(word) || l.Has("kubernetes") || l.Has("") {
			t.Errorf("%s: %t, %q %t", code, ok, word, ok && l.Has(word))
			continue
		}
		if all := slices.Collect(l.All()); !slices.IsSorted(all) || len(all) != l.Len() || len(all) < 19_800 || len(all) > Size {
			t.Errorf("%s: %d words, sorted: %t", code, len(all), slices.IsSorted(all))
		}
	}
	if _, ok := Words("pl"); ok {
		t.Error("there is a list of Polish")
	}
	if _, ok := Words("../x"); ok {
		t.Error("a path is a list")
	}
	l, _ := Words("en")
	if !l.HasPrefix("graphi", 9) || l.HasPrefix("graphi", 6) || l.HasPrefix("zzzzz", 99) {
		t.Error("prefixes")
	}
}
