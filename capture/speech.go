package capture

import (
	"math"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Verdict says whether a clip holds speech.
type Verdict struct {
	Speech bool
	// Voiced is how much of the clip sounded like a voice. It is not more than
	// was needed to decide.
	Voiced time.Duration
	// Reason says in words for people what the clip holds if not speech.
	Reason string
}

// The reasons of a Verdict.
const (
	ReasonShort   = "too short"
	ReasonSilence = "silence"
	ReasonNoise   = "noise"
	ReasonSteady  = "a hum, tone or music"
)

const (
	// enoughVoice is how much voice makes speech: the vowel of a short word.
	enoughVoice = 100 * time.Millisecond
	// shortest is the shortest clip that could hold it.
	shortest = 150 * time.Millisecond
	// faintest is the level of the loudest 32 ms, in dB, below which a clip is
	// silence: what is left of a microphone when nobody speaks into it.
	faintest = -66
)

// Speech tells whether a clip, of pcm.Rate, holds speech, so that nothing else
// is sent to a recogniser, which would invent words for it. It changes nothing
// of the clip.
//
// No model decides, only measurement. Voice is sound above the noise of the
// clip whose waveform repeats 70 to 400 times a second, and which, unlike a
// hum, a tone, a motor or a note of music, moves all the time in pitch, level
// and spectrum. A whisper does not repeat and is not told from breath; a song
// is speech.
func Speech(c pcm.Clip) Verdict {
	if c.Duration() < shortest {
		return Verdict{Reason: ReasonShort}
	}
	var v voices
	loud := false
	for piece := range slices.Chunk(c.Samples, pieceSpan) {
		if !audible(piece) {
			continue
		}
		loud = true
		if v.look(piece); v.voiced >= enoughVoice {
			return Verdict{Speech: true, Voiced: v.voiced}
		}
	}
	switch {
	case !loud:
		return Verdict{Reason: ReasonSilence}
	case v.steady > v.voiced+enoughVoice:
		return Verdict{Voiced: v.voiced, Reason: ReasonSteady}
	}
	return Verdict{Voiced: v.voiced, Reason: ReasonNoise}
}

// pieceSpan is how much of a long clip is looked at before the rest, in
// samples: ten seconds, in which the noise is alike.
const pieceSpan = 10 * pcm.Rate

// audible reports whether a sound is more than silence.
func audible(s []int16) bool {
	for piece := range slices.Chunk(s, gainSpan) {
		if level(piece) >= faintest {
			return true
		}
	}
	return false
}

// Pitch is looked for in the sound below 1300 Hz at a quarter of the rate,
// every 10 ms in pieces of 40 ms.
const (
	lowRate    = pcm.Rate / 4
	voiceStep  = lowRate / 100
	voiceSpan  = lowRate / 25
	highest    = lowRate / 400 // lag of the highest pitch
	lowest     = lowRate / 70  // lag of the lowest
	voiceReach = voiceSpan + lowest + 2

	periodic   = 0.6  // least correlation of a voice with itself, a period later
	glide      = 0.08 // most change of the logarithm of its pitch in 10 ms
	shortRun   = 9    // least length of a stretch of voice, in steps
	aboveNoise = 6    // least level of a voice above the noise, in dB
)

// What a stretch of voice has and other periodic sound lacks. Measured on 700
// stretches of human speech, with and without noise: about 95 in 100 are beyond
// each of these. A stretch that fails costs nothing but its own length.
const (
	leastPitchRange = 0.015 // of the logarithm of the pitch
	leastLevelMoves = 0.8   // standard deviation in dB
	leastFlux       = 1.3   // mean change of a band within 30 ms, in dB
	mostTonal       = 0.6   // part of its pieces that are one pure tone
	fading          = 20    // dB below its loudest a stretch is over: a knock soon is
)

// A pitch is one step of a stretch.
type pitch struct {
	at    int     // position in the low sound
	log   float64 // logarithm of the frequency
	level float64
}

// voices walks through a clip, gathering stretches of voice.
type voices struct {
	sound  []int16
	low    []float64 // of it, below 1300 Hz
	at     int       // in low
	least  float64   // level that is above the noise
	run    []pitch
	voiced time.Duration // in stretches that are voice
	steady time.Duration // in stretches that are not
}

// measureNoise sets the noise of the clip: the level that a tenth of its pieces
// do not reach. Where nearly all is as loud, that is no noise.
func (v *voices) measureNoise() {
	var levels []float64
	for i := 0; i+voiceSpan <= len(v.low); i += voiceStep {
		levels = append(levels, lowLevel(v.low[i:i+voiceSpan]))
	}
	if len(levels) == 0 {
		return
	}
	slices.Sort(levels)
	noise, top := max(0, levels[len(levels)/10]), levels[len(levels)*98/100]
	v.least = min(noise+aboveNoise, top-aboveNoise/2)
}

// lowLevel is the level of low sound in dB, with 0 for an amplitude of one.
func lowLevel(x []float64) float64 {
	return 10 * math.Log10(energy(x)/float64(len(x))+1e-3)
}

// look looks for voice in a piece of the clip until there is enough.
func (v *voices) look(piece []int16) {
	v.sound, v.low, v.at = piece, decimate(piece), 0
	defer clear(v.low) // it is the sound, too
	v.measureNoise()
	for v.at+voiceReach <= len(v.low) && v.voiced < enoughVoice {
		v.step()
	}
	v.endRun()
}

// step looks at the next 40 ms.
func (v *voices) step() {
	at := v.at
	v.at += voiceStep
	p := pitch{at: at, level: lowLevel(v.low[at : at+voiceSpan])}
	if p.level > v.least {
		var strength float64
		if p.log, strength = pitchOf(v.low[at:]); strength > periodic {
			if n := len(v.run); n > 0 && math.Abs(p.log-v.run[n-1].log) > glide {
				v.endRun()
			}
			v.run = append(v.run, p)
			return
		}
	}
	v.endRun()
}

// endRun judges the stretch that has ended.
func (v *voices) endRun() {
	loudest := 0.0
	for _, p := range v.run {
		loudest = max(loudest, p.level)
	}
	v.run = slices.DeleteFunc(v.run, func(p pitch) bool { return p.level < loudest-fading })
	if len(v.run) >= shortRun {
		d := time.Duration(len(v.run)) * 10 * time.Millisecond
		if v.moves() {
			v.voiced += d
		} else {
			v.steady += d
		}
	}
	v.run = v.run[:0]
}

// moves reports whether the stretch moves as a voice does.
func (v *voices) moves() bool {
	if pitchRange(v.run) < leastPitchRange {
		return false
	}
	if levelMoves(v.run) < leastLevelMoves {
		return false
	}
	flux, tonal := v.spectra()
	return flux >= leastFlux && tonal <= mostTonal
}

// pitchRange returns how far the pitch of a stretch moves, single slips aside.
func pitchRange(run []pitch) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := 2; i+2 < len(run); i++ {
		var five [5]float64
		for k := range five {
			five[k] = run[i-2+k].log
		}
		slices.Sort(five[:])
		lo, hi = min(lo, five[2]), max(hi, five[2])
	}
	return hi - lo
}

// levelMoves returns the standard deviation of the level of a stretch.
func levelMoves(run []pitch) float64 {
	var sum, squares float64
	for _, p := range run {
		sum += p.level
		squares += p.level * p.level
	}
	n := float64(len(run))
	return math.Sqrt(max(0, squares/n-(sum/n)*(sum/n)))
}

// spectra returns how much the spectrum of the stretch changes, and the part of
// it that is a pure tone.
func (v *voices) spectra() (flux, tonal float64) {
	var before [len(bandEdges) - 1]float64
	changes := 0
	for i, p := range v.run {
		power := spectrum(v.sound[p.at*4:])
		if pure(&power) {
			tonal++
		}
		if i%3 != 0 {
			continue
		}
		now := bands(&power)
		if i > 0 {
			flux += change(&before, &now)
			changes++
		}
		before = now
	}
	return flux / float64(max(changes, 1)), tonal / float64(len(v.run))
}
