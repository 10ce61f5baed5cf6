// Package hint says what a user can do about an error.
package hint

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// New returns an error with a hint of its own.
func New(text, hint string) error { return Wrap(errors.New(text), hint) }

// Wrap returns err with a hint of its own.
func Wrap(err error, hint string) error { return &hinted{err, hint} }

type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

// hints are what to do about errors that packages declare.
var hints = []struct {
	err  error
	hint string
}{
	{control.ErrRunning, "`vocoderctl status` tells about it; `vocoderctl shutdown` or systemctl --user stop vocoder ends it"},
	{evdev.ErrWrites, "take a key that you do not write with: right Ctrl, Pause, a function key, a pedal; or a chord with one"},
	{evdev.ErrClicks, "take a key that you do not write with: right Ctrl, Pause, a function key, a pedal; or a chord with one"},
	{evdev.ErrKeyboard, "it works without grab; have a pedal send one of F13 to F24 by its own tool, then no program takes the key for something else"},
	{evdev.ErrNoWatch, "sudo sysctl fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=65536; to keep it, write both into a file of /etc/sysctl.d"},
	{helperproto.NotAllowed, "the owner of the machine allows keys in " + helperproto.Settings + "; see vocoder-inputd(8)"},
	{helperproto.OtherVersion, "after an update: sudo systemctl restart vocoder-inputd; systemctl --user restart vocoder"},
	{helperproto.NoKeyboard, "is the kernel module there? sudo modprobe uinput; systemctl status vocoder-inputd tells more"},
	{helperproto.Busy, "vocoder-inputd serves one program of each user: end the other one (`vocoderctl shutdown`, or systemctl --user stop with its unit, vocoder or vocoder@NAME)"},
	{helperproto.NoHold, "hold the key for a moment and try again: nothing is typed long after the last hold"},
	{systemd.ErrNoManager, "`vocoder run` in a terminal does without one, `vocoder setup --start no` starts nothing; else log in again, not by su or sudo"},
	{keymap.ErrNoChord, "set typing.paste_chord to keys that paste and that the layout has, such as KEY_LEFTCTRL+KEY_V"},
	{desktop.ErrNoDesktop, "is a graphical session of this user running? On a text console set typing.layout to us, or to a keymap"},
	{capture.ErrServer, "is PipeWire or PulseAudio running? systemctl --user status pipewire-pulse pulseaudio"},
	{capture.ErrSource, "`vocoder sources` lists the microphones; set audio.source to one of them"},
	{whisper.ErrIncomplete, "say again what is missing; if that happens often, take a larger model, or a second recognizer in the list `whisper`"},
	{pcm.ErrWAV, "`ffmpeg -i FILE -ar 16000 -ac 1 clip.wav` makes one of any sound file, and `vocoder record > clip.wav` of your voice"},
}

// recognizerHints are what to do about each kind of error of the recognizer.
var recognizerHints = map[whisper.Kind]string{
	whisper.NotListening: "start a recognizer there (vocoder-engine serve, or a Whisper server), or set whisper_url",
	whisper.Unreachable:  "start a recognizer there (vocoder-engine serve, or a Whisper server), or set whisper_url",
	whisper.WrongPath:    "something else answers there, or another path is right: set whisper_url or whisper.dialect",
	whisper.NoModel:      "install the model in the recognizer, or set whisper.model to one that it has",
	whisper.NoLanguage:   "set whisper.language to one that it knows, or until the next start `vocoderctl language CODE`; or take a recognizer for more languages, such as vocoder-engine with the model whisper-base",
	whisper.NoTask:       "`vocoderctl task transcribe` types what you speak; to translate, take a recognizer with a multilingual Whisper model (not turbo) or with Canary",
	whisper.KeyRefused:   "set whisper.key_file to a file with the API key",
	whisper.NotOurs:      "another user of this machine listens there and would hear you (in the sandbox, root is another user too); use another port or a unix socket",
	whisper.Untrusted:    "set whisper.ca_file to the certificate to trust",
	whisper.Late:         "wait a moment, then `vocoderctl retry`; a smaller model is faster, and a second recognizer in the list `whisper` is asked when this one is slow",
	whisper.Busy:         "wait a moment, then `vocoderctl retry`; a second recognizer in the list `whisper` is asked when this one is busy",
	whisper.HungUp:       "the log of the recognizer says why: it may have crashed, or have no memory for its model",
	whisper.Failing:      "the log of the recognizer says why",
	whisper.Redirected:   "set whisper_url to where the recognizer itself is",
	whisper.Rejected:     "its own words say what it refuses; whisper.dialect, whisper.model and whisper.language must fit it",
}

// Of returns what to do about an error, or nothing.
func Of(err error) string {
	for _, h := range hints {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		switch {
		case path.Path == "/dev/input" && errors.Is(err, fs.ErrNotExist):
			return "this machine has no keyboard, or this is a container without its devices"
		case strings.HasPrefix(path.Path, "/dev/uinput") && errors.Is(err, fs.ErrPermission):
			return "where vocoder-inputd is installed, the daemon alone types, through it; else `vocoder doctor` shows the udev rule for this user"
		case strings.HasPrefix(path.Path, "/dev/uinput"):
			return "the kernel module is not loaded: sudo modprobe uinput"
		}
	}
	if h, ok := errors.AsType[*hinted](err); ok {
		return h.hint
	}
	if e, ok := errors.AsType[*config.Error](err); ok {
		if name, is := strings.CutPrefix(e.Place, "environment "); is {
			return "`unset " + name + "` in this shell; for the unit: systemctl --user unset-environment " + name
		}
		return "`vocoder config reference` prints every setting with its meaning and default"
	}
	e, ok := errors.AsType[*whisper.Error](err)
	switch {
	case !ok:
		return ""
	case e.Kind == whisper.Rejected && e.Status == http.StatusRequestEntityTooLarge:
		return "the recording is too long for it: raise the limit of the server, or set max_duration"
	case e.Kind == whisper.Rejected && e.Status == http.StatusTooManyRequests, e.Status == http.StatusPaymentRequired:
		return "the quota of the API key is used up: its provider says when there is more; a second recognizer in the list `whisper` is asked meanwhile"
	case e.Kind == whisper.Rejected && e.Status == http.StatusUnsupportedMediaType:
		return "vocoder sends WAV with 16 kHz: does the server want another format, or is it no recognizer?"
	}
	return recognizerHints[e.Kind]
}

// Said returns what the recognizers answered in their own words, or nothing. It is for the
// user and never for a log.
func Said(err error) string { return each(err, func(e *whisper.Error) string { return e.Said }) }

// Details returns what this machine reports about the recognizers. Like Said it is for no
// log.
func Details(err error) string { return each(err, func(e *whisper.Error) string { return e.Cause }) }

func each(err error, text func(*whisper.Error) string) string {
	var lines []string
	all, ok := errors.AsType[whisper.Errors](err)
	if !ok {
		all = whisper.Errors{err}
	}
	for _, err := range all {
		if e, ok := errors.AsType[*whisper.Error](err); ok && text(e) != "" {
			lines = append(lines, text(e))
		}
	}
	return strings.Join(lines, "; ")
}

// Advice returns what clients show after an error: what the recognizer answered, and the
// hint. Like Said it is for no log.
func Advice(err error) string {
	more := ""
	for _, part := range []struct{ intro, text string }{{"it said: ", Said(err)}, {"in detail: ", Details(err)}, {"", Of(err)}} {
		if part.text != "" {
			more += "; " + part.intro + part.text
		}
	}
	return more
}
