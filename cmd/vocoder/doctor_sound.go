package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/whisper"
)

var userFolders = []string{"/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user"}

// userUnit is unitFile for the user's manager.
func (p *patient) userUnit(name string) (installed, masked bool) {
	for _, dir := range []string{p.home + "/.config/systemd/user", p.home + "/.local/share/systemd/user"} {
		if installed, masked = p.unitFile(name, dir); installed {
			return installed, masked
		}
	}
	return p.unitFile(name, userFolders...)
}

// startSound is the command that starts the sound server that is installed.
func (p *patient) startSound() string {
	for _, unit := range []string{"pipewire-pulse.socket", "pulseaudio.socket"} {
		switch installed, masked := p.userUnit(unit); {
		case masked && unit == "pipewire-pulse.socket":
			if other, _ := p.userUnit("pulseaudio.socket"); other {
				continue
			}
			fallthrough
		case masked:
			return fmt.Sprintf("systemctl --user unmask %s && systemctl --user start %s", unit, unit)
		case installed:
			return "systemctl --user restart " + unit
		}
	}
	return "sudo apt install pipewire-pulse wireplumber"
}

func (p *patient) microphoneLink(ctx context.Context) finding {
	all, err := p.sources(ctx)
	if err != nil {
		return ill(broken, p.startSound(), "%v", err)
	}
	s, f := p.chosen(all)
	if f.Health != well {
		return f
	}
	switch {
	case s.Muted:
		return ill(broken, p.unmute(s), "%s is muted", s.Description)
	case s.Volume < tooLow:
		return ill(broken, p.louder(s), "the volume of %s is %s", s.Description, decibels(s.Volume))
	}
	problem, err := p.listen(ctx)
	switch {
	case problem == capture.Silent:
		return ill(broken, "pavucontrol --tab=4", "%s delivers only zeros: a switch of the device, another input of it, or the privacy settings", s.Description)
	case problem == capture.Clipping:
		return ill(doubtful, "pactl set-source-volume "+s.Name+" 50%", "%s is too loud", s.Description)
	case problem == capture.Stalled, problem == capture.Unready, problem == capture.Broken, err != nil:
		return ill(broken, p.startSound(), "%s: %s", s.Description, what(problem, err))
	case s.Monitor:
		return ill(doubtful, `vocoder config set audio.source ""`, "%s is what an output plays, not a microphone", s.Description)
	}
	return ok("%s (%s)", s.Description, s.Name)
}

// tooLow is a volume, in dB, at which nobody is understood.
const tooLow = -40

func decibels(v float64) string {
	if math.IsInf(v, -1) {
		return "0"
	}
	return fmt.Sprintf("%.0f dB", v)
}

func what(problem capture.Problem, err error) string {
	if problem != 0 {
		return problem.String()
	}
	return err.Error()
}

// chosen returns the source that the settings mean, by the rules of capture.
func (p *patient) chosen(all []capture.Source) (capture.Source, finding) {
	want := p.cfg.Audio.Source
	if want != "" {
		s, err := capture.Choose(all, want)
		if err != nil {
			return s, ill(broken, `vocoder config set audio.source ""`, "%v", err)
		}
		return s, finding{}
	}
	microphones := slices.DeleteFunc(slices.Clone(all), func(s capture.Source) bool { return s.Monitor })
	for _, s := range all {
		if s.Default && !s.Monitor {
			return s, finding{}
		}
	}
	if len(microphones) == 0 {
		return capture.Source{}, ill(broken, "vocoder sources", "there is no microphone: plug one in")
	}
	return capture.Source{}, ill(broken, "pactl set-default-source "+microphones[0].Name, "the default is no microphone but what an output plays; there is %s", microphones[0].Description)
}

// unmute and louder take the tool of the sound server that is there.
func (p *patient) unmute(s capture.Source) string {
	if !p.exists("/usr/bin/pactl") && p.exists("/usr/bin/wpctl") && s.Default {
		return "wpctl set-mute @DEFAULT_AUDIO_SOURCE@ 0"
	}
	return "pactl set-source-mute " + s.Name + " 0"
}

func (p *patient) louder(s capture.Source) string {
	if !p.exists("/usr/bin/pactl") && p.exists("/usr/bin/wpctl") && s.Default {
		return "wpctl set-volume @DEFAULT_AUDIO_SOURCE@ 100%"
	}
	return "pactl set-source-volume " + s.Name + " 100%"
}

// recogniserLink has each recogniser transcribe something, which tells more
// than its health: whether path, model and key are right. One of several that
// does not is a warning.
func (p *patient) recogniserLink(ctx context.Context) finding {
	var bad []finding
	var good []string
	for i := range p.cfg.Whisper {
		if f := p.oneRecogniser(ctx, p.cfg.Whisper[i]); f.Health == well {
			good = append(good, f.Says)
		} else {
			bad = append(bad, f)
		}
	}
	if len(bad) == 0 {
		return ok("%s", strings.Join(good, "; "))
	}
	worst := slices.MaxFunc(bad, func(a, b finding) int { return cmp.Compare(a.Health, b.Health) })
	if len(bad) < len(p.cfg.Whisper) || slices.ContainsFunc(bad, func(f finding) bool { return f.Health == doubtful }) {
		worst.Health = doubtful // another one answers
	}
	if len(p.cfg.Whisper) > 1 && strings.HasPrefix(worst.Mend, "vocoder config set whisper") {
		worst.Mend = "${EDITOR:-nano} " + p.file // it has a list, which is the user's to edit
	}
	return worst
}

func (p *patient) oneRecogniser(ctx context.Context, w config.Whisper) finding {
	h, took, err := recognition.Probe(ctx, p.app.Env, p.cfg, w)
	refused, _ := errors.AsType[*whisper.Error](err)
	if err == nil || refused != nil && refused.Kind == whisper.NoLanguage {
		expected, f := p.understands(ctx, w, h, err != nil)
		if f.Health != well {
			return f
		}
		return ok("%s answers in the dialect %s, a tone in %v; %s", recognition.Place(w.URL), h.Dialect, took.Round(time.Millisecond), expected)
	}
	if e, is := errors.AsType[*config.Error](err); is {
		return ill(broken, p.keyFileMend(w), "%v", e)
	}
	return ill(broken, p.recogniserMend(ctx, w, err), "%v", err)
}

// recogniserMend returns what mends an error of a recogniser. What it proposes
// for the settings was tried.
func (p *patient) recogniserMend(ctx context.Context, w config.Whisper, err error) string {
	e, is := errors.AsType[*whisper.Error](err)
	if !is {
		return "vocoder config check"
	}
	switch e.Kind {
	case whisper.WrongPath, whisper.Rejected, whisper.Garbled, whisper.Redirected:
		return p.readdress(ctx, w)
	case whisper.NoModel:
		other := w
		for _, model := range []string{"", "whisper-1", "small", "base"} {
			if other.Model = model; model == w.Model {
				continue
			}
			if _, _, err := recognition.Probe(ctx, p.app.Env, p.cfg, other); err == nil {
				return fmt.Sprintf("vocoder config set whisper.model %q", model)
			}
		}
		return "curl -s " + recognition.Origin(w.URL) + "/v1/models"
	case whisper.KeyRefused:
		return "vocoder config set whisper.key_file " + filepath.Join(filepath.Dir(p.file), "api-key")
	case whisper.Untrusted:
		return "vocoder config set whisper.ca_file " + filepath.Join(filepath.Dir(p.file), "ca.pem")
	case whisper.NotOurs:
		return "vocoder config set whisper_url unix:" + filepath.Join(p.runtime, "vocoder-engine.sock")
	}
	return p.startRecogniser(ctx, w)
}

// readdress is for a server that answers, but not as the settings want it.
func (p *patient) readdress(ctx context.Context, w config.Whisper) string {
	other := w
	if other.Dialect = ""; w.Dialect != "" {
		if _, _, err := recognition.Probe(ctx, p.app.Env, p.cfg, other); err == nil {
			return `vocoder config set whisper.dialect ""`
		}
	}
	if u, err := url.Parse(w.URL); err == nil && u.Host != "" {
		other.URL, other.Dialect = u.Scheme+"://"+u.Host, w.Dialect
		if _, _, err := recognition.Probe(ctx, p.app.Env, p.cfg, other); err == nil {
			return "vocoder config set whisper_url " + other.URL
		}
	}
	return "vocoder setup"
}

// startRecogniser is the command for a recogniser that is not there or does not
// answer. Where the settings name none of this machine's engine but that
// answers, it is the one to take.
func (p *patient) startRecogniser(ctx context.Context, w config.Whisper) string {
	if w.URL != p.usual.URL {
		if _, _, err := recognition.Probe(ctx, p.app.Env, p.cfg, p.usual); err == nil {
			return "vocoder config set whisper_url " + p.usual.URL
		}
	}
	switch installed, masked := p.userUnit(systemd.EngineSocket); {
	case masked:
		return fmt.Sprintf("systemctl --user unmask %s && systemctl --user start %s", systemd.EngineSocket, systemd.EngineSocket)
	case installed:
		return "systemctl --user enable --now " + systemd.EngineSocket
	}
	if u, err := url.Parse(w.URL); err == nil && strings.HasPrefix(u.Scheme, "http") && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		return "curl -v " + recognition.Origin(w.URL) + "/health"
	}
	return "vocoder-engine serve"
}

// keyFileMend is for a file that the settings name and that cannot be used.
func (p *patient) keyFileMend(w config.Whisper) string {
	for _, file := range []string{w.KeyFile, w.CAFile} {
		if file == "" {
			continue
		}
		err := p.open(file, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return "install -m 600 /dev/stdin " + file
		}
		if file == w.KeyFile {
			return "chmod 600 " + file
		}
	}
	return "${EDITOR:-nano} " + p.file
}
