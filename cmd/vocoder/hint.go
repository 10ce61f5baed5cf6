package main

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject/layout"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// hint returns what to do about an error, or nothing.
func hint(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, control.ErrRunning):
		return "`vocoderctl status` tells about it; `vocoderctl shutdown` or systemctl --user stop vocoder ends it"
	case errors.Is(err, evdev.ErrWrites), errors.Is(err, evdev.ErrClicks):
		return "take a key that you do not write with: right Ctrl, Pause, a function key, a pedal; or a chord with one"
	case errors.Is(err, errHelper):
		return "systemctl status vocoder-inputd.socket vocoder-inputd; `vocoder run --devices direct` does without it, if this user may open the devices"
	case errors.Is(err, helperproto.NotAllowed):
		return "the owner of the machine allows keys in " + helperproto.Settings + "; see vocoder-inputd(8)"
	case errors.Is(err, helperproto.OtherVersion):
		return "after an update: sudo systemctl restart vocoder-inputd; systemctl --user restart vocoder"
	case errors.Is(err, helperproto.NoKeyboard):
		return "is the kernel module there? sudo modprobe uinput; systemctl status vocoder-inputd tells more"
	case errors.Is(err, helperproto.NoHold):
		return "hold the key for a moment and try again: nothing is typed long after the last hold"
	case errors.Is(err, systemd.ErrNoManager):
		return "`vocoder run` in a terminal does without one, `vocoder setup --start no` starts nothing; else log in anew, not by su or sudo"
	case errors.Is(err, settings.ErrDenied):
		return "where vocoder-inputd is installed, the daemon alone hears keys, through it; else `vocoder doctor` shows the udev rule for this user"
	case errors.Is(err, settings.ErrNoLearner):
		return "with vocoder-inputd, `vocoder setup` learns a key that all may use; `sudo vocoder keys --learn --print` hears any, which root then allows in " + helperproto.Settings
	case errors.As(err, &path) && path.Path == "/dev/input" && errors.Is(err, fs.ErrNotExist):
		return "this machine has no keyboard, or this is a container without its devices"
	case errors.Is(err, settings.ErrNoDevice):
		return "`vocoder devices` lists what there is; set key to a key that one of them has"
	case errors.As(err, &path) && strings.HasPrefix(path.Path, "/dev/uinput"):
		if errors.Is(err, fs.ErrPermission) {
			return "where vocoder-inputd is installed, the daemon alone types, through it; else `vocoder doctor` shows the udev rule for this user"
		}
		return "the kernel module is not loaded: sudo modprobe uinput"
	case errors.Is(err, layout.ErrNoDesktop):
		return "is a graphical session of this user running? On a text console set typing.layout to us, or to a keymap"
	case errors.Is(err, errVoiceless):
		return "`vocoder transcribe --audio-gate=false` sends it all the same; `vocoder record --check` says whether the microphone hears a voice"
	case errors.Is(err, capture.ErrServer):
		return "is PipeWire or PulseAudio running? systemctl --user status pipewire-pulse pulseaudio"
	case errors.Is(err, capture.ErrSource):
		return "`vocoder sources` lists the microphones; set audio.source to one of them"
	case errors.Is(err, errUnfit):
		return "`vocoder sources` lists the microphones; the desktop's sound settings have volume and mute"
	case errors.Is(err, pcm.ErrWAV):
		return "`vocoder record > clip.wav` makes a file that works"
	case errors.Is(err, errTerminal):
		return "send it to a file or a program: vocoder record > clip.wav"
	}
	if e, ok := errors.AsType[*modelError](err); ok {
		h := "is the network there? `vocoder-engine models pull " + e.model + "` tries again"
		if e.model == whisperModel {
			h += "; make model, in a clone of vocoder, makes it"
		}
		return h + "; then `vocoder setup --recogniser engine`"
	}
	if _, ok := errors.AsType[*config.Error](err); ok {
		return "`vocoder config reference` prints every setting with its meaning and default"
	}
	return recogniserHint(err)
}

// said returns what the recognisers said of themselves, for the user's eyes and
// no log, or nothing.
func said(err error) string { return each(err, func(e *whisper.Error) string { return e.Said }) }

// details returns what this machine says of the recognisers, for the same eyes.
func details(err error) string { return each(err, func(e *whisper.Error) string { return e.Cause }) }

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

// advice is what clients show beside an error: what the recogniser said, and
// what to do.
func advice(err error) string {
	more := ""
	if s := said(err); s != "" {
		more = "; it said: " + s
	}
	if c := details(err); c != "" {
		more += "; in detail: " + c
	}
	if h := hint(err); h != "" {
		more += "; " + h
	}
	return more
}

// recogniserHint returns what to do about an error of the recogniser.
func recogniserHint(err error) string {
	e, ok := errors.AsType[*whisper.Error](err)
	if !ok {
		return ""
	}
	switch e.Kind {
	case whisper.NotListening, whisper.Unreachable:
		return "start a recogniser there (vocoder-engine serve, or a Whisper server), or set whisper_url"
	case whisper.WrongPath:
		return "something else answers there, or another path is right: set whisper_url or whisper.dialect"
	case whisper.NoModel:
		return "install the model in the recogniser, or set whisper.model to one that it has"
	case whisper.NoLanguage:
		return "set whisper.language to one that it knows, or until the next start `vocoderctl language CODE`; or take a recogniser for more languages, such as vocoder-engine with the model whisper-base"
	case whisper.KeyRefused:
		return "set whisper.key_file to a file with the API key"
	case whisper.NotOurs:
		return "another user of this machine listens there and would hear you (in the sandbox, root is another user too); use another port or a unix socket"
	case whisper.Untrusted:
		return "set whisper.ca_file to the certificate to trust"
	case whisper.Late:
		return "wait a moment, then `vocoderctl retry`; a smaller model is faster, and a second recogniser in the list `whisper` is asked when this one is slow"
	case whisper.Busy:
		return "wait a moment, then `vocoderctl retry`; a second recogniser in the list `whisper` is asked when this one is busy"
	case whisper.Failing:
		return "the log of the recogniser says why"
	case whisper.Rejected:
		if e.Status == http.StatusRequestEntityTooLarge {
			return "the recording is too long for it: raise the limit of the server, or set max_duration"
		}
		return "does whisper.dialect fit the recogniser?"
	case whisper.Redirected:
		return "set whisper_url to where the recogniser itself is"
	}
	return ""
}
