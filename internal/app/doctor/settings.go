package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
)

// checkSettings examines whether the daemon would run with the settings.
func (m *Machine) checkSettings(context.Context) report.Finding {
	mistakes := settings.Mistakes(m.settings)
	switch {
	case m.settings == nil:
	case len(mistakes) == 0:
		return report.Bad(report.Broken, m.editSettings(), "%v", m.settings)
	default:
		var texts []string
		for _, e := range mistakes {
			texts = append(texts, e.Place+": "+e.Msg)
		}
		return report.Bad(report.Broken, m.fixSetting(mistakes[0]), "%s", strings.Join(texts, "; "))
	}
	if _, err := os.Stat(m.file); errors.Is(err, fs.ErrNotExist) {
		return report.Good("%s is not there: the defaults are used", m.file)
	}
	return report.Good("%s", m.file)
}

// editSettings returns the command that opens the settings file.
func (m *Machine) editSettings() string { return "${EDITOR:-nano} " + quote(m.file) }

// fixSetting returns the command that fixes a mistake where it is: in the environment, in
// the file that --config names, or in the settings file.
func (m *Machine) fixSetting(e *config.Error) string {
	if name, is := strings.CutPrefix(e.Place, "environment "); is {
		return "unset " + name
	}
	writes := errors.Is(e, evdev.ErrWrites) || errors.Is(e, evdev.ErrClicks) || errors.Is(e, settings.ErrRepeats)
	switch {
	case writes && strings.HasPrefix(e.Msg, "cancel_key"):
		return `vocoder config set cancel_key ""`
	case writes:
		return "vocoder keys --learn"
	case errors.Is(e, fs.ErrNotExist) && e.Place == "settings":
		return "vocoder config reference > " + quote(m.file)
	}
	return m.editSettings()
}
