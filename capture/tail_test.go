package capture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// packetLatency is the time from the microphone to the client, without the time in which
// the packet fills.
const packetLatency = 20 * time.Millisecond

// recordSound records a sound from its beginning, and releases the key at a moment of the
// sound. The server sends 20 ms at a time. recordSound returns the recording and the time
// from the release to the recording.
func recordSound(t *testing.T, c Config, f *fake, sound []int16, release time.Duration) (clip pcm.Clip, took time.Duration) {
	t.Helper()
	f.set(func(b *behavior) { b.sound, b.latency, b.exact = sound, packetLatency, true })
	first := make(chan time.Time, 1)
	c.Hooks.Samples = func([]int16) {
		select {
		case first <- time.Now():
		default:
		}
	}
	m := runMic(t, c)
	m.ready(time.Second)
	h := m.hold()
	began := (<-first).Add(-fragmentBytes*time.Second/(2*pcm.Rate) - packetLatency)
	<-time.After(time.Until(began.Add(release)))
	h.letGo()
	if h.err != nil {
		t.Fatal(h.err)
	}
	if n := len(h.clip.Samples); n > len(sound) || !slices.Equal(h.clip.Samples, sound[:n]) {
		t.Fatalf("%v recorded are not the beginning of the sound", h.clip.Duration())
	}
	return h.clip, time.Since(h.release)
}

func readWAV(t *testing.T, file string) pcm.Clip {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := pcm.ReadWAV(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTailOfSpeech releases the key during speech, in the last word, and after it.
func TestTailOfSpeech(t *testing.T) {
	speech := readWAV(t, filepath.Join("vad", "testdata", "speech.wav"))
	const end = 3 * time.Second // where the speech is cut
	sound := append(slices.Clone(speech.Samples[:samples(end)]), make([]int16, 2*pcm.Rate)...)
	for _, tt := range []struct {
		name                 string
		release, least, most time.Duration // least and most length of the recording
	}{
		{"in the midst of speech", time.Second, time.Second + testTail, time.Second + testTail},
		{"in the last word", end - 100*time.Millisecond, end + 60*time.Millisecond, end + 300*time.Millisecond},
		{"in silence", end + 500*time.Millisecond, end + 500*time.Millisecond + minTail, end + 600*time.Millisecond + minTail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				c := f.config()
				c.detector = func() detector { return vad.New() }
				clip, took := recordSound(t, c, f, sound, tt.release)
				if d := clip.Duration(); d < tt.least-time.Millisecond || d > tt.most+time.Millisecond {
					t.Errorf("recorded until %v, want %v to %v", d, tt.least, tt.most)
				}
				if tail := clip.Duration() - tt.release; took > tail+2*packetLatency {
					t.Errorf("it came %v after the release, with a tail of %v", took, tail)
				}
				if tt.release > end && took > 120*time.Millisecond {
					t.Errorf("released in silence, it came %v after the release", took)
				}
			})
		})
	}
}

// A tailRecording is one recording of TestTailFiles.
type tailRecording struct {
	File    string        // of the sound: WAV at pcm.Rate
	Release time.Duration // moment of the sound at which the key is released
	Fixed   time.Duration // the length of a tail that ignores the voice; zero is the default tail

	End  time.Duration // moment of the sound at which the recording ended
	Took time.Duration // from the release to the recording
}

// TestTailFiles makes the recordings that the file recordings.json in the folder
// VOCODER_TAILS lists, and writes their ends to it, for make sweep-voice.
func TestTailFiles(t *testing.T) {
	folder := os.Getenv("VOCODER_TAILS")
	if folder == "" {
		t.Skip("make sweep-voice runs this")
	}
	file := filepath.Join(folder, "recordings.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []tailRecording
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	t.Run("recordings", func(t *testing.T) {
		for i := range all {
			r := &all[i]
			sound := readWAV(t, filepath.Join(folder, r.File)).Samples
			t.Run(fmt.Sprintf("%s released at %v, %v", r.File, r.Release, r.Fixed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newFake()
					t.Cleanup(f.served.Wait)
					c := f.config()
					c.detector = func() detector { return vad.New() }
					if r.Fixed > 0 {
						c.Tail, c.detector = r.Fixed, nil
					}
					clip, took := recordSound(t, c, f, sound, r.Release)
					r.End, r.Took = clip.Duration(), took
				})
			})
		}
	})
	if b, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Error(err)
	}
}

// A fade is a detector that returns one probability after the other.
type fade []float32

func (f *fade) Next([]int16) float32 {
	p := (*f)[0]
	*f = (*f)[1:]
	return p
}

func (f *fade) Reset() {}

// TestFade checks that a word that fades has not ended.
func TestFade(t *testing.T) {
	word := fade{0, 1, 0.3, 0.25, 0.2, 0.19, 0.1, 0}
	want := []int{1, 0, 0, 0, 0, 1, 2, 3}
	tr := tracker{detector: &word}
	for i, n := range want {
		if _, whole := tr.add(make([]int16, vad.Window)); !whole || tr.quietFrames != n {
			t.Errorf("frame %d: %d quiet frames, want %d", i, tr.quietFrames, n)
		}
	}
}
