package whisper

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	human "github.com/arealicehole/vocoder/internal/test/speech"
)

// realURL is the recognizer that VOCODER_TEST_URL names, else vocoder-engine.
func realURL(t *testing.T) string {
	t.Helper()
	if u := os.Getenv("VOCODER_TEST_URL"); u != "" {
		return u
	}
	return startEngine(t)
}

// sentences returns human clips of about the length, with a pause after each,
// and their words. The last is a sentence of five seconds.
func sentences(t *testing.T, length time.Duration) (stretches []pcm.Clip, truth string) {
	t.Helper()
	clips, err := human.Clips()
	if err != nil {
		t.Fatal(err)
	}
	var last human.Clip
	for _, c := range clips {
		if (c.Duration() - 5*time.Second).Abs() < (last.Duration() - 5*time.Second).Abs() {
			last = c
		}
	}
	pause := make([]int16, pcm.Rate*6/10)
	add := func(c human.Clip) {
		stretches = append(stretches, pcm.Clip{Rate: c.Rate, Samples: slices.Concat(c.Samples, pause)})
		truth += " " + c.Words
	}
	for i := 0; duration(stretches) < length-last.Duration(); i++ {
		add(clips[i%len(clips)])
	}
	add(last)
	return stretches, truth
}

// errorRate is the word error rate of a text, in percent.
func errorRate(truth, text string) float64 {
	return human.Compare(truth, text).Rate() * 100
}

// feed gives stretches as they are spoken, and returns the words and how long
// after the last of them they were there.
func feed(t *testing.T, c *Client, stretches []pcm.Clip) (string, time.Duration) {
	t.Helper()
	said := make(chan pcm.Clip)
	var released time.Time
	go func() {
		defer close(said)
		for _, s := range stretches {
			time.Sleep(s.Duration())
			said <- s
		}
		released = time.Now()
	}()
	text, err := c.Follow(t.Context(), said, nil)
	if err != nil {
		t.Fatal(err)
	}
	return text, time.Since(released)
}

// With a real recognizer: transcribing while the user speaks costs no words,
// and after a minute the text is there as soon as after five seconds. It takes
// as long as the speech.
func TestRealFollow(t *testing.T) {
	c := client(t, Config{URL: realURL(t), Language: language.Of("en")})
	var short []time.Duration
	stretches, _ := sentences(t, 5*time.Second)
	for range 4 {
		_, after := feed(t, c, stretches)
		short = append(short, after)
	}
	base := (short[1] + short[2] + short[3]) / 3 // the first finds the recognizer
	for _, length := range []time.Duration{time.Minute, 2 * time.Minute} {
		stretches, truth := sentences(t, length)
		whole, err := c.Transcribe(t.Context(), join(stretches))
		if err != nil {
			t.Fatal(err)
		}
		text, after := feed(t, c, stretches)
		inOne, inParts := errorRate(truth, whole), errorRate(truth, text)
		ratio := float64(after) / float64(base)
		t.Logf("%v: word error rate %.1f %% in one, %.1f %% in parts; text after %v, %.2f times that of 5 s (%v)",
			length, inOne, inParts, after.Round(time.Millisecond), ratio, base.Round(time.Millisecond))
		if inParts > inOne+1 {
			t.Errorf("%v: word error rate %.1f %% in parts, %.1f %% in one", length, inParts, inOne)
		}
		if length == time.Minute && ratio > 1.3 {
			t.Errorf("%v: %.2f times as long as after 5 s", length, ratio)
		}
	}
}

// TestRealDialect checks that the client finds the dialect of a real recognizer.
func TestRealDialect(t *testing.T) {
	c := client(t, Config{URL: realURL(t)})
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	stretches, truth := sentences(t, 10*time.Second)
	text, err := c.Transcribe(t.Context(), join(stretches))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, word error rate %.1f %%", c.Health()[0].Dialect, errorRate(truth, text))
}
