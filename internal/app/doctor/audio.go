package doctor

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/app/report"
)

// startSoundServer returns the command that starts the installed sound server. If two
// are installed, it prefers PipeWire, unless only PulseAudio is not masked.
func (m *Machine) startSoundServer() string {
	fix := m.installSound()
	for _, unit := range []string{"pipewire-pulse.socket", "pulseaudio.socket"} {
		switch installed, masked := m.userUnit(unit); {
		case masked:
			fix = unmask(unit)
		case installed:
			return "systemctl --user restart " + unit
		}
	}
	return fix
}

func (m *Machine) checkMicrophone(ctx context.Context) report.Finding {
	all, err := m.sources(ctx)
	if err != nil {
		return report.Bad(report.Broken, m.startSoundServer(), "%v", err)
	}
	s, f := m.chosenSource(all)
	if f.State != report.OK {
		return f
	}
	switch {
	case s.Muted:
		return report.Bad(report.Broken, m.mixer(s, "mute", "0"), "%s is muted", s.Description)
	case s.Volume < tooLow:
		return report.Bad(report.Broken, m.mixer(s, "volume", "100%"), "the volume of %s is %s", s.Description, decibels(s.Volume))
	}
	problem, err := m.listen(ctx)
	switch {
	case problem == capture.Silent:
		return report.Bad(report.Broken, "pavucontrol --tab=4", "%s delivers only zeros: a switch of the device, another input of it, the privacy settings, or a noise gate before you speak", s.Description)
	case problem == capture.Clipping:
		return report.Bad(report.Warning, "pactl set-source-volume "+quote(s.Name)+" 50%", "%s is too loud", s.Description)
	case problem == capture.Stalled, problem == capture.Unready, problem == capture.Broken, problem != 0 && err != nil:
		return report.Bad(report.Broken, m.startSoundServer(), "%s: %v", s.Description, problem)
	case err != nil:
		return report.Bad(report.Broken, m.startSoundServer(), "%s: %v", s.Description, err)
	case s.Monitor:
		return report.Bad(report.Warning, `vocoder config set audio.source ""`, "%s is what an output plays, not a microphone", s.Description)
	}
	return report.Good("%s (%s)", s.Description, s.Name)
}

// tooLow is the volume, in dB, below which no recognizer understands the user.
const tooLow = -40

func decibels(v float64) string {
	if math.IsInf(v, -1) {
		return "0"
	}
	return fmt.Sprintf("%.0f dB", v)
}

// chosenSource returns the source that the settings mean, by the rules of capture. If
// there is none, the finding says why.
func (m *Machine) chosenSource(all []capture.Source) (capture.Source, report.Finding) {
	s, err := capture.Choose(all, cmp.Or(m.cfg.Audio.Source, m.usualSource))
	if err == nil {
		return s, report.Finding{}
	}
	if m.cfg.Audio.Source != "" {
		return s, report.Bad(report.Broken, `vocoder config set audio.source ""`, "%v", err)
	}
	if m.usualSource != "" {
		return s, report.Bad(report.Broken, "vocoder sources", "%v: $PULSE_SOURCE or client.conf of PulseAudio names it", err)
	}
	i := slices.IndexFunc(all, func(s capture.Source) bool { return !s.Monitor })
	if i < 0 {
		return s, report.Bad(report.Broken, "vocoder sources", "there is no microphone: plug one in")
	}
	return s, report.Bad(report.Broken, "pactl set-default-source "+quote(all[i].Name), "the default is no microphone but what an output plays; there is %s", all[i].Description)
}

// mixer returns the command that sets the mute or the volume of a source. If pactl is
// not installed, it uses wpctl, which needs no name for the default source.
func (m *Machine) mixer(s capture.Source, what, value string) string {
	if !m.exists("/usr/bin/pactl") && m.exists("/usr/bin/wpctl") && s.Default {
		return "wpctl set-" + what + " @DEFAULT_AUDIO_SOURCE@ " + value
	}
	return "pactl set-source-" + what + " " + quote(s.Name) + " " + value
}
