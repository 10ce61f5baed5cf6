package capture

import (
	"math"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

const (
	// pauseAfter is how long nobody must speak for a Pause.
	pauseAfter = 400 * time.Millisecond
	// speechAfter is how much sound above the noise is speech rather than a
	// click.
	speechAfter = 150 * time.Millisecond
	// activity is how far above the noise speech is, in dB.
	activity = 9
	// noiseRises is how fast the noise is believed to rise, in dB a second. It
	// falls at once.
	noiseRises = 3
	// inaudible is a level below any noise of a room, in dB.
	inaudible = -72

	tenth = pcm.Rate / 100 // samples of one step: 10 ms
)

// A hearing follows the level of a sound and tells, every 10 ms, whether it is
// above its noise. It goes by energy alone. The zero hearing is ready.
type hearing struct {
	n     int
	sum   float64
	began bool
	noise float64 // dB
	level float64 // of the newest step, dB
}

// add takes a sample and reports whether a step is complete.
func (h *hearing) add(v int16) bool {
	h.n++
	h.sum += float64(v) * float64(v)
	if h.n < tenth {
		return false
	}
	h.level = dB(math.Sqrt(h.sum / tenth))
	h.n, h.sum = 0, 0
	if h.level <= silence {
		return true // zeros say nothing of the room
	}
	if !h.began {
		// Whoever speaks at once must not be taken for noise for long.
		h.began, h.noise = true, min(h.level, -45)
	}
	h.noise = max(inaudible, min(h.level, h.noise+noiseRises*tenth/float64(pcm.Rate)))
	return true
}

// active reports whether the newest step is above the noise.
func (h *hearing) active() bool { return h.level > h.noise+activity }

// A pauser finds the pauses of a recording.
type pauser struct {
	hearing
	at     int // samples so far
	spoken int // samples above the noise since the last pause
	still  int // samples since the last of them
}

// add takes a sample and reports whether it completes a pause, amid which the
// returned sample is.
func (p *pauser) add(v int16) (at int, paused bool) {
	p.at++
	if !p.hearing.add(v) {
		return 0, false
	}
	if p.active() {
		p.spoken += tenth
		p.still = 0
		return 0, false
	}
	p.still += tenth
	if p.still < int(samples(pauseAfter)) || p.spoken < int(samples(speechAfter)) {
		return 0, false
	}
	p.spoken = 0
	return p.at - p.still/2, true
}

// A Silence ends a recording by itself: it is told what is heard, and says when
// nobody has spoken for a while after somebody had. The zero Silence never
// does. It is for one recording and one goroutine, such as Hooks.Heard.
type Silence struct {
	// Start is how long sound must last to be speech. Zero means 150 ms.
	Start time.Duration
	// Stop is how long it must be silent to be the end; zero is never.
	Stop time.Duration
	// Amplitude is the level, as a part of full scale, that sound must have. Zero
	// measures against the noise of the room.
	Amplitude float64

	hearing
	spoken, still int
}

// Hear takes the next samples and reports whether the recording is over.
func (s *Silence) Hear(heard []int16) bool {
	start := s.Start
	if start <= 0 {
		start = speechAfter
	}
	for _, v := range heard {
		if !s.hearing.add(v) {
			continue
		}
		loud := s.active()
		if s.Amplitude > 0 {
			loud = s.level > dB(s.Amplitude*-math.MinInt16)
		}
		s.still += tenth
		if loud {
			s.spoken += tenth
			s.still = 0
		}
	}
	return s.Stop > 0 && s.spoken >= int(samples(start)) && s.still >= int(samples(s.Stop))
}
