package capture

import (
	"math"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// quietProbability is the probability of a voice below which a frame is quiet. The end
// of a word fades. Of 36,000 releases within the last word of a clip, 17 lose 30 ms of
// it or more. With 0.3 it is 24 of them, with 0.1 it is 11. But the noise of a loud room
// is often above 0.1, and the tail would not end.
const quietProbability = 0.2

// A tracker detects the voice of a recording, frame by frame.
type tracker struct {
	detector    detector
	window      [vad.Window]int16
	n           int       // samples of the present frame
	voice       pcm.Voice // one probability for each frame so far
	quietFrames int       // quiet frames in a row, up to the newest
}

// missing returns how many samples the present frame lacks.
func (t *tracker) missing() int { return len(t.window) - t.n }

// add adds samples, at most as many as the present frame lacks. If that completes the
// frame, add returns it.
func (t *tracker) add(s []int16) (f Frame, whole bool) {
	t.n += copy(t.window[t.n:], s)
	if t.n < len(t.window) {
		return Frame{}, false
	}
	t.n = 0
	f = Frame{Voice: t.detector.Next(t.window[:]), Level: level(t.window[:]), Peak: peak(t.window[:])}
	t.voice = append(t.voice, f.Voice)
	if t.quietFrames++; f.Voice >= quietProbability {
		t.quietFrames = 0
	}
	return f, true
}

// finish adds the last samples of a recording of length samples, returns its voice and
// wipes the rest of its sound.
func (t *tracker) finish(last []int16, length int) pcm.Voice {
	for len(last) > 0 {
		piece := last[:min(len(last), t.missing())]
		t.add(piece)
		last = last[len(piece):]
	}
	if t.n > 0 {
		clear(t.window[t.n:])
		t.add(t.window[t.n:])
	}
	t.wipe()
	frames := (length + vad.Window - 1) / vad.Window
	return t.voice[:min(frames, len(t.voice))]
}

// wipe overwrites the sound that the tracker holds.
func (t *tracker) wipe() {
	clear(t.window[:])
	t.detector.Reset()
}

// A Silence reports when a recording should end: speech was followed by a pause. The
// zero Silence never does. It is for one recording and one goroutine, such as that of
// Hooks.Frame.
type Silence struct {
	// Start is how much voice there must be before a pause. Zero means pcm.LeastVoice.
	Start time.Duration
	// Stop is the length of the pause. Zero means never.
	Stop time.Duration
	// Amplitude is the least level of a voice, as a part of full scale. Quieter voices
	// do not count. Zero counts all.
	Amplitude float64

	spoken, still time.Duration
}

// Add adds the next frame and reports whether the recording should end.
func (s *Silence) Add(f Frame) bool {
	start := s.Start
	if start <= 0 {
		start = pcm.LeastVoice
	}
	s.still += pcm.VoiceFrame
	if pcm.IsVoice(f.Voice) && (s.Amplitude <= 0 || f.Level > dB(s.Amplitude*-math.MinInt16)) {
		s.spoken += pcm.VoiceFrame
		s.still = 0
	}
	return s.Stop > 0 && s.spoken >= start && s.still >= s.Stop
}
