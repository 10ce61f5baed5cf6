package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/markdown"
	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

const head = `# Words

How many words come out wrong, with which model, and what a list of your own words gains. ` + "`make sweep-words`" + ` writes this page.

## Which model

| you speak | and have | take |
|---|---|---|
| English | any processor | ` + "`moonshine-tiny-en`" + ` in vocoder-engine: the quickest and smallest, so that it can show the words while you speak |
| another language, or several | two cores | ` + "`whisper-base`" + ` in vocoder-engine, and name your languages |
| one of 25 European languages | four cores, 2 GB of memory free | ` + "`parakeet-tdt-0.6b-v3`" + ` in vocoder-engine: by the published figures a quarter of the errors |
| any | Python | faster-whisper: the same Whisper, which follows five hypotheses; fewer errors, slower |
| any | a graphics card with 4 GB | large-v3-turbo in whisper.cpp or speaches: ` + "`vocoder setup`" + ` prints the commands |

All models that are known: [languages.md](languages.md). How to set up a server: [whisper.md](whisper.md).

## People

Wrong words of 100 in sentences, and in lists of days, months and numbers: telephone prompts in five languages, in English also a novel and
playing cards. They are few, 47 to 152 words a language, so a word more or less is a percent. Whisper is the base model unless its name says otherwise.

`

const (
	aboutNames = `
## Your own words

Names and terms in a sentence each, most as a synthesizer speaks them, in English, French, Spanish and Italian also in prompts of people. **Without** is how many come out right
without a list. With a list ([recipes.md](recipes.md#your-own-words)) the recognizer gets the names as its **prompt**, and vocoder **corrects** what sounds and is spelled like one of them. The aim is 25 points more.

`
	aboutOrdinary = `
A name must not be put where it was not said. So many ordinary sentences of each language went through a list of 250 names of all kinds; the list may change none:

`
	aboutPublished = `
## Published

Wrong words of 100 in LibriSpeech's test-clean, English that was read from books, with 8-bit weights, by the authors of
[transcribe.cpp](https://github.com/handy-computer/transcribe.cpp). Their figures for 43 languages (FLEURS) are in [languages.md](languages.md#what-was-published).

| cohere-transcribe | canary-180m-flash | parakeet-tdt-0.6b-v3 | whisper-turbo | whisper-small-en | moonshine-tiny-en |
|---|---|---|---|---|---|
| 1.3 | 1.9 | 1.9 | 2.0 | 3.1 | 4.6 |
`
	aboutMeasuring = `
## How it is measured

- Wrong are words that are wrong, missing or additional. Case and punctuation do not count, nor whether the numbers 0 to 20 and 30, 40 to 90 are digits; ё is е.
  A word in two parts counts as two errors.
- The recognizer gets the language by name, and each clip with the quiet of a room before and after it.
- Two threads on a machine with two cores, without a graphics card. **Time** is that for a second of speech. The machine did other work at the same time, so
  the times are too long rather than too short.
- **Memory** is the most that the server used, **size** that of the model's files.
`
)

// write writes the page.
func write() error {
	p, err := makePage()
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(p), 0o644)
}

func makePage() (string, error) {
	var b strings.Builder
	b.WriteString(head)
	for _, part := range []func(*strings.Builder) error{writePeople, writeNames, writeOrdinary, writeTranslation} {
		if err := part(&b); err != nil {
			return "", err
		}
	}
	b.WriteString(aboutPublished + aboutMeasuring)
	return b.String(), nil
}

// A whisperResult has of a result of make sweep-whisper what this page shows.
type whisperResult struct {
	Memory    int64
	Languages []struct {
		Language    string
		Scores      map[string]speech.Score
		Sound, Took float64
	}
}

// A row is a row of a table: a score by language, and what the recognizer needs.
type row struct {
	scores       map[string]speech.Score
	sound, took  float64
	memory, size int64
}

// people returns the row of a recognizer for the speech of people.
func people(kind servers.Kind) (r row, err error) {
	r.scores = map[string]speech.Score{}
	if r.size, err = size(kind); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if !slices.Contains(servers.Kinds, kind) {
		return r, r.add(kind, speech.SentenceSet, speech.ListSet)
	}
	b, err := os.ReadFile(filepath.Join(whisperKept, strings.TrimSuffix(fileName("words", kind, ""), "-")+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	var w whisperResult
	if err == nil {
		err = json.Unmarshal(b, &w)
	}
	r.memory = w.Memory
	for _, l := range w.Languages {
		r.scores[l.Language] = l.Scores[speech.SentenceSet].Plus(l.Scores[speech.ListSet])
		r.sound, r.took = r.sound+l.Sound, r.took+l.Took
	}
	return r, err
}

// add adds the sets of clips of this sweep.
func (r *row) add(kind servers.Kind, sets ...string) error {
	for _, l := range languages {
		heard, there, err := load[clipsHeard](fileName("clips", kind, l.code))
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		for _, set := range sets {
			r.scores[l.code] = r.scores[l.code].Plus(heard.score(l, set))
		}
		r.sound, r.took, r.memory = r.sound+heard.Sound, r.took+heard.Took, max(r.memory, heard.Memory)
	}
	return nil
}

func writePeople(b *strings.Builder) error {
	codes := []string{"en", "es", "fr", "it", "ru"}
	table := markdown.New(slices.Concat([]string{"recognizer"}, codes, []string{"time", "memory", "size"})...)
	for _, kind := range compared {
		r, err := people(kind)
		if err != nil {
			return err
		}
		if len(r.scores) == 0 {
			continue
		}
		table.Row(append(r.cells(kind, codes), r.pace(), megabytes(r.memory), megabytes(r.size))...)
	}
	b.WriteString(table.String())
	return nil
}

// cells returns the name of the recognizer and its scores in percent.
func (r row) cells(kind servers.Kind, codes []string) []any {
	cells := []any{kind}
	for _, code := range codes {
		if s := r.scores[code]; s.Words > 0 {
			cells = append(cells, fmt.Sprintf("%.0f", 100*s.Rate()))
		} else {
			cells = append(cells, "")
		}
	}
	return cells
}

func (r row) pace() string {
	if r.sound == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f s", r.took/r.sound)
}

// megabytes returns a size for a table, or "" if it was not measured.
func megabytes(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d MB", n/1e6)
}

func writeNames(b *strings.Builder) error {
	b.WriteString(aboutNames)
	table := markdown.New("recognizer", "language", "names", "without", "prompt alone", "correction alone", "both", "points more")
	for _, kind := range named {
		for _, l := range languages {
			g, there, err := l.gain(kind)
			if err != nil {
				return err
			}
			if there {
				verdict := fmt.Sprintf("%.0f", g.points())
				if g.points() < gained {
					verdict = "**" + verdict + "**"
				}
				table.Row(kind, l.code, g.clips, g.without, g.prompted, g.corrected, g.with, verdict)
			}
		}
	}
	b.WriteString(table.String())
	return nil
}

func writeOrdinary(b *strings.Builder) error {
	b.WriteString(aboutOrdinary)
	table := markdown.New("language", "sentences", "changed")
	for _, l := range languages {
		c, there, err := load[changed]("ordinary-" + l.code)
		if err != nil {
			return err
		}
		if there {
			table.Row(l.code, c.Sentences, c.Changed)
		}
	}
	b.WriteString(table.String())
	return nil
}
