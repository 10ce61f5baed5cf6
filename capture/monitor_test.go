package capture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// talk returns a voice at a level in dB, in the given spans of seconds, over noise at a
// second level.
func talk(seconds, voice, noise float64, spans ...[2]float64) []float64 {
	r := rand.New(rand.NewPCG(1, 1))
	b := tone(seconds, noise, func(float64) float64 { return r.NormFloat64() })
	for _, s := range spans {
		syllables := tone(s[1]-s[0], voice, func(t float64) float64 {
			if math.Mod(t, .25) > .2 {
				return 0
			}
			return math.Sin(2*math.Pi*140*t) + math.Sin(2*math.Pi*280*t)
		})
		for i, v := range syllables {
			b[int(s[0]*pcm.Rate)+i] += v
		}
	}
	return b
}

// tone returns a sound of a length and a level in dB. f has its value at each moment.
func tone(sec, db float64, f func(t float64) float64) []float64 {
	b := make([]float64, int(sec*pcm.Rate))
	sum := 0.0
	for i := range b {
		b[i] = f(float64(i) / pcm.Rate)
		sum += b[i] * b[i]
	}
	for i := range b {
		b[i] *= math.Pow(10, db/20) * -math.MinInt16 / math.Sqrt(sum/float64(len(b)))
	}
	return b
}

// clip returns a sound as a clip. It clips samples above full scale.
func clip(x []float64) pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, len(x))}
	for i, v := range x {
		c.Samples[i] = int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
	}
	return c
}

// monitorAbove returns a monitor that finds a voice in frames above a level in dB.
func monitorAbove(db float64) monitor {
	return monitor{heard: &heardSources{}, tracker: tracker{detector: louder(db)}}
}

// pieces calls f with each piece of a sound, as the recorder does.
func pieces(x []float64, f func([]int16)) {
	for p := range slices.Chunk(clip(x).Samples, vad.Window) {
		f(p)
	}
}

// hum is a sound of constant level in dB.
func hum(length time.Duration, db float64) []float64 {
	return tone(length.Seconds(), db, func(t float64) float64 { return math.Sin(2 * math.Pi * 250 * t) })
}

// peaks is a second of sound in which n samples are at full scale, up and down.
func peaks(n int) []float64 {
	x := hum(time.Second, -40)
	for i := range n {
		x[100+i] = []float64{math.MaxInt16, math.MinInt16}[i%2]
	}
	return x
}

func TestWatch(t *testing.T) {
	for _, tt := range []struct {
		name   string
		source Source
		sound  []float64
		voice  float64 // the level of a voice, in dB
		want   []Problem
	}{
		{"good", Source{}, talk(3, -20, -60, [2]float64{.2, 2}), -35, nil},
		{"good in noise", Source{}, talk(3, -25, -40, [2]float64{.2, 2}), -35, nil},
		{"no speech", Source{}, talk(3, -20, -60), -35, nil},
		{"muted", Source{Muted: true}, make([]float64, pcm.Rate), -35, []Problem{Muted}},
		{"zeros", Source{}, make([]float64, pcm.Rate), -35, []Problem{Silent}},
		{"zeros and no speech", Source{}, append(talk(1, -20, -60), make([]float64, 4*pcm.Rate)...), -35, []Problem{Silent}},
		{"a noise gate", Source{}, append(talk(1, -20, -60), make([]float64, 2*pcm.Rate)...), -35, nil},
		{"clips", Source{}, talk(2, 3, -60, [2]float64{.2, 2}), -35, []Problem{Clipping}},
		{"zeros, then sound", Source{}, append(make([]float64, pcm.Rate), talk(1, -20, -60)...), -35, []Problem{Silent, 0}},
		{"clips, then not", Source{}, append(talk(1, 3, -60, [2]float64{.2, 1}), talk(3, -20, -60)...), -35, []Problem{Clipping, 0}},
		{"too quiet, then not", Source{}, append(talk(2, -60, -80, [2]float64{.2, 2}), talk(1, -20, -80, [2]float64{.2, 1})...), -70, []Problem{Quiet, 0}},
		{"far too quiet", Source{}, talk(3, -60, -80, [2]float64{.2, 2}), -70, []Problem{Quiet}},
		{"too quiet for 15 frames", Source{}, hum(480*time.Millisecond, -60), -70, nil},
		{"too quiet for 16 frames", Source{}, hum(512*time.Millisecond, -60), -70, []Problem{Quiet}},
		{"a word, then too quiet", Source{}, slices.Concat(hum(64*time.Millisecond, -20), hum(2*time.Second, -60)), -70, nil},
		{"31 samples at full scale", Source{}, peaks(31), 0, nil},
		{"32 samples at full scale", Source{}, peaks(32), 0, []Problem{Clipping}},
		{"32 samples, then fewer", Source{}, slices.Concat(peaks(32), peaks(31), peaks(0)), 0, []Problem{Clipping, 0}},
	} {
		var reported []Problem
		w := monitorAbove(tt.voice)
		w.setSource(tt.source, &Hooks{})
		pieces(tt.sound, func(s []int16) {
			w.measureLevel(s, &Hooks{Problem: func(p Trouble) { reported = append(reported, p.Problem) }})
		})
		if !slices.Equal(reported, tt.want) {
			t.Errorf("%s: reported %v, want %v", tt.name, reported, tt.want)
		}
	}
}

// TestZeros checks when zeros are reported: early for a source that never delivered
// anything else, later for one that did, because a noise gate, or a headset that changes
// its profile, delivers zeros as well.
func TestZeros(t *testing.T) {
	zeros := func(seconds float64) []float64 { return make([]float64, int(seconds*pcm.Rate)) }
	noise := talk(1, -20, -60)
	type recording struct {
		source Source // at its beginning
		sound  []float64
		next   *Source // replaces source after sound
		more   []float64
		want   []Problem
	}
	mic, other, muted := Source{Name: "mic"}, Source{Name: "other"}, Source{Name: "mic", Muted: true}
	heard := recording{source: mic, sound: noise}
	for name, all := range map[string][]recording{
		"never heard":                           {{source: mic, sound: zeros(.6), want: []Problem{Silent}}},
		"heard before, a short wait":            {heard, {source: mic, sound: slices.Concat(zeros(2.5), noise)}},
		"heard before, a short wait, each time": {heard, {source: mic, sound: slices.Concat(zeros(1), noise)}, {source: mic, sound: slices.Concat(zeros(1), noise)}},
		"heard before, too long":                {heard, {source: mic, sound: zeros(3.1), want: []Problem{Silent}}},
		"heard before, then sound":              {heard, {source: mic, sound: slices.Concat(zeros(3.1), noise), want: []Problem{Silent, 0}}},
		"another was heard":                     {heard, {source: other, sound: zeros(.6), want: []Problem{Silent}}},
		"the other becomes the source":          {heard, {source: mic, sound: zeros(.4), next: &other, more: zeros(.6), want: []Problem{Silent}}},
		"the heard one becomes the source":      {heard, {source: other, sound: zeros(.4), next: &mic, more: slices.Concat(zeros(.4), noise)}},
		"the change is not counted":             {{source: mic, sound: zeros(.4), next: &other, more: slices.Concat(zeros(.4), noise)}},
		"unmuted, and still zeros":              {{source: muted, sound: zeros(4), next: &mic, more: zeros(.6), want: []Problem{Muted, 0, Silent}}},
		"unmuted, zeros and then sound":         {{source: muted, sound: zeros(4), next: &mic, more: slices.Concat(zeros(.6), noise), want: []Problem{Muted, 0, Silent, 0}}},
		"unmuted, heard before":                 {heard, {source: muted, sound: zeros(4), next: &mic, more: slices.Concat(zeros(.6), noise), want: []Problem{Muted, 0}}},
		"zeros until its end":                   {heard, {source: mic, sound: zeros(1), want: []Problem{Silent}}},
		"the same, never heard":                 {{source: mic, sound: zeros(1), want: []Problem{Silent}}},
		"just as long as none is silent":        {{source: mic, sound: zeros(.5), want: []Problem{Silent}}},
		"a slip of the key":                     {heard, {source: mic, sound: zeros(.3)}},
		"muted until its end":                   {heard, {source: muted, sound: zeros(1), want: []Problem{Muted}}},
		"the last samples are sound":            {heard, {source: mic, sound: slices.Concat(zeros(.992), noise[:100])}},
	} {
		var sources heardSources
		for i, rec := range all {
			var reported []Problem
			h := &Hooks{Problem: func(p Trouble) { reported = append(reported, p.Problem) }}
			w := monitor{heard: &sources, tracker: tracker{detector: louder(-35)}}
			w.setSource(rec.source, h)
			var rest []int16 // as in a session, the samples that fill no frame
			add := func(s []int16) {
				if rest = s; len(s) == vad.Window {
					w.measureLevel(s, h)
					rest = nil
				}
			}
			pieces(rec.sound, add)
			if rec.next != nil {
				w.setSource(*rec.next, h)
				pieces(rec.more, add)
			}
			w.end(rest, len(rec.sound)+len(rec.more), h)
			if !slices.Equal(reported, rec.want) {
				t.Errorf("%s, recording %d: reported %v, want %v", name, i+1, reported, rec.want)
			}
		}
	}
}

// TestZerosOfRecordings checks on whole recordings of a microphone with a noise gate that
// one which begins with zeros has no problem, and that one of nothing but zeros is
// reported when it ends.
func TestZerosOfRecordings(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		sound := make([]int16, 4*pcm.Rate)
		sound[pcm.Rate/20], sound[5*pcm.Rate/2] = 1000, 1000 // in the first and the second recording
		f.set(func(b *behavior) { b.sound = sound })
		c := f.config()
		c.detector = func() detector { return louder(-10) }
		m := runMic(t, c)
		m.ready(time.Second)
		problems := func(recording string, want ...Problem) {
			t.Helper()
			synctest.Wait()
			var got []Problem
			for len(m.problems) > 0 {
				got = append(got, <-m.problems)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: reported %v, want %v", recording, got, want)
			}
		}
		m.record(time.Second)
		problems("with sound")
		m.record(2 * time.Second)
		problems("zeros, then sound")
		h := m.hold()
		<-time.After(2 * time.Second)
		problems("zeros so far")
		h.letGo()
		problems("nothing but zeros", Silent)
		m.record(4 * time.Second)
		problems("zeros for too long", Silent)
	})
}

// TestHeardSources checks that a source which comes with a new name each time does not make
// the list grow, and that one in use stays in it.
func TestHeardSources(t *testing.T) {
	var s heardSources
	for i := range 1000 {
		s.add("mic")
		s.add(fmt.Sprint("headset ", i))
	}
	if len(s.names) > heardSourcesMax || !s.has("mic") || !s.has("headset 999") || s.has("headset 1") {
		t.Errorf("%d sources: %q", len(s.names), s.names)
	}
}

// TestMonitorInTime checks that a problem is reported within a second of speech.
func TestMonitorInTime(t *testing.T) {
	for _, tt := range []struct {
		problem Problem
		sound   []float64
	}{
		{Silent, make([]float64, pcm.Rate)},
		{Clipping, talk(2, 3, -60, [2]float64{0, 2})},
		{Quiet, talk(2, -60, -80, [2]float64{0, 2})},
	} {
		w := monitorAbove(-70)
		at, heard := -1, 0
		pieces(tt.sound, func(s []int16) {
			heard += len(s)
			w.measureLevel(s, &Hooks{Problem: func(p Trouble) {
				if p.Problem == tt.problem && at < 0 {
					at = heard
				}
			}})
		})
		if at < 0 || at > pcm.Rate {
			t.Errorf("%v: reported after %d samples", tt.problem, at)
		}
	}
}

func TestLevel(t *testing.T) {
	var got []Frame
	w := monitorAbove(0)
	pieces(tone(.5, -20, func(t float64) float64 { return math.Sin(2 * math.Pi * 1000 * t) }), func(s []int16) {
		w.measureLevel(s, &Hooks{Frame: func(f Frame) { got = append(got, f) }})
	})
	if len(got) != 15 {
		t.Fatalf("%d frames in half a second", len(got))
	}
	for _, f := range got {
		if f.Level < -20.2 || f.Level > -19.8 || f.Peak < -17.2 || f.Peak > -16.8 {
			t.Errorf("%+v, want -20 and -17 dB", f)
		}
	}
}

// TestFrames checks that both hooks get each frame, and that the clip keeps its
// probability. The last frame of a clip may be incomplete.
func TestFrames(t *testing.T) {
	sound := talk(2.5, -20, -60, [2]float64{.3, 1.3})
	samples := clip(sound).Samples
	var got, own []Frame
	w := monitorAbove(-40)
	w.callerHooks = Hooks{Frame: func(f Frame) { own = append(own, f) }}
	pieces(sound[:pcm.Rate*2], func(s []int16) {
		w.measureLevel(s, &Hooks{Frame: func(f Frame) { got = append(got, f) }})
	})
	if len(got) != 2*pcm.Rate/vad.Window || !slices.Equal(got, own) {
		t.Errorf("%d frames, and %d", len(got), len(own))
	}
	for i, f := range got {
		if want := level(samples[i*vad.Window : (i+1)*vad.Window]); f.Level != want || f.Peak < want || pcm.IsVoice(f.Voice) != (want > -40) {
			t.Errorf("frame %d is %+v, want %.1f dB", i, f, want)
		}
	}
	voice := w.tracker.finish(samples[2*pcm.Rate:], len(samples))
	if want := (len(samples) + vad.Window - 1) / vad.Window; len(voice) != want || voice.Total() < 700*time.Millisecond || voice.Total() > time.Second {
		t.Errorf("%d frames at the end, want %d; a voice for %v", len(voice), want, voice.Total())
	}
	if slices.ContainsFunc(w.tracker.window[:], func(v int16) bool { return v != 0 }) {
		t.Error("sound is left")
	}
}

func TestSilence(t *testing.T) {
	said := talk(6, -20, -50, [2]float64{1, 2}, [2]float64{2.8, 3.5})
	for _, tt := range []struct {
		name    string
		silence Silence
		sound   []float64
		want    float64 // seconds; zero is never
	}{
		{"after speech", Silence{Stop: time.Second}, said, 4.5},
		{"sooner", Silence{Stop: 500 * time.Millisecond}, said, 2.5},
		{"by amplitude", Silence{Stop: time.Second, Amplitude: .01}, said, 4.5},
		{"only who is louder", Silence{Stop: time.Second, Amplitude: .5}, said, 0},
		{"no speech", Silence{Stop: time.Second}, talk(6, -20, -50), 0},
		{"not speech yet", Silence{Start: 3 * time.Second, Stop: time.Second}, said, 0},
		{"never", Silence{}, said, 0},
	} {
		heard, end := 0, 0
		w := monitorAbove(-40)
		w.callerHooks.Frame = func(f Frame) {
			if tt.silence.Add(f) && end == 0 {
				end = heard
			}
		}
		pieces(tt.sound, func(s []int16) {
			heard += len(s)
			w.measureLevel(s, &Hooks{})
		})
		if got := float64(end) / pcm.Rate; got < tt.want-.1 || got > tt.want+.1 {
			t.Errorf("%s: ends after %.2f s, want %.2f", tt.name, got, tt.want)
		}
	}
}

func TestAmplify(t *testing.T) {
	c := pcm.Clip{Rate: pcm.Rate, Samples: []int16{0, 1000, -1000, 10000, -10000, 32767, -32768}}
	Amplify(c, 6.0206)
	if want := []int16{0, 2000, -2000, 20000, -20000}; !slices.Equal(c.Samples[:5], want) {
		t.Errorf("doubled: %v, want %v", c.Samples[:5], want)
	}
	if hi, lo := c.Samples[5], c.Samples[6]; hi < 32000 || lo > -32000 {
		t.Errorf("what is too loud becomes %d and %d", hi, lo)
	}
	// The order of the samples stays the same, so that none wraps around.
	for db := -30.0; db <= 40; db += 7 {
		ramp := pcm.Clip{}
		for v := -32768; v < 32768; v += 256 {
			ramp.Samples = append(ramp.Samples, int16(v))
		}
		Amplify(ramp, db)
		if !slices.IsSorted(ramp.Samples) {
			t.Errorf("%+.0f dB: not in order", db)
		}
	}
}

func TestNormalize(t *testing.T) {
	for _, voice := range []float64{-50, -40, -30, -20, -10} {
		c := clip(talk(3, voice, -90, [2]float64{.5, 1.5}))
		Normalize(c)
		if got := level(c.Samples[pcm.Rate*6/10 : pcm.Rate*14/10]); got < speechLevel-4 || got > speechLevel+2 {
			t.Errorf("speech at %.0f dB becomes %.1f, want %d", voice, got, speechLevel)
		}
	}
	for _, quiet := range [][]int16{nil, make([]int16, 100)} {
		Normalize(pcm.Clip{Samples: quiet})
	}
}

// TestRange checks that Range finds the levels of the voice and of the noise.
func TestRange(t *testing.T) {
	quiet, loud := Range(clip(talk(3, -20, -60, [2]float64{.5, 2.5})))
	if quiet < -64 || quiet > -56 || loud < -26 || loud > -14 {
		t.Errorf("noise at %.1f dB, voice at %.1f dB", quiet, loud)
	}
	if quiet, loud := Range(pcm.Clip{}); quiet != silence || loud != silence {
		t.Errorf("nothing: %v, %v", quiet, loud)
	}
}
