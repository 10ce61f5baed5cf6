package doctor

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/app/report"
)

// startSoundServer is the command that starts the sound server that is installed.
func (m *Machine) startSoundServer() string {
	for _, unit := range []string{"pipewire-pulse.socket", "pulseaudio.socket"} {
		switch installed, masked := m.userUnit(unit); {
		case masked && unit == "pipewire-pulse.socket":
			if other, _ := m.userUnit("pulseaudio.socket"); other {
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
		return report.Bad(report.Broken, m.unmute(s), "%s is muted", s.Description)
	case s.Volume < tooLow:
		return report.Bad(report.Broken, m.louder(s), "the volume of %s is %s", s.Description, decibels(s.Volume))
	}
	problem, err := m.listen(ctx)
	switch {
	case problem == capture.Silent:
		return report.Bad(report.Broken, "pavucontrol --tab=4", "%s delivers only zeros: a switch of the device, another input of it, or the privacy settings", s.Description)
	case problem == capture.Clipping:
		return report.Bad(report.Warning, "pactl set-source-volume "+s.Name+" 50%", "%s is too loud", s.Description)
	case problem == capture.Stalled, problem == capture.Unready, problem == capture.Broken, err != nil:
		return report.Bad(report.Broken, m.startSoundServer(), "%s: %s", s.Description, describe(problem, err))
	case s.Monitor:
		return report.Bad(report.Warning, `vocoder config set audio.source ""`, "%s is what an output plays, not a microphone", s.Description)
	}
	return report.Good("%s (%s)", s.Description, s.Name)
}

// tooLow is a volume, in dB, at which nobody is understood.
const tooLow = -40

func decibels(v float64) string {
	if math.IsInf(v, -1) {
		return "0"
	}
	return fmt.Sprintf("%.0f dB", v)
}

func describe(problem capture.Problem, err error) string {
	if problem != 0 {
		return problem.String()
	}
	return err.Error()
}

// chosen returns the source that the settings mean, by the rules of capture.
func (m *Machine) chosenSource(all []capture.Source) (capture.Source, report.Finding) {
	want := m.cfg.Audio.Source
	if want != "" {
		s, err := capture.Choose(all, want)
		if err != nil {
			return s, report.Bad(report.Broken, `vocoder config set audio.source ""`, "%v", err)
		}
		return s, report.Finding{}
	}
	microphones := slices.DeleteFunc(slices.Clone(all), func(s capture.Source) bool { return s.Monitor })
	for _, s := range all {
		if s.Default && !s.Monitor {
			return s, report.Finding{}
		}
	}
	if len(microphones) == 0 {
		return capture.Source{}, report.Bad(report.Broken, "vocoder sources", "there is no microphone: plug one in")
	}
	return capture.Source{}, report.Bad(report.Broken, "pactl set-default-source "+microphones[0].Name, "the default is no microphone but what an output plays; there is %s", microphones[0].Description)
}

// unmute and louder take the tool of the sound server that is there.
func (m *Machine) unmute(s capture.Source) string {
	if !m.exists("/usr/bin/pactl") && m.exists("/usr/bin/wpctl") && s.Default {
		return "wpctl set-mute @DEFAULT_AUDIO_SOURCE@ 0"
	}
	return "pactl set-source-mute " + s.Name + " 0"
}

func (m *Machine) louder(s capture.Source) string {
	if !m.exists("/usr/bin/pactl") && m.exists("/usr/bin/wpctl") && s.Default {
		return "wpctl set-volume @DEFAULT_AUDIO_SOURCE@ 100%"
	}
	return "pactl set-source-volume " + s.Name + " 100%"
}
