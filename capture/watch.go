package capture

import (
	"math"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A watch listens to one recording and says what is wrong with it.
type watch struct {
	source Source
	own    Hooks // of whoever asked for the recording
	said   [Broken + 1]bool
	ill    Problem // what was said last, 0 when it is over

	zeros   int  // samples in a row that are exactly zero
	sounded bool // there was one that is not
	clipped int  // samples at full scale, of the last second
	second  int  // samples of the present second
	block   levelBlock
	tracker tracker
	spoken  time.Duration // how long somebody has spoken
	loudest float64       // level of the loudest frame of that, dB
}

// begin readies the watch for a recording from the source.
func (w *watch) begin(s Source) { w.source = s }

func (w *watch) told(p Problem) bool { return w.said[p] }

// tell tells a problem, once.
func (w *watch) tell(p Problem, err error, h *Hooks) {
	if w.said[p] {
		return
	}
	w.said[p], w.ill = true, p
	if h.Problem != nil {
		h.Problem(Trouble{Problem: p, Source: w.source.Description, Err: err})
	}
}

// over tells that what was told last is over, if it was one of these.
func (w *watch) over(h *Hooks, these ...Problem) {
	if !slices.Contains(these, w.ill) {
		return
	}
	w.ill = 0
	if h.Problem != nil {
		h.Problem(Trouble{})
	}
}

// becomes notes that the source has changed.
func (w *watch) becomes(s Source, h *Hooks) {
	w.source = s
	if !s.Muted {
		w.over(h, Muted)
	}
}

const (
	zerosAre   = pcm.Rate / 2   // digital silence this long is no microphone;
	zerosLater = 3 * pcm.Rate   // after other sound it may be that of a noise gate
	clippedAre = pcm.Rate / 500 // this many samples at full scale a second are heard as distortion
	levelSpan  = pcm.Rate / 20  // of one Level

	quietAfter = 512 * time.Millisecond // of a voice it is told that it is quiet
	tooQuiet   = -50                    // if it never has this level, in dB
)

// hear takes the next samples of the recording, no more than the tracker's frame
// lacks.
func (w *watch) hear(s []int16, h *Hooks) {
	w.over(h, Unready, Stalled, Broken)
	if w.source.Muted {
		w.tell(Muted, nil, h)
	}
	for _, v := range s {
		w.zeros++
		if v != 0 {
			w.zeros, w.sounded = 0, true
			if w.ill == Silent {
				w.over(h, Silent)
			}
		}
		if v == math.MaxInt16 || v == math.MinInt16 {
			w.clipped++
		}
		if w.second++; w.second == pcm.Rate {
			if w.clipped < clippedAre {
				w.over(h, Clipping)
			}
			w.second, w.clipped = 0, 0
		}
		if w.clipped == clippedAre {
			w.tell(Clipping, nil, h)
		}
		if (w.zeros == zerosLater || w.zeros == zerosAre && !w.sounded) && !w.source.Muted {
			w.tell(Silent, nil, h)
		}
		if w.block.add(v) && h.Level != nil {
			h.Level(w.block.level)
		}
	}
	if f, whole := w.tracker.add(s); whole {
		w.frame(f, h)
	}
}

// frame tells of the newest frame, and of a voice that is too quiet.
func (w *watch) frame(f Frame, h *Hooks) {
	for _, h := range []*Hooks{h, &w.own} {
		if h.Frame != nil {
			h.Frame(f)
		}
	}
	if !pcm.IsVoice(f.Voice) {
		return
	}
	if w.spoken == 0 {
		w.loudest = silence
	}
	w.spoken += pcm.VoiceFrame
	w.loudest = max(w.loudest, f.Level)
	if w.spoken >= quietAfter && w.loudest < tooQuiet {
		w.tell(Quiet, nil, h)
	}
	if w.loudest >= tooQuiet {
		w.over(h, Quiet)
	}
}

// A levelBlock measures 50 ms after 50 ms.
type levelBlock struct {
	n     int
	peak  int
	sum   float64
	level Level // of the last whole block
}

// add takes a sample and reports whether a block is whole.
func (b *levelBlock) add(v int16) bool {
	b.n++
	b.peak = max(b.peak, int(v), -int(v))
	b.sum += float64(v) * float64(v)
	if b.n < levelSpan {
		return false
	}
	b.level = Level{Peak: dB(float64(b.peak)), RMS: dB(math.Sqrt(b.sum / float64(b.n)))}
	*b = levelBlock{level: b.level}
	return true
}

// silence is the least level there is, in dB.
const silence = -96

// dB returns an amplitude of samples in dB relative to full scale, at least
// silence.
func dB(amplitude float64) float64 {
	return max(20*math.Log10(amplitude/-math.MinInt16), silence)
}
