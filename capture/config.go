package capture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
)

// Errors that a caller may test for with errors.Is.
var (
	// ErrServer is wrapped where no sound server could be reached.
	ErrServer = errors.New("no sound server")
	// ErrSource is wrapped where the server has no microphone that fits the
	// settings.
	ErrSource = errors.New("no microphone")
	// ErrGap is wrapped where a clip lacks sound that was spoken.
	ErrGap = errors.New("sound is missing")
	// ErrClosed is wrapped where the Recorder's Run has ended.
	ErrClosed = errors.New("recorder is closed")
)

// A Config says what to record from and how. It has no defaults of its own; those
// of the settings are in internal/config.
type Config struct {
	// Server is a Pulse server string: socket paths ("/run/user/1000/pulse/native",
	// "unix:/...") or "tcp:host:port", tried in order, separated by spaces.
	Server string
	// Cookie is the file with the server's cookie. Empty is right for a server
	// of the same user on this machine, which knows its clients by their uid.
	Cookie string
	// Source names the microphone: by its name, its description, or a part of
	// either that only one microphone has. Empty follows the server's default.
	Source string

	// Tail is how much sound after the release belongs to a recording at most: it
	// ends when nobody has spoken for 96 ms, at least 80 ms after the release.
	// Zero means none.
	Tail time.Duration
	// PreRoll is how much sound before the press a recording begins with. Above
	// zero it keeps the microphone open all the time.
	PreRoll time.Duration
	// Linger is how long the microphone stays open after a recording, so that
	// the next one costs nothing. Zero means not at all.
	Linger time.Duration

	// Gain is applied to what was recorded, in dB, with a soft limiter.
	Gain float64
	// AutoGain replaces Gain by what brings the speech of each recording to a
	// common level.
	AutoGain bool

	// Hooks are told what happens.
	Hooks Hooks
	// Log is told what happens; nil discards.
	Log *slog.Logger

	dial     func(context.Context) (net.Conn, error) // for tests; nil dials Server
	detector func() detector                         // for tests; nil is Silero VAD
}

// Hooks are functions that a Recorder calls, each may be nil. They are called
// by the goroutine of Run, one at a time, and must return at once.
type Hooks struct {
	// State is told whether a recording could start, at each change.
	State func(State)
	// Problem is told what is wrong with a recording while it lasts, each
	// problem once a recording, and a zero Trouble when what was told last is
	// over or the next recording begins.
	Problem func(Trouble)
	// Level is told how loud it is, every 50 ms of recorded sound.
	Level func(Level)
	// Heard is given each piece of a recording as it comes, before gain. The
	// pieces, in order, are the recording. The samples are overwritten after
	// the call.
	Heard func([]int16)
	// Frame is told of each pcm.VoiceFrame of a recording, when Heard has been
	// given its sound.
	Frame func(Frame)
}

// A State says whether a recording could start now.
type State struct {
	Source string // description of the microphone, empty while there is none
	Muted  bool   // it would record silence
	Err    error  // why there is none; nil if ready, or not yet known
}

// Ready reports whether a microphone is prepared, muted or not.
func (s State) Ready() bool { return s.Source != "" }

// String returns the state in words for people.
func (s State) String() string {
	switch {
	case s.Ready() && s.Muted:
		return Muted.String() + ": " + s.Source
	case s.Ready():
		return "ready: " + s.Source
	case errors.Is(s.Err, ErrSource):
		return "waiting for the microphone: " + s.Err.Error()
	case errors.Is(s.Err, ErrServer):
		return "waiting for the sound server: " + s.Err.Error()
	case s.Err != nil:
		return "opening the microphone again: " + s.Err.Error()
	}
	return "opening the microphone"
}

// A Problem is something that spoils a recording.
type Problem int

// The problems of a recording.
const (
	Unready  Problem = iota + 1 // there is no server or no microphone
	Muted                       // the microphone is muted
	Silent                      // every sample is zero
	Stalled                     // no sound arrives
	Clipping                    // too loud: the peaks are cut off
	Quiet                       // speech is far too quiet
	Broken                      // the stream ended; a new one is being opened
)

var problemNames = [...]string{
	Unready:  "no microphone",
	Muted:    "the microphone is muted",
	Silent:   "the microphone delivers only zeros",
	Stalled:  "no sound arrives from the microphone",
	Clipping: "too loud: the microphone clips",
	Quiet:    "far too quiet",
	Broken:   "the sound stream broke off",
}

// String returns the problem in words for people.
func (p Problem) String() string {
	if p < Unready || int(p) >= len(problemNames) {
		return fmt.Sprintf("problem %d", int(p))
	}
	return problemNames[p]
}

// A Trouble is a Problem of the recording that is under way.
type Trouble struct {
	Problem Problem
	Source  string // description of the microphone, if there is one
	Err     error  // the cause, if known
}

// A Level is how loud 50 ms of sound were, in dB relative to full scale: 0 is
// the loudest, -96 stands for silence.
type Level struct {
	Peak, RMS float64
}

// A Frame is a pcm.VoiceFrame of a recording.
type Frame struct {
	Voice float32 // how likely somebody speaks in it, from 0 to 1
	Level float64 // in dB relative to full scale
}

// A detector returns how likely the next vad.Window samples of a sound hold a
// voice.
type detector interface {
	Next(samples []int16) float32
	Reset() // forgets the sound and overwrites it
}

func (c *Config) newDetector() detector {
	if c.detector != nil {
		return c.detector()
	}
	return vad.New()
}
