package setup

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
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/key/legend"
	"github.com/arealicehole/vocoder/internal/language"
)

// askKey asks for the key to hold.
func (s *Setup) askKey(ctx context.Context) error {
	switch {
	case s.Key == "keep" || s.Key == "" && s.in == nil:
		return nil
	case s.Key != "":
		s.set("key", s.Key)
		return nil
	case s.isFixed("key"):
		return nil
	}
	now := settings.ChordName(s.cfg.Bindings[0].Keys)
	s.printLine("Press the key to hold while you speak (any letter keeps %s) ...", legend.Of(now))
	name, err := s.learn(ctx)
	switch {
	case errors.Is(err, evdev.ErrWrites), errors.Is(err, evdev.ErrClicks), errors.Is(err, settings.ErrRepeats), errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		s.printLine("%s it is.", legend.AndName(now))
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		s.printLine("The keyboard cannot be read here (%v): %s stays; `vocoder doctor` says more.", err, now)
	default:
		s.printLine("%s it is.", legend.AndName(name))
		s.set("key", name)
	}
	return nil
}

// speakFor is how long setup listens to the microphones while the user says a few words.
const speakFor = 4 * time.Second

// askMicrophone asks for the microphone: the user speaks into it.
func (s *Setup) askMicrophone(ctx context.Context) error {
	switch {
	case s.Microphone == "default":
		s.set("audio.source", "")
		return nil
	case s.Microphone == "" && (s.in == nil || s.isFixed("audio.source")):
		return nil
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	all, err := s.sources(short)
	if err != nil {
		s.printLine("No microphone can be asked for: %v. `vocoder doctor` says what mends it.", err)
		return ctx.Err()
	}
	if s.Microphone != "" && s.Microphone != "speak" {
		one, err := capture.Choose(all, s.Microphone)
		if err != nil {
			return err
		}
		s.printLine("Microphone: %s", one.Description)
		s.set("audio.source", s.Microphone)
		return nil
	}
	all = slices.DeleteFunc(all, func(one capture.Source) bool { return one.Monitor })
	if i := slices.IndexFunc(all, func(one capture.Source) bool { return one.Default }); i > 0 {
		first := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, first)
	}
	return s.pickMicrophone(ctx, all)
}

// pickMicrophone sets the microphone in which the user's voice is clearest. If there is
// no voice in any, it asks the user, or returns an error without a terminal.
func (s *Setup) pickMicrophone(ctx context.Context, all []capture.Source) error {
	if len(all) == 0 {
		s.printLine("There is no microphone: plug one in. `vocoder sources` lists them.")
		return nil
	}
	heard := s.listenAll(ctx, all, sync.OnceFunc(func() { s.printLine("Which microphone? Say a few words into it ...") }))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	best, names := -1, []string{}
	for i, l := range heard {
		if l.Voice && (best < 0 || l.Level-l.Noise > heard[best].Level-heard[best].Noise) {
			best = i
		}
		names = append(names, describe(all[i], l))
	}
	switch {
	case best >= 0:
		s.printLine("%s hears you: a voice at %.0f dB, noise at %.0f dB.", all[best].Description, heard[best].Level, heard[best].Noise)
	case s.in == nil:
		return fmt.Errorf("%w: no voice was heard: %s", microphone.ErrUnfit, strings.Join(names, "; "))
	default:
		s.printLine("No voice was heard. `vocoder record --level` shows how loud it is.")
		var err error
		if best, err = s.choose(ctx, "Choose a microphone", names); err != nil {
			return err
		}
	}
	if all[best].Default {
		s.set("audio.source", "")
	} else {
		s.set("audio.source", all[best].Name)
	}
	return nil
}

// listenAll listens to all microphones at once. A microphone that cannot be opened gets a
// report without sound.
func (s *Setup) listenAll(ctx context.Context, all []capture.Source, opened func()) []microphone.Report {
	heard := make([]microphone.Report, len(all))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			var err error
			if heard[i], err = s.listen(ctx, all[i], opened); err != nil {
				heard[i] = microphone.Report{Level: math.Inf(-1), Noise: math.Inf(-1)}
			}
		})
	}
	wg.Wait()
	return heard
}

// describe returns the text of a microphone in the list to choose from.
func describe(one capture.Source, l microphone.Report) string {
	switch {
	case one.Muted:
		return one.Description + ", muted"
	case l.Level < -90:
		return one.Description + ", silent"
	}
	return fmt.Sprintf("%s, at most %.0f dB", one.Description, l.Level)
}

// askRecognizer asks for the recognizer, if there are several. Those that know the user's
// languages come first.
func (s *Setup) askRecognizer(ctx context.Context) error {
	switch s.Recognizer {
	case "keep":
		return nil
	case "engine":
		return s.proposeEngine(ctx)
	case "":
	default:
		s.set("whisper_url", s.Recognizer)
		return nil
	}
	if s.isFixed("whisper_url") {
		return nil
	}
	found := s.findRecognizers(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.in != nil && len(found) == 0 {
		s.printServers()
	}
	usual := config.Default().Whisper[0].URL
	if s.engine.installed() && !slices.ContainsFunc(found, func(c candidate) bool { return c.url == usual && len(c.lacks) == 0 }) {
		offers, err := s.offers(ctx)
		if err != nil {
			return err
		}
		found = append(found, offers...)
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return min(len(a.lacks), 1) - min(len(b.lacks), 1) })
	return s.pickRecognizer(ctx, found)
}

// pickRecognizer sets one of the recognizers in found, the best of which comes first. It
// asks only if there is a choice. Without the user's consent, setup fetches no model.
func (s *Setup) pickRecognizer(ctx context.Context, found []candidate) error {
	fetches := func(c candidate) bool { return c.url == "" && c.size > 0 }
	offered := slices.ContainsFunc(found, fetches)
	if s.in == nil {
		found = slices.DeleteFunc(found, fetches)
	}
	var shown []string
	for _, c := range found {
		shown = append(shown, c.shown)
	}
	i := 0
	switch {
	case len(found) == 0 && offered:
		s.printLine("No recognizer answers. `vocoder setup --recogniser engine` fetches and starts the offline one.")
		return nil
	case len(found) == 0:
		s.printLine("No recognizer answers, and the offline one, vocoder-engine, is not installed. With it or a Whisper server of your own, run `vocoder setup` again.")
		return nil
	case s.in == nil || len(found) == 1 && found[0].url != "":
		s.printLine("Recognizer: %s", shown[0])
		if offered && len(found[0].lacks) > 0 {
			s.printLine("`vocoder setup --recogniser engine` fetches and starts one that knows it.")
		}
	default:
		if !slices.ContainsFunc(found, func(c candidate) bool { return c.url != "" }) {
			shown = append(shown, "none now")
		}
		var err error
		if i, err = s.choose(ctx, "Which recognizer?", shown); err != nil || i == len(found) {
			return err
		}
	}
	if found[i].url == "" {
		s.useEngine(found[i])
	} else {
		s.set("whisper_url", found[i].url)
	}
	return nil
}

// useEngine sets vocoder-engine with a model as the recognizer. Run starts it.
func (s *Setup) useEngine(c candidate) {
	s.offline, s.model, s.fetch = true, c.model, c.size > 0
	s.set("whisper_url", config.Default().Whisper[0].URL)
}

// A candidate is a recognizer to choose from.
type candidate struct {
	url   string // empty for an engine that does not run yet
	shown string
	lacks []string // the user's languages that it does not know
	model string   // of the engine
	size  int64    // of the model's download, in bytes; 0 if it is there
}

// findRecognizers returns the recognizers that answer: the one of the settings, and those
// at the usual addresses of this machine.
func (s *Setup) findRecognizers(ctx context.Context) (all []candidate) {
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
		h, err := s.probe(short, url)
		cancel()
		if err != nil {
			continue
		}
		c := candidate{url: url, shown: fmt.Sprintf("%s (%s)", recognition.Place(url), h.Dialect), lacks: h.Lacks(s.spoken.Known())}
		switch len(h.Models) {
		case 0:
		case 1:
			c.shown += ", model " + h.Models[0]
		default:
			c.shown += fmt.Sprintf(", %d models, first %s", len(h.Models), h.Models[0])
		}
		if len(c.lacks) > 0 {
			c.shown += ", does not know " + language.Names(c.lacks)
		}
		all = append(all, c)
	}
	return all
}

// starts are the answers to when the daemon starts.
var starts = []string{"login", "now", "no"}

// askStart asks when the daemon starts.
func (s *Setup) askStart(ctx context.Context) error {
	switch {
	case s.Start != "":
		return nil
	case s.store.Unit() == "":
		s.Start = "no"
		return nil
	}
	i := 0
	if s.in != nil {
		var err error
		if i, err = s.choose(ctx, "Start vocoder?", []string{"now and at each login", "only now", "not at all"}); err != nil {
			return err
		}
	}
	s.Start = starts[i]
	return nil
}
