package capture

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestLimiter: the limiter bends the sound without a step, in the same way up and down, and
// what is twice too loud still has its shape.
func TestLimiter(t *testing.T) {
	for db := 1.0; db <= 6; db++ {
		up, down := pcm.Clip{}, pcm.Clip{}
		for v := range 32768 {
			up.Samples, down.Samples = append(up.Samples, int16(v)), append(down.Samples, int16(-v))
		}
		Amplify(up, db)
		Amplify(down, db)
		for v := range 32767 {
			if step := up.Samples[v+1] - up.Samples[v]; step < 0 || step > 3 || down.Samples[v] != -up.Samples[v] {
				t.Fatalf("%.0f dB: %d becomes %d, the next %d; below zero %d", db, v, up.Samples[v], up.Samples[v+1], down.Samples[v])
			}
		}
		if half, top := up.Samples[31000], up.Samples[32767]; half == top || top == math.MaxInt16 {
			t.Errorf("%.0f dB: the loudest become %d and %d", db, half, top)
		}
	}
}

// TestLevels: the level is that of all samples, and the peak that of the farthest from zero,
// above or below.
func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		samples     []int16
		level, peak float64
	}{
		{[]int16{0, 0}, -96, -96},
		{[]int16{math.MinInt16, math.MinInt16}, 0, 0},
		{[]int16{16384, -16384}, -6.02, -6.02},
		{[]int16{0, 16384}, -9.03, -6.02},
		{[]int16{100, -16384, 0, 0}, -12.04, -6.02},
	} {
		if got := level(tt.samples); math.Abs(got-tt.level) > .01 {
			t.Errorf("%v: level %.2f dB, want %.2f", tt.samples, got, tt.level)
		}
		if got := peak(tt.samples); math.Abs(got-tt.peak) > .01 {
			t.Errorf("%v: peak %.2f dB, want %.2f", tt.samples, got, tt.peak)
		}
	}
}

// TestLoudestFifth: the voice is the loudest fifth of a clip, and the noise its quietest
// tenth. One loud frame does not decide.
func TestLoudestFifth(t *testing.T) {
	frames := func(n int, db float64) []float64 { return hum(time.Duration(n)*pcm.VoiceFrame, db) }
	for _, tt := range []struct {
		name        string
		sound       []float64
		quiet, loud float64
	}{
		{"a fifth", slices.Concat(frames(80, -60), frames(20, -20)), -60, -20},
		{"a tenth", slices.Concat(frames(10, -70), frames(90, -40)), -70, -40},
		{"one loud frame", slices.Concat(frames(99, -20), frames(1, 0)), -20, -19},
		{"one quiet frame", slices.Concat(frames(99, -20), frames(1, -60)), -24, -20},
		{"few frames", slices.Concat(frames(2, -60), frames(1, -20)), -60, -20},
	} {
		c := clip(tt.sound)
		quiet, loud := Range(c)
		if math.Abs(quiet-tt.quiet) > .2 || math.Abs(loud-tt.loud) > .2 {
			t.Errorf("%s: noise at %.1f dB, voice at %.1f dB; want %.0f and %.0f", tt.name, quiet, loud, tt.quiet, tt.loud)
		}
		Normalize(c)
		if _, loud := Range(c); math.Abs(loud-speechLevel) > 1 {
			t.Errorf("%s: the voice is brought to %.1f dB", tt.name, loud)
		}
	}
	faint := clip(frames(100, -70))
	Normalize(faint)
	if _, loud := Range(faint); loud < -70+mostGain-2 || loud > -70+mostGain+2 {
		t.Errorf("what is too faint is brought to %.1f dB", loud)
	}
	click := pcm.Clip{Samples: make([]int16, 2*pcm.Rate)}
	click.Samples[pcm.Rate] = 1000
	if Normalize(click); click.Samples[pcm.Rate] != 1000 {
		t.Errorf("a click in silence becomes %d", click.Samples[pcm.Rate])
	}
}

// TestSilenceToTheFrame: a pause is reported with the frame that completes it, after just
// enough voice.
func TestSilenceToTheFrame(t *testing.T) {
	voice, still := Frame{Voice: 1, Level: -20}, Frame{Level: -20}
	least := int((pcm.LeastVoice + pcm.VoiceFrame - 1) / pcm.VoiceFrame)
	for _, tt := range []struct {
		name    string
		silence Silence
		frames  []Frame
		want    int // of the first frame that ends the recording; -1 is none
	}{
		{"just enough voice", Silence{Stop: 320 * time.Millisecond}, slices.Concat(slices.Repeat([]Frame{voice}, least), slices.Repeat([]Frame{still}, 12)), least + 9},
		{"a frame too few", Silence{Stop: 320 * time.Millisecond}, slices.Concat(slices.Repeat([]Frame{voice}, least-1), slices.Repeat([]Frame{still}, 12)), -1},
		{"a start of its own", Silence{Start: 64 * time.Millisecond, Stop: 320 * time.Millisecond}, slices.Concat(slices.Repeat([]Frame{voice}, 2), slices.Repeat([]Frame{still}, 12)), 11},
		{"less than that", Silence{Start: 96 * time.Millisecond, Stop: 320 * time.Millisecond}, slices.Concat(slices.Repeat([]Frame{voice}, 2), slices.Repeat([]Frame{still}, 12)), -1},
		{"too short a pause", Silence{Stop: 320 * time.Millisecond}, slices.Repeat(slices.Concat(slices.Repeat([]Frame{voice}, least), slices.Repeat([]Frame{still}, 9)), 3), -1},
	} {
		if got := slices.IndexFunc(tt.frames, tt.silence.Add); got != tt.want {
			t.Errorf("%s: ends with frame %d, want %d", tt.name, got, tt.want)
		}
	}
}
