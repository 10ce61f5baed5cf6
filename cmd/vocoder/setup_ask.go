package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/usage"
)

func (s *setup) askKey(ctx context.Context) error {
	switch {
	case s.key == "keep" || s.key == "" && s.in == nil:
		return nil
	case s.key != "":
		s.set("key", s.key)
		return nil
	}
	s.say("Which key? Press it (any key that writes keeps %s) ...", chordName(s.cfg.Bindings[0].Keys))
	name, err := s.learn(ctx)
	switch {
	case errors.Is(err, evdev.ErrWrites), errors.Is(err, evdev.ErrClicks), errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		s.say("%s it is.", chordName(s.cfg.Bindings[0].Keys))
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		s.say("The keyboard cannot be read here (%v): %s stays; `vocoder doctor` says more.", err, chordName(s.cfg.Bindings[0].Keys))
	default:
		s.say("%s it is.", name)
		s.set("key", name)
	}
	return nil
}

// A loudness is what a microphone heard: the levels in dB relative to full
// scale, and whether there was a voice.
type loudness struct {
	spoke        bool
	voice, noise float64
}

// A microphone may take openFor to open; then one has listenFor to say a few
// words.
const (
	openFor   = 6 * time.Second
	listenFor = 4 * time.Second
)

// hearOne listens to one microphone. It calls opened when that hears.
func (s *setup) hearOne(ctx context.Context, one capture.Source, opened func()) (loudness, error) {
	cfg := s.cfg
	cfg.Audio.Source, cfg.Audio.GainDB, cfg.Audio.AutoGain = one.Name, 0, false
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	end := time.AfterFunc(openFor, stop)
	defer end.Stop()
	ready := sync.OnceFunc(func() {
		opened()
		end.Reset(listenFor)
	})
	clip, err := s.record(ctx, cfg, 0, capture.Hooks{State: func(st capture.State) {
		if st.Ready() {
			ready()
		}
	}})
	defer clip.Wipe()
	l := loudness{spoke: capture.Speech(clip).Speech}
	l.noise, l.voice = capture.Range(clip)
	return l, err
}

func (s *setup) askMicrophone(ctx context.Context) error {
	switch {
	case s.microphone == "default":
		s.set("audio.source", "")
		return nil
	case s.microphone == "" && s.in == nil:
		return nil
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	all, err := s.sources(short)
	if err != nil {
		s.say("No microphone can be asked for: %v. `vocoder doctor` says what mends it.", err)
		return ctx.Err()
	}
	if s.microphone != "" && s.microphone != "speak" {
		one, err := capture.Choose(all, s.microphone)
		if err != nil {
			return err
		}
		s.say("Microphone: %s", one.Description)
		s.set("audio.source", s.microphone)
		return nil
	}
	all = slices.DeleteFunc(all, func(one capture.Source) bool { return one.Monitor })
	slices.SortStableFunc(all, func(a, b capture.Source) int { // the session's own first
		if a.Default == b.Default {
			return 0
		} else if a.Default {
			return -1
		}
		return 1
	})
	return s.pickMicrophone(ctx, all)
}

// pickMicrophone takes the one that hears the user best. If none does, the user
// is asked, or it is an error.
func (s *setup) pickMicrophone(ctx context.Context, all []capture.Source) error {
	if len(all) == 0 {
		s.say("There is no microphone: plug one in. `vocoder sources` lists them.")
		return nil
	}
	heard := s.hearAll(ctx, all, sync.OnceFunc(func() { s.say("Which microphone? Say a few words into it ...") }))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	best, names := -1, []string{}
	for i, l := range heard {
		if l.spoke && (best < 0 || l.voice-l.noise > heard[best].voice-heard[best].noise) {
			best = i
		}
		names = append(names, soundsLike(all[i], l))
	}
	switch {
	case best >= 0:
		s.say("%s hears you: a voice at %.0f dB, noise at %.0f dB.", all[best].Description, heard[best].voice, heard[best].noise)
	case s.in == nil:
		return fmt.Errorf("%w: no voice was heard: %s", errUnfit, strings.Join(names, "; "))
	default:
		s.say("No voice was heard. `vocoder record --level` shows how loud it is.")
		best = s.choose("Its number:", names)
	}
	if all[best].Default {
		s.set("audio.source", "")
	} else {
		s.set("audio.source", all[best].Name)
	}
	return nil
}

// hearAll listens to all microphones at once. One that cannot be opened hears
// nothing.
func (s *setup) hearAll(ctx context.Context, all []capture.Source, opened func()) []loudness {
	heard := make([]loudness, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			l, err := s.hear(ctx, all[i], opened)
			if err != nil {
				l = loudness{voice: math.Inf(-1), noise: math.Inf(-1)}
			}
			heard[i] = l
		})
	}
	wg.Wait()
	return heard
}

// soundsLike says what became of a microphone that heard no voice.
func soundsLike(one capture.Source, l loudness) string {
	switch {
	case one.Muted:
		return one.Description + ", muted"
	case l.voice < -90:
		return one.Description + ", silent"
	}
	return fmt.Sprintf("%s, at most %.0f dB", one.Description, l.voice)
}

func (s *setup) askRecogniser(ctx context.Context) error {
	switch s.recogniser {
	case "keep":
		return nil
	case "engine":
		s.takeEngine()
		return nil
	case "":
	default:
		s.set("whisper_url", s.recogniser)
		return nil
	}
	if len(s.cfg.Whisper) > 1 {
		return nil // a list of the user's own
	}
	found, shown := s.found(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	installed := s.engine.there()
	if installed && !slices.Contains(found, config.Default().Whisper[0].URL) {
		found, shown = append(found, ""), append(shown, "vocoder-engine: offline, on this machine, English; its model is fetched once, 21 MB")
	}
	switch {
	case len(found) == 0:
		s.say("No recogniser answers, and the offline one, vocoder-engine, is not installed. With it or a Whisper server of your own, run `vocoder setup` again.")
	case s.in == nil && found[0] == "":
		s.say("No recogniser answers. `vocoder setup --recogniser engine` fetches and starts the offline one.")
	case found[0] == "" && s.choose("Which recogniser?", []string{shown[0], "none now"}) == 0:
		s.takeEngine()
	case found[0] == "":
	case s.in == nil || len(found) == 1:
		s.say("Recogniser: %s", shown[0])
		s.set("whisper_url", found[0])
	default:
		if url := found[s.choose("Which recogniser?", shown)]; url != "" {
			s.set("whisper_url", url)
		} else {
			s.takeEngine()
		}
	}
	return nil
}

func (s *setup) takeEngine() {
	s.offline = true
	s.set("whisper_url", config.Default().Whisper[0].URL)
}

// found returns the recognisers that answer: the one that is set, and those at
// the usual places of this machine.
func (s *setup) found(ctx context.Context) (urls, shown []string) {
	usual := []string{
		s.cfg.Whisper[0].URL, config.Default().Whisper[0].URL,
		"http://127.0.0.1:8000/v1/audio/transcriptions", // speaches, vLLM
		"http://127.0.0.1:8080/inference",               // whisper.cpp
		"http://127.0.0.1:9000/asr",                     // whisper-asr-webservice
	}
	for i, url := range usual {
		if i > 0 && url == usual[0] {
			continue
		}
		short, cancel := context.WithTimeout(ctx, 5*time.Second)
		dialect, err := s.answers(short, url)
		cancel()
		if err == nil {
			urls, shown = append(urls, url), append(shown, fmt.Sprintf("%s (%s)", place(url), dialect))
		}
	}
	return urls, shown
}

func (s *setup) askStart(context.Context) error {
	switch s.start {
	case "login", "now", "no":
		return nil
	case "":
	default:
		return usage.Errorf("--start %s: want login, now or no", s.start)
	}
	all := []string{"login", "now", "no"}
	s.start = all[0]
	if s.in != nil {
		s.start = all[s.choose("Start vocoder?", []string{"now and at each login", "only now", "not at all"})]
	}
	return nil
}
