package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/markdown"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
	lang "github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/whisper"
)

// translators are the recognizers that are asked for English.
var translators = []servers.Kind{servers.Engine, servers.WhisperCPP}

// translates is how many of the expected words, in percent, a recognizer writes at least if
// it translates at all.
const translates = 40

// A translation is what a recognizer wrote in English for clips of a language. Said of a
// line has the words that it should have.
type translation struct {
	Commit string
	Lines  []line
}

// meanings have the English words that a translation of each of the ordinary sentences has,
// with words of the same meaning after a bar.
var meanings = []string{
	"meeting|conference|conversation|discussion friday room|hall twelve|12", "send contract|treaty end week|weekend", "train eleven|11 minutes late|delay|delayed morning",
	"three chairs twenty|20 cups party|festival|holiday|celebration|feast saturday", "doctor rest five days", "call brother dinner|food ready|done",
	"january cold july hot|warm", "wrote long letter newspaper|paper|journal",
}

// conference has the words of a translation of speech.SentenceSet in each language.
const conference = "only person|participant conference|meeting"

// inEnglish returns what is said in a set of human clips, as meanings has it.
func inEnglish(set string, n int) string {
	english := strings.Fields("sunday monday tuesday wednesday thursday friday saturday january february march april may june july august september october november december")
	switch {
	case set == speech.SentenceSet:
		return conference
	case n == 0:
		return strings.Join(english[:7], " ")
	}
	return strings.Join(english[7:], " ")
}

// foreign returns clips in the language with the English words that their translation has:
// a sentence, the days and the months by people, as far as there are any, and the ordinary
// sentences of a synthesizer.
func (l language) foreign(ctx context.Context) (all []line, clips []clip, err error) {
	sets, err := l.sets(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, set := range sets {
		for i, c := range set.Clips {
			words := ""
			switch {
			case set.Name == syntheticSet:
				words = meanings[i]
			case set.Name == speech.ListSet && i > 1: // numbers, which are digits in every language
				continue
			default:
				words = inEnglish(set.Name, i)
			}
			all = append(all, line{Set: set.Name, Name: c.Name, Said: words})
			clips = append(clips, clip{Name: c.Name, pcm: recorded(c.Clip)})
		}
	}
	return all, clips, nil
}

// translateAll has the recognizers translate, as far as there is no result, and prints how
// many of the words are there.
func translateAll(ctx context.Context, top string, only *regexp.Regexp) (bad error) {
	for _, kind := range translators {
		if err := translateWith(ctx, kind, top, only); err != nil {
			bad = errors.Join(bad, fmt.Errorf("%s: %w", kind, err))
		}
		for _, l := range languages {
			t, there, err := load[translation](fileName("translation", kind, l.code))
			if err != nil || !there {
				bad = errors.Join(bad, err)
				continue
			}
			fmt.Printf("%s %s: %d of %d words of the translation\n", kind, l.code, t.found(), t.words())
			if 100*t.found() < translates*t.words() {
				bad = errors.Join(bad, fmt.Errorf("%s: %s: only %d of %d words of the translation", kind, l.code, t.found(), t.words()))
			}
		}
	}
	return bad
}

func translateWith(ctx context.Context, kind servers.Kind, top string, only *regexp.Regexp) error {
	var left []language
	for _, l := range languages {
		_, there, err := load[translation](fileName("translation", kind, l.code))
		if err != nil {
			return err
		}
		if !there && l.code != "en" && only.MatchString(string(kind)+" "+l.code) {
			left = append(left, l)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return with(ctx, kind, top, func(s *servers.Server) error {
		for _, l := range left {
			t, err := l.translate(ctx, s)
			if err == nil {
				err = sweep.Save(kept, fileName("translation", kind, l.code), t)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", l.code, err)
			}
		}
		return nil
	})
}

// translate has a recognizer translate the clips, whose language it gets.
func (l language) translate(ctx context.Context, s *servers.Server) (t translation, err error) {
	spoken := lang.Of(l.code)
	spoken.Task = lang.Translate
	c, err := whisper.New(whisper.Config{URL: s.URL, Language: spoken})
	if err != nil {
		return t, err
	}
	defer c.Close()
	lines, clips, err := l.foreign(ctx)
	if err != nil {
		return t, err
	}
	t.Commit, t.Lines = sweep.Commit(ctx), lines
	for i := range lines {
		t.Lines[i].Heard, err = hearOne(ctx, c, clips[i])
		if e, is := errors.AsType[*whisper.Error](err); is && e.Kind == whisper.NoTask {
			fmt.Printf("%s: %v\n", lines[i].Name, err) // its words are in another language
			err = nil
		}
		if err != nil {
			return t, err
		}
		fmt.Printf("%s %s: %q\n", s.Kind, l.code, t.Lines[i].Heard)
	}
	return t, nil
}

// words returns how many words the translations should have.
func (t translation) words() (n int) {
	for _, l := range t.Lines {
		n += len(strings.Fields(l.Said))
	}
	return n
}

// found returns how many of them they have.
func (t translation) found() (n int) {
	for _, l := range t.Lines {
		heard := speech.Words(l.Heard)
		for want := range strings.FieldsSeq(l.Said) {
			n += count(slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool { return slices.Contains(heard, w) }))
		}
	}
	return n
}

const aboutTranslation = `
## Translated into English

With ` + "`whisper.task: translate`" + ` Whisper writes English, whatever is spoken. Of 100 words that a right translation has, the nouns, numbers and days of
eight sentences as a synthesizer speaks them, and but for German of a sentence, the days and the months by a person, so many are in the text:

`

func writeTranslation(b *strings.Builder) error {
	codes, rows := []string{"de", "es", "fr", "it", "ru"}, 0
	table := markdown.New(append([]string{"recognizer"}, codes...)...)
	for _, kind := range translators {
		cells, any := []any{kind}, false
		for _, code := range codes {
			t, there, err := load[translation](fileName("translation", kind, code))
			if err != nil {
				return err
			}
			cell := ""
			if there {
				cell, any = fmt.Sprintf("%.0f", 100*float64(t.found())/float64(t.words())), true
			}
			cells = append(cells, cell)
		}
		if any {
			table.Row(cells...)
			rows++
		}
	}
	if rows > 0 {
		b.WriteString(aboutTranslation + table.String())
	}
	return nil
}
