package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
	lang "github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper"
)

// gained is by how many points of percent more names must be right with the list, in each
// language.
const gained = 25

// named are the recognizers that are asked for names.
var named = []servers.Kind{servers.Engine, servers.FasterWhisper, servers.WhisperCPP}

// A clip is speech with a name in it.
type clip struct {
	Name  string
	Human bool
	pcm   pcm.Clip
}

// A namesHeard is what a recognizer wrote for the clips of a language.
type namesHeard struct {
	Commit string
	Clips  []nameHeard
	Done   int // how many clips have both texts; a sweep that was ended goes on with the next
}

// whole reports whether all clips have their texts.
func (r namesHeard) whole() bool { return r.Done > 0 && r.Done == len(r.Clips) }

// A nameHeard is what a recognizer wrote for a clip, without a prompt and with the list as
// its prompt.
type nameHeard struct {
	clip
	Plain, Prompted string
}

// A gain is how many names are right.
type gain struct {
	clips      int
	without    int // without the list
	prompted   int // by the prompt alone
	corrected  int // by the correction alone
	with       int // by both
	human      int // clips of people
	humanWith  int
	humanPlain int
}

func (g gain) plus(o gain) gain {
	return gain{g.clips + o.clips, g.without + o.without, g.prompted + o.prompted, g.corrected + o.corrected, g.with + o.with,
		g.human + o.human, g.humanWith + o.humanWith, g.humanPlain + o.humanPlain}
}

// points returns by how many points of percent more names are right with the list.
func (g gain) points() float64 { return 100 * float64(g.with-g.without) / float64(max(g.clips, 1)) }

// hearNames has the recognizers transcribe the clips, as far as there is no result, and
// prints what the list gains.
func hearNames(ctx context.Context, top string, only *regexp.Regexp) error {
	var bad error
	for _, kind := range named {
		if err := hearNamesWith(ctx, kind, top, only); err != nil {
			bad = errors.Join(bad, fmt.Errorf("%s: %w", kind, err))
		}
		for _, l := range languages {
			g, there, err := l.gain(kind)
			if err != nil || !there {
				bad = errors.Join(bad, err)
				continue
			}
			fmt.Printf("%s %s: of %d names %d right without the list, %d with it, %.0f points (%d by correction alone, %d by the prompt alone)\n",
				kind, l.code, g.clips, g.without, g.with, g.points(), g.corrected, g.prompted)
			if g.points() < gained {
				bad = errors.Join(bad, fmt.Errorf("%s: %s: the list gains %.0f points, want %d", kind, l.code, g.points(), gained))
			}
		}
	}
	return bad
}

func hearNamesWith(ctx context.Context, kind servers.Kind, top string, only *regexp.Regexp) (err error) {
	var left []language
	for _, l := range languages {
		r, _, err := load[namesHeard](fileName("names", kind, l.code))
		if err != nil {
			return err
		}
		if !r.whole() && only.MatchString(string(kind)+" "+l.code) {
			left = append(left, l)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return with(ctx, kind, top, func(s *servers.Server) error {
		for _, l := range left {
			name := fileName("names", kind, l.code)
			r, _, err := load[namesHeard](name)
			if err == nil {
				err = l.hear(ctx, s, &r, func() error { return sweep.Save(kept, name, r) })
			}
			if err != nil {
				return fmt.Errorf("%s: %w", l.code, err)
			}
		}
		return nil
	})
}

// with runs a function with a server.
func with(ctx context.Context, kind servers.Kind, top string, do func(*servers.Server) error) (err error) {
	log, err := os.CreateTemp("", "words-*.log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(), os.Remove(log.Name())) }()
	s, err := servers.Start(ctx, kind, top, "", servers.Threads, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	return do(s)
}

// list returns the list of all names of the language.
func (l language) list() (text.Vocabulary, error) {
	names := l.all()
	for _, h := range l.human {
		names = append(names, h.name)
	}
	return text.ReadVocabulary(strings.NewReader(strings.Join(names, "\n")))
}

// hear transcribes the clips of the language that have no text yet, and keeps each.
func (l language) hear(ctx context.Context, s *servers.Server, r *namesHeard, keep func() error) error {
	r.Commit = sweep.Commit(ctx)
	list, err := l.list()
	if err != nil {
		return err
	}
	plain, err := whisper.New(whisper.Config{URL: s.URL, Language: lang.Of(l.code)})
	if err != nil {
		return err
	}
	defer plain.Close()
	prompted, err := whisper.New(whisper.Config{URL: s.URL, Language: lang.Of(l.code), Names: list.Names})
	if err != nil {
		return err
	}
	defer prompted.Close()
	clips, err := l.clips(ctx)
	if err != nil {
		return err
	}
	for i := len(r.Clips); i < len(clips); i++ {
		h := nameHeard{clip: clips[i]}
		if h.Plain, err = hearOne(ctx, plain, clips[i]); err != nil {
			return err
		}
		r.Clips = append(r.Clips, h)
		if err := keep(); err != nil {
			return err
		}
	}
	for ; r.Done < len(clips); r.Done++ { // vocoder-engine loads its model again for a prompt
		h := &r.Clips[r.Done]
		if h.Prompted, err = hearOne(ctx, prompted, clips[r.Done]); err != nil {
			return err
		}
		fmt.Printf("%s %s: %-16s %q %q\n", s.Kind, l.code, h.Name, h.Plain, h.Prompted)
		if err := keep(); err != nil {
			return err
		}
	}
	return keep()
}

// hearOne transcribes a clip. A text that was refused as not said is none.
func hearOne(ctx context.Context, c *whisper.Client, clip clip) (string, error) {
	words, err := c.Transcribe(ctx, clip.pcm)
	if errors.Is(err, whisper.ErrNotSpeech) || errors.Is(err, whisper.ErrIncomplete) {
		fmt.Printf("%s: %v\n", clip.Name, err)
		return words, ctx.Err()
	}
	return words, err
}

// gain returns what the list gains with today's text rules, from the kept result.
func (l language) gain(kind servers.Kind) (g gain, there bool, err error) {
	r, there, err := load[namesHeard](fileName("names", kind, l.code))
	if err != nil || !there || !r.whole() {
		return g, false, err
	}
	list, err := l.list()
	if err != nil {
		return g, false, err
	}
	rules := text.Rules{Vocabulary: list, Punctuation: "off"}
	for _, h := range r.Clips {
		corrected, typed := rules.Write(h.Plain, []string{l.code}), rules.Write(h.Prompted, []string{l.code})
		one := gain{1, count(has(h.Plain, h.Name)), count(has(h.Prompted, h.Name)), count(has(corrected, h.Name)), count(has(typed, h.Name)), 0, 0, 0}
		if h.Human {
			one.human, one.humanPlain, one.humanWith = 1, one.without, one.with
		}
		g = g.plus(one)
	}
	return g, true, nil
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// has reports whether a text has a name as a whole word, in upper or lower case.
func has(s, name string) bool {
	return strings.Contains(" "+text.Plain(s)+" ", " "+text.Plain(name)+" ")
}

// clips returns each name in a sentence, spoken by a synthesizer, and the human clips.
func (l language) clips(ctx context.Context) (all []clip, err error) {
	sentences := strings.Split(l.sentences, "\n")
	for i, name := range l.all() {
		spoken, err := l.speak(ctx, strings.Replace(sentences[i%len(sentences)], "%", name, 1))
		if err != nil {
			return nil, err
		}
		all = append(all, clip{Name: name, pcm: spoken})
	}
	for _, h := range l.human {
		f, err := os.Open(h.file)
		if err != nil {
			return nil, err
		}
		spoken, err := pcm.ReadWAV(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		all = append(all, clip{Name: h.name, Human: true, pcm: spoken})
	}
	for i := range all {
		all[i].pcm = recorded(all[i].pcm)
	}
	return all, nil
}

// recorded returns a clip as the daemon records it between a press and a release.
func recorded(c pcm.Clip) pcm.Clip {
	c = speech.InRoom(pcm.Clip{Rate: pcm.Rate, Samples: c.At(pcm.Rate)}, 0, -60, speech.RoomBefore, speech.RoomAfter, 1)
	c.Voice = vad.Detect(c)
	return c
}

// misheard prints the wrong spellings that the kept results have. A line is a language, the
// name and the text, separated by tabs.
func misheard() error {
	for _, kind := range named {
		for _, l := range languages {
			r, _, err := load[namesHeard](fileName("names", kind, l.code))
			if err != nil {
				return err
			}
			for _, h := range r.Clips {
				for _, said := range []string{h.Plain, h.Prompted} {
					if said != "" && !has(said, h.Name) {
						fmt.Printf("%s\t%s\t%s\n", l.code, h.Name, said)
					}
				}
			}
		}
	}
	return nil
}
