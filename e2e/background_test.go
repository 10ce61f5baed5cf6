//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// TestBackground checks that a minute of speech with pauses is transcribed during the
// recording. The text then comes about as soon as after one sentence. The words are as
// good as those of the whole clip at once.
func TestBackground(t *testing.T) {
	// A host that is busy loses sound on its way to the machine.
	if os.Getenv("VOCODER_SWEEP") == "" {
		t.Skip("make sweep-background runs this")
	}
	d := newRealSession(t)
	log := d.journal(t)
	d.say(t, d.clips[0].Clip) // opens the microphone
	log.until(t, contains("utterance ", "release_to_text="))
	var waits []time.Duration
	for _, length := range []time.Duration{5 * time.Second, time.Minute} {
		clip := d.longSpeech(length)
		ctx := within(t, clip.Duration()+2*time.Minute)
		ok(t, m.ClearTyped(ctx))
		ok(t, m.KeyDown(ctx, defaultKey))
		pass(t, 200*time.Millisecond)
		err := m.Play(ctx, clip.Clip)
		if length == time.Minute { // the key is still down
			for range 3 {
				t.Log(log.until(t, contains("recognizer asked")))
			}
		}
		pass(t, 300*time.Millisecond)
		ok(t, m.KeyUp(context.Background(), defaultKey))
		ok(t, err)
		end := log.until(t, contains("utterance ", "release_to_text="))
		wait := released(t, end)
		waits = append(waits, wait)
		got := text(m.Typed(ctx))(t)
		one, own := speech.Compare(clip.Words, got), speech.Compare(clip.Words, d.recognize(t, clip.Clip))
		t.Logf("%v: word error rate %.1f %%, in one %.1f %%; %s\n%s", clip.Duration().Round(time.Second), 100*one.Rate(), 100*own.Rate(), end, got)
		if one.Rate() > own.Rate()+0.02 || strings.TrimSpace(got) == "" {
			t.Errorf("%v: word error rate %.1f %%, in one %.1f %%", length, 100*one.Rate(), 100*own.Rate())
		}
	}
	t.Logf("recognized %v after the release of 5 s, %v after that of a minute", waits[0], waits[1])
}

// longSpeech returns clips joined with pauses, of about the length.
func (d *realSession) longSpeech(length time.Duration) speech.Clip {
	pause := make([]int16, pcm.Rate*7/10)
	all := speech.Clip{Name: "longSpeech", Clip: pcm.Clip{Rate: pcm.Rate}}
	for i := 0; all.Duration() < length-4*time.Second; i++ {
		c := d.clips[(5+i)%len(d.clips)] // the sentences first
		all.Samples = slices.Concat(all.Samples, c.Samples, pause)
		all.Words += " " + c.Words
	}
	return all
}

var recognizerTook = regexp.MustCompile(`recogniser=(\S+)`)

// released returns how long after the recording the recognizer took, from a log line
// about the end of an utterance.
func released(t *testing.T, line string) time.Duration {
	t.Helper()
	found := recognizerTook.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("no time in %q", line)
	}
	took, err := time.ParseDuration(found[1])
	ok(t, err)
	return took
}
