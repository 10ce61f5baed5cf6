package capture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Errors that a caller may test for with errors.Is.
var (
	// ErrServer is wrapped if no sound server is reachable.
	ErrServer = errors.New("no sound server")
	// ErrSource is wrapped if the server has no microphone that fits the settings.
	ErrSource = errors.New("no microphone")
	// ErrGap is wrapped if a clip lacks sound that was spoken.
	ErrGap = errors.New("sound is missing")
	// ErrClosed is wrapped if the Recorder's Run has ended.
	ErrClosed = errors.New("recorder is closed")
)

// A Config has the settings of a Recorder. It has no defaults of its own;
// internal/config has the defaults of the settings.
type Config struct {
	// Server is a Pulse server string: socket paths ("/run/user/1000/pulse/native",
	// "unix:/..."), "tcp:host:port" or "host:port", separated by spaces. The Recorder
	// tries them in order.
	Server string
	// Cookies are files of which the first that can be read has the secret that a server
	// on another machine asks for.
	Cookies []string
	// Source names the microphone: by its name, its description, or a part of
	// either that only one microphone has. Empty follows the server's default.
	Source string

	// Tail is the longest time after the release that a recording includes. The
	// recording ends when the detector has found no voice for 96 ms, at least 80 ms
	// after the release. Zero means none.
	Tail time.Duration
	// PreRoll is how long before the press a recording begins. If it is above zero, the
	// microphone is always open.
	PreRoll time.Duration
	// Linger is how long the microphone stays open after a recording, so that the next
	// recording starts at once. Zero closes it at once.
	Linger time.Duration
	// BluetoothLinger is Linger for the microphone of a Bluetooth headset, which plays
	// music in the quality of a telephone while its microphone is open.
	BluetoothLinger time.Duration

	// Longest is the length of the longest recording that the caller makes, with the tail
	// and the pre-roll. It saves memory. Zero is unknown, and longer ones work too.
	Longest time.Duration

	// Gain is applied to each recording, in dB, with a soft limiter.
	Gain float64
	// AutoGain brings the speech of each recording to a common level. Gain is then
	// ignored.
	AutoGain bool

	// Hooks are called for states, problems and sound.
	Hooks Hooks
	// Log receives debug messages; nil discards them.
	Log *slog.Logger

	dial     func(context.Context) (net.Conn, error) // for tests; nil dials Server
	detector func() detector                         // for tests; nil is Silero VAD
}

// Hooks are functions that a Recorder calls. Each may be nil. The goroutine of Run calls
// them, one at a time, and they must return at once.
type Hooks struct {
	// State is called at each change of whether a recording could start.
	State func(State)
	// Problem is called when something is wrong with the present recording, once for
	// each problem and recording. It is called with a zero Trouble when the last
	// reported problem is over or the next recording begins.
	Problem func(Trouble)
	// Samples is called with each piece of a recording when it arrives, before gain. The
	// pieces, in order, are the recording. The samples are overwritten after the call.
	Samples func([]int16)
	// Frame is called for each pcm.VoiceFrame of a recording, after Samples was called
	// with its sound.
	Frame func(Frame)
}

// A State says whether a recording could start now.
type State struct {
	Source string // description of the microphone, empty while there is none
	Muted  bool   // a recording would be silent
	Err    error  // why there is no microphone; nil if there is one, or the cause is not yet known
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

// A Problem is a cause for which a recording is worse or empty.
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
}

// A Frame is a pcm.VoiceFrame of a recording. Its levels are in dB relative to full scale:
// 0 is the loudest and -96 means silence.
type Frame struct {
	Voice       float32 // the probability of a voice, from 0 to 1
	Level, Peak float64 // of all samples, and of the loudest
}

// A detector returns the probability that the next vad.Window samples of a sound hold a
// voice.
type detector interface {
	Next(samples []int16) float32
	Reset() // starts a new sound and overwrites the old one
}
