package whisper

import (
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// The time limits of Transcribe. Whisper base takes 1 to 3 s for a short
// clip on two idle cores and five times that on busy ones. A server that loads
// its model at the first request takes 5 to 20 s more, and a larger model on such
// a machine as long as the clip or twice that.
const (
	replyTimeout     = time.Minute // plus replyFactor times the clip: for a connected server that is slow
	replyFactor      = 4
	baseRetryTimeout = 10 * time.Second // plus retryFactor times the clip: for asking a failed server again
	retryFactor      = 2
)

// Timeout returns the time limit of Transcribe for a clip. Transcribe waits as long
// for the answer of a connected recognizer. If a recognizer refuses the connection,
// hangs up or fails, Transcribe asks it again for a shorter time.
func Timeout(clip pcm.Clip) time.Duration { return timeout(clip.Duration()) }

func timeout(length time.Duration) time.Duration { return replyTimeout + replyFactor*length }

// retryTimeout is how long recognizers that failed are asked again.
func retryTimeout(length time.Duration) time.Duration { return baseRetryTimeout + retryFactor*length }

// The time limits of the phases of a request. Waiting for the answer is limited by
// Timeout alone; several recognizers share that time.
const (
	dialTimeout      = 2 * time.Second
	handshakeTimeout = 5 * time.Second
	idleTimeout      = 10 * time.Second // between two pieces of an answer
)

// minPart is how much sound is transcribed while the user still speaks, at least.
// From less, recognizers make little sense.
const minPart = 1500 * time.Millisecond

// previewTime is how long a request for provisional words takes at most. Few servers end a
// request when the client cancels it, so the request for the rest of an utterance may have
// to wait for one. It does not if that takes no longer than the tail of a recording.
const previewTime = 300 * time.Millisecond

// A pace is how long a recognizer takes, as a line through past requests: a time for
// any clip, and a time for each second of it. The zero pace is that of a recognizer
// without requests.
type pace struct {
	n, x, y, xx, xy float64 // weighted sums, in seconds
}

// decay is the weight of the previous measurements against the newest one.
const decay = 0.8

// add returns the pace after a clip of a length took some time.
func (p pace) add(length, took time.Duration) pace {
	x, y := length.Seconds(), took.Seconds()
	return pace{decay*p.n + 1, decay*p.x + x, decay*p.y + y, decay*p.xx + x*x, decay*p.xy + x*y}
}

// of returns how long a clip of the length will take.
func (p pace) of(length time.Duration) time.Duration {
	if p.n == 0 || p.x == 0 {
		return 0
	}
	mean := p.x / p.n
	slope := p.y / p.x / 2 // half of it for lengths that hardly differ
	if spread := p.xx/p.n - mean*mean; spread > 0.1*mean*mean {
		slope = (p.xy/p.n - mean*p.y/p.n) / spread
	}
	slope = min(max(slope, 0), p.y/p.x)
	fixed := p.y/p.n - slope*mean
	return time.Duration((fixed + slope*length.Seconds()) * float64(time.Second))
}

// slow reports whether the recognizer takes almost as long for a clip as the speech
// itself. An early request would then only delay the last one.
func (p pace) slow(length time.Duration) bool { return p.of(length) > length*4/5 }

// quick reports whether a clip takes so little time that the recognizer can be asked again
// and again. One that has not answered yet is not quick.
func (p pace) quick(length time.Duration) bool {
	return p.n > 0 && p.of(max(length, minPart)) <= previewTime
}
