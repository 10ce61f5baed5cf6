package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
)

// checkSettings examines whether the settings file can be read and has no mistake.
func (m *Machine) checkSettings(context.Context) report.Finding {
	switch {
	case errors.Is(m.settings, evdev.ErrWrites), errors.Is(m.settings, evdev.ErrClicks), errors.Is(m.settings, settings.ErrRepeats):
		return report.Bad(report.Broken, "vocoder keys --learn", "%v", m.settings)
	case m.settings != nil:
		return report.Bad(report.Broken, "${EDITOR:-nano} "+m.file, "%v", m.settings)
	}
	if _, err := os.Stat(m.file); errors.Is(err, fs.ErrNotExist) {
		return report.Good("%s is not there: the defaults are used", m.file)
	}
	return report.Good("%s", m.file)
}
