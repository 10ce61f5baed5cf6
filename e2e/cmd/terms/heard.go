package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
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

// gained is by how many points of percent more names must be right with the list, for all
// languages together.
const gained = 25

// A clip is speech with a name in it.
type clip struct {
	Name  string
	Human bool
	pcm   pcm.Clip
}

// A heard is what became of a clip: the words of the recognizer without and with the list
// as its prompt, and both as they are typed.
type heard struct {
	clip
	Plain, Prompted   string
	Corrected, Typed  string
	Without, With     bool // the name is right
	OnlySound, Prompt bool // by the correction alone, and by the prompt alone
}

// A result is that of a language.
type result struct {
	Code  string
	Clips []heard
}

// hearAll has whisper.cpp transcribe the clips of the languages that match the pattern.
func hearAll(ctx context.Context, top string, only *regexp.Regexp) (err error) {
	log, err := os.CreateTemp("", "terms-*.log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(), os.Remove(log.Name())) }()
	s, err := servers.Start(ctx, servers.WhisperCPP, top, "", servers.Threads, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	var before, after, clips int
	for _, l := range languages {
		if !only.MatchString(l.code) {
			continue
		}
		r, err := hear(ctx, l, s.URL)
		if err != nil {
			return fmt.Errorf("%s: %w", l.code, err)
		}
		without, with, sound, prompt := 0, 0, 0, 0
		for _, h := range r.Clips {
			without, with, sound, prompt = without+count(h.Without), with+count(h.With), sound+count(h.OnlySound), prompt+count(h.Prompt)
		}
		fmt.Printf("%s: of %d names %d right without the list, %d with it (%d by correction alone, %d by the prompt alone)\n", l.code, len(r.Clips), without, with, sound, prompt)
		before, after, clips = before+without, after+with, clips+len(r.Clips)
		if err := sweep.Save(kept, "heard-"+l.code, r); err != nil {
			return err
		}
	}
	if gain := 100 * (after - before) / max(clips, 1); gain < gained {
		return fmt.Errorf("the list gains %d points, want %d", gain, gained)
	}
	return nil
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hear transcribes the clips of a language.
func hear(ctx context.Context, l language, url string) (result, error) {
	r := result{Code: l.code}
	names := l.all()
	for _, h := range l.human {
		names = append(names, h.name)
	}
	list, err := text.ReadVocabulary(strings.NewReader(strings.Join(names, "\n")))
	if err != nil {
		return r, err
	}
	plain, err := whisper.New(whisper.Config{URL: url, Dialect: whisper.WhisperCPP, Language: lang.Of(l.code)})
	if err != nil {
		return r, err
	}
	defer plain.Close()
	prompted, err := whisper.New(whisper.Config{URL: url, Dialect: whisper.WhisperCPP, Language: lang.Of(l.code), Prompt: list.Prompt()})
	if err != nil {
		return r, err
	}
	defer prompted.Close()
	clips, err := l.clips(ctx)
	if err != nil {
		return r, err
	}
	rules := text.Rules{Vocabulary: list, Punctuation: "off"}
	for _, c := range clips {
		h := heard{clip: c}
		var errs [2]error
		h.Plain, errs[0] = plain.Transcribe(ctx, c.pcm)
		h.Prompted, errs[1] = prompted.Transcribe(ctx, c.pcm)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		for _, err := range errs {
			if err != nil {
				fmt.Printf("%s: %s: %v\n", l.code, c.Name, err)
			}
		}
		h.Corrected, h.Typed = rules.Write(h.Plain, []string{l.code}), rules.Write(h.Prompted, []string{l.code})
		h.Without, h.With = has(h.Plain, c.Name), has(h.Typed, c.Name)
		h.OnlySound, h.Prompt = has(h.Corrected, c.Name), has(h.Prompted, c.Name)
		fmt.Printf("%s: %-16s %q %q\n", l.code, c.Name, h.Plain, h.Typed)
		r.Clips = append(r.Clips, h)
	}
	return r, nil
}

// has reports whether a text has a name as a whole word, in upper or lower case.
func has(s, name string) bool {
	return strings.Contains(" "+text.Plain(s)+" ", " "+text.Plain(name)+" ")
}

// clips returns each name in a sentence, spoken by espeak-ng, and the human clips.
func (l language) clips(ctx context.Context) (all []clip, err error) {
	sentences := strings.Split(l.sentences, "\n")
	for i, name := range l.all() {
		c := exec.CommandContext(ctx, "espeak-ng", "-v", l.voice, "-s", "140", "--stdout", strings.Replace(sentences[i%len(sentences)], "%", name, 1))
		wav, err := c.Output()
		if err != nil {
			return nil, fmt.Errorf("espeak-ng (Debian package espeak-ng): %w", err)
		}
		spoken, err := pcm.ReadWAV(bytes.NewReader(wav))
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
		c := pcm.Clip{Rate: pcm.Rate, Samples: all[i].pcm.At(pcm.Rate)}
		c = speech.InRoom(c, 0, -60, speech.RoomBefore, speech.RoomAfter, 1)
		c.Voice = vad.Detect(c)
		all[i].pcm = c
	}
	return all, nil
}

// write prints the wrong spellings that the kept results have. A line is a language, the
// name and the text, separated by tabs.
func write() error {
	for _, l := range languages {
		r, err := load(l.code)
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
	return nil
}
