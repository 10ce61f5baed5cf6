package speech

import "time"

// The names of the sets of clips of a language.
const (
	SentenceSet = "sentences" // a sentence; in English also a novel, playing cards and a command
	ListSet     = "lists"     // days, months and numbers, one after the other
	WordSet     = "words"     // each day and each month alone
)

// A Set is some clips with known words.
type Set struct {
	Name  string
	Clips []Clip
}

// listPause is the silence after each word of a list.
const listPause = 300 * time.Millisecond

// Sets returns the clips of people who speak the language and say known words.
func (l Language) Sets() ([]Set, error) {
	single, err := l.Words()
	if err != nil {
		return nil, err
	}
	var whole []Clip
	if l.Code == "en" {
		if whole, err = Clips(); err != nil {
			return nil, err
		}
	}
	if c, err := l.Sentence(); err != nil {
		return nil, err
	} else if c.Words != "" {
		whole = append(whole, c)
	}
	var joined []Clip
	for _, part := range []struct{ from, to int }{{0, 7}, {7, 19}, {19, 30}, {30, 40}, {40, 47}} {
		name := single[part.from].Name + " to " + single[part.to-1].Name
		joined = append(joined, Join(name, listPause, single[part.from:part.to]...))
	}
	return []Set{{SentenceSet, whole}, {ListSet, joined}, {WordSet, single[:19]}}, nil
}

// German has no telephone prompts in Debian, so that only Compare serves.
var German = Language{
	Code: "de", Locale: "de_DE.UTF-8", Layout: "de",
	ones: "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn " +
		"siebzehn achtzehn neunzehn zwanzig",
	tens: "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
}
