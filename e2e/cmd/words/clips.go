package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
	lang "github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/whisper"
)

// syntheticSet is the set of clips that a synthesizer speaks.
const syntheticSet = "synthetic"

// compared are the recognizers in the order of the page.
var compared = []servers.Kind{servers.Engine, servers.EngineMoonshine, servers.FasterWhisper, servers.FasterTiny, servers.WhisperCPP}

// A clipsHeard is what a recognizer wrote for clips of a language.
type clipsHeard struct {
	Commit string
	Lines  []line
	Sound  float64 // seconds
	Took   float64 // seconds
	Memory int64   // peak of the server, in bytes
	Size   int64   // of the model's files, in bytes
}

// A line is what was said in a clip, and what the recognizer wrote.
type line struct{ Set, Name, Said, Heard string }

// hearClips has the recognizers of English alone transcribe the clips, as far as there is no
// result. make sweep-whisper does it with those that have Whisper base.
func hearClips(ctx context.Context, top string, only *regexp.Regexp) (bad error) {
	for _, kind := range compared {
		var left []language
		for _, l := range languages {
			_, there, err := load[clipsHeard](fileName("clips", kind, l.code))
			if err != nil {
				return err
			}
			if !there && l.code == "en" && !slices.Contains(servers.Kinds, kind) && only.MatchString(string(kind)+" "+l.code) {
				left = append(left, l)
			}
		}
		if len(left) == 0 {
			continue
		}
		err := with(ctx, kind, top, func(s *servers.Server) error {
			for _, l := range left {
				r, err := l.hearClips(ctx, s)
				if err != nil {
					return fmt.Errorf("%s: %w", l.code, err)
				}
				if r.Size, err = size(kind); err != nil {
					return err
				}
				fmt.Printf("%s %s: %d clips of %.0f s in %.0f s\n", kind, l.code, len(r.Lines), r.Sound, r.Took)
				if err := sweep.Save(kept, fileName("clips", kind, l.code), r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("%s: %w", kind, err))
		}
	}
	return bad
}

// hearClips transcribes the clips of the language, whose name the recognizer gets.
func (l language) hearClips(ctx context.Context, s *servers.Server) (r clipsHeard, err error) {
	sets, err := l.people()
	if err != nil {
		return r, err
	}
	c, err := whisper.New(whisper.Config{URL: s.URL, Language: lang.Of(l.code)})
	if err != nil {
		return r, err
	}
	defer c.Close()
	c.Connect(ctx)
	r.Commit = sweep.Commit(ctx)
	for _, set := range sets {
		for _, said := range set.Clips {
			sound := recorded(said.Clip)
			began := time.Now()
			text, err := hearOne(ctx, c, clip{Name: said.Name, pcm: sound})
			if err != nil {
				return r, err
			}
			r.Took, r.Sound = r.Took+time.Since(began).Seconds(), r.Sound+sound.Duration().Seconds()
			r.Lines = append(r.Lines, line{set.Name, said.Name, said.Words, text})
		}
	}
	r.Memory, err = s.Memory()
	return r, err
}

// spoken returns the language as the package speech knows it.
func (l language) spoken() speech.Language {
	if i := slices.IndexFunc(speech.Languages, func(s speech.Language) bool { return s.Code == l.code }); i >= 0 {
		return speech.Languages[i]
	}
	return speech.German
}

// people returns the clips of people, but for single words. There are none in German.
func (l language) people() ([]speech.Set, error) {
	spoken := l.spoken()
	if spoken.Code == speech.German.Code {
		return nil, nil
	}
	sets, err := spoken.Sets()
	return slices.DeleteFunc(sets, func(s speech.Set) bool { return s.Name == speech.WordSet }), err
}

// sets returns the clips of people and those of a synthesizer.
func (l language) sets(ctx context.Context) ([]speech.Set, error) {
	sets, err := l.people()
	if err != nil {
		return nil, err
	}
	synthetic := speech.Set{Name: syntheticSet}
	for _, said := range ordinary[l.code] {
		sound, err := l.speak(ctx, said)
		if err != nil {
			return nil, err
		}
		synthetic.Clips = append(synthetic.Clips, speech.Clip{Name: said, Words: said, Clip: sound})
	}
	return append(sets, synthetic), nil
}

// score returns the words and errors of a set.
func (r clipsHeard) score(l language, set string) (total speech.Score) {
	for _, line := range r.Lines {
		if line.Set == set {
			total = total.Plus(l.spoken().Compare(line.Said, line.Heard))
		}
	}
	return total
}

// size returns the size of the files of a recognizer's model.
func size(kind servers.Kind) (total int64, err error) {
	cache, err := servers.Cache()
	if err != nil {
		return 0, err
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return 0, err
	}
	models := filepath.Join(home, ".local", "share", "vocoder", "models")
	root := map[servers.Kind]string{
		servers.Engine: filepath.Join(models, "whisper-base"), servers.EngineMoonshine: filepath.Join(models, "moonshine-tiny-en"),
		servers.FasterWhisper: filepath.Join(cache, "base"), servers.FasterTiny: filepath.Join(cache, "tiny.en"),
		servers.WhisperCPP: filepath.Join(cache, "ggml-base.bin"),
	}[kind]
	err = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
