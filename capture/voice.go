package capture

import (
	"math"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// quietProbability is below which probability of a voice a frame is quiet. The end
// of a word fades: of 36,000 releases within the last word of a clip, 17 lose
// 30 ms of it or more. With 0.3 they are 24, with 0.1 they are 11; but the
// noise of a loud room is often above 0.1, and the tail would not end.
const quietProbability = 0.2

// A tracker follows the voice of a recording, frame by frame.
type tracker struct {
	detector    detector
	window      [vad.Window]int16
	n           int       // samples of the present frame
	voice       pcm.Voice // of the frames so far
	quietFrames int       // frames since the last that was not quiet
}

// missing returns how many samples the present frame lacks.
func (t *tracker) missing() int { return len(t.window) - t.n }

// add takes samples, no more than the present frame lacks, and returns the frame
// if that is whole then.
func (t *tracker) add(s []int16) (f Frame, whole bool) {
	t.n += copy(t.window[t.n:], s)
	if t.n < len(t.window) {
		return Frame{}, false
	}
	t.n = 0
	f = Frame{Voice: t.detector.Next(t.window[:]), Level: level(t.window[:])}
	t.voice = append(t.voice, f.Voice)
	if t.quietFrames++; f.Voice >= quietProbability {
		t.quietFrames = 0
	}
	return f, true
}

// finish returns the voice of a whole recording, whose last samples were not added
// yet, and wipes what is left of its sound.
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

// wipe overwrites the sound that it knows.
func (t *tracker) wipe() {
	clear(t.window[:])
	t.detector.Reset()
}

// A Silence ends a recording by itself: it is told what is heard, and says when
// nobody has spoken for a while after somebody had. The zero Silence never
// does. It is for one recording and one goroutine, such as Hooks.Frame.
type Silence struct {
	// Start is how long somebody must have spoken. Zero means pcm.LeastVoice.
	Start time.Duration
	// Stop is how long nobody must have spoken; zero is never.
	Stop time.Duration
	// Amplitude is the level, as a part of full scale, that a voice must have to
	// count. Zero hears everybody.
	Amplitude float64

	spoken, still time.Duration
}

// Hear takes the next frame and reports whether the recording is over.
func (s *Silence) Hear(f Frame) bool {
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
