// Package capture hears: it records speech from one microphone of a Pulse
// sound server (PulseAudio, or PipeWire, which speaks the same protocol), says
// what is wrong with the microphone while it is used, and tells speech from
// other sound.
//
// A Recorder keeps one connection and one record stream, prepared before it is
// needed. Sound is mono, 16 bits, 16000 samples a second (pcm.Rate): the server
// converts. Nothing is written to disk, and every buffer that held sound is
// overwritten when it is no longer needed; the clip that Record returns is the
// caller's to wipe.
//
// The protocol is that of
// freedesktop.org/wiki/Software/PulseAudio/Documentation/Developer; its
// messages are encoded and decoded by github.com/jfreymuth/pulse/proto.
package capture
