package recognition

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/measure"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/text"
)

// TestLiveReal plays 25 s of a novel, as fast as it was read, to a recognizer. The first word
// must be shown within a second, and nine of ten words before the release. The text must
// not come later than without live words.
func TestLiveReal(t *testing.T) {
	measure.Wanted(t)
	cfg := settings.Default()
	cfg.Whisper[0].URL = liveServer(t)
	r, err := New(cfg, Options{Env: noEnv, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	clip := novel(t)
	for range 3 { // it learns how quick the recognizer is
		for _, length := range []int{2, 6} {
			part := pcm.Clip{Rate: pcm.Rate, Samples: slices.Clone(clip.Samples[:length*pcm.Rate])}
			part.Voice = vad.Detect(part)
			if _, err := r.Transcribe(t.Context(), part); err != nil {
				t.Fatal(err)
			}
		}
	}
	var with, without []time.Duration
	var first, shown []float64
	for range 3 {
		l := liveSpeaker{clip: clip}
		without = append(without, l.speak(t, r, false))
		with = append(with, l.speak(t, r, true))
		came, share := l.report(t)
		first, shown = append(first, inMS(came)...), append(shown, share)
	}
	measure.Tell(t, "first live words", "ms", first...)
	measure.Tell(t, "live words before the release", "%", shown...)
	measure.Tell(t, "release to text, with live words", "ms", inMS(with...)...)
	measure.Tell(t, "release to text, without live words", "ms", inMS(without...)...)
	t.Logf("from the release to the text: %v, without live words %v", with, without)
	if slices.Min(with) > slices.Min(without)+50*time.Millisecond {
		t.Error("the text comes later with live words")
	}
}

// liveServer starts vocoder-engine, and returns its URL.
func liveServer(t *testing.T) string {
	t.Helper()
	engine, err := realserver.StartEngine(context.WithoutCancel(t.Context()), realserver.Moonshine, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Stop(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + engine.Addr + "/v1/transcribe"
}

// inMS returns durations in milliseconds.
func inMS(all ...time.Duration) (ms []float64) {
	for _, d := range all {
		ms = append(ms, float64(d.Microseconds())/1000)
	}
	return ms
}

// novel returns the sentences of a novel in their order.
func novel(t *testing.T) pcm.Clip {
	t.Helper()
	all, err := speech.Clips()
	if err != nil {
		t.Fatal(err)
	}
	clip := pcm.Clip{Rate: pcm.Rate}
	for _, c := range all {
		if strings.HasPrefix(c.Name, "sense_and_sensibility") {
			clip.Samples = append(clip.Samples, c.Samples...)
		}
	}
	clip.Voice = vad.Detect(clip)
	return clip
}

type liveSpeaker struct {
	clip pcm.Clip

	mu    sync.Mutex
	began time.Time
	first time.Duration // when the first words were shown
	last  string        // the last words
	text  string
	shows int
}

// speak returns how long after the release the text was there. The tail is 200 ms.
func (l *liveSpeaker) speak(t *testing.T, r *Recognizer, live bool) time.Duration {
	t.Helper()
	released := make(chan struct{})
	var show *Live
	if live {
		show = &Live{Wanted: func() bool { return true }, Show: l.show, Released: released}
	}
	l.began, l.first, l.last, l.shows = time.Now(), 0, "", 0
	u := r.Begin(func() language.Choice { return language.Of("en") }, show)
	heard := pcm.Clip{Rate: pcm.Rate, Samples: slices.Clone(l.clip.Samples), Voice: slices.Clone(l.clip.Voice), Spoken: language.Of("en")}
	const tail = 6 // frames
	for i := range len(heard.Samples) / vad.Window {
		if i == len(heard.Samples)/vad.Window-tail {
			close(released)
		}
		<-time.After(time.Until(l.began.Add(time.Duration(i+1) * pcm.VoiceFrame)))
		u.Hear(heard.Samples[i*vad.Window : (i+1)*vad.Window])
		u.Frame(capture.Frame{Voice: heard.Voice[i]})
	}
	r.gain(heard)
	words, took := ask(t, u.Transcribe, heard)
	l.text = words
	return took + tail*pcm.VoiceFrame
}

func (l *liveSpeaker) show(stable, last string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shows == 0 {
		l.first = time.Since(l.began)
	}
	l.shows++
	l.last = stable + last
}

// report returns how long after the first sound of the voice words were shown, and how many of
// the words before the release, in percent.
func (l *liveSpeaker) report(t *testing.T) (first time.Duration, percent float64) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	onset := l.clip.Voice.Before()
	said, shown := strings.Fields(text.Plain(l.text)), strings.Fields(text.Plain(l.last))
	same := common(said, shown)
	t.Logf("first words %v after the voice began, %d of %d words before the release, in %d steps", (l.first - onset).Round(time.Millisecond), same, len(said), l.shows)
	if l.shows == 0 || l.first-onset > 1300*time.Millisecond { // a word takes 300 ms
		t.Error("the first word was shown too late")
	}
	if 10*same < 9*len(said) {
		t.Errorf("shown %q\nof    %q", l.last, l.text)
	}
	return l.first - onset, 100 * float64(same) / float64(len(said))
}

// common returns how many words two texts have in common, in the same order.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		before := 0
		for j, y := range b {
			here := row[j+1]
			if row[j+1] = max(here, row[j]); x == y {
				row[j+1] = before + 1
			}
			before = here
		}
	}
	return row[len(b)]
}
