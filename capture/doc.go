// Package capture records speech from one microphone of a Pulse sound server
// (PulseAudio, or PipeWire, which implements the same protocol). It reports what is
// wrong with the microphone during a recording, and detects voices.
//
// A Recorder keeps one connection and one record stream, prepared before they are
// needed. Sound is mono, 16 bits, 16000 samples a second (pcm.Rate); the server
// converts. The package writes no sound to disk. It overwrites every buffer that held
// sound when the buffer is no longer needed. The caller of Record wipes the clip that
// Record returns.
//
// Source of the protocol:
// freedesktop.org/wiki/Software/PulseAudio/Documentation/Developer.
// github.com/jfreymuth/pulse/proto encodes and decodes its messages.
package capture
