package daemon

import (
	"context"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/tray"
)

// face is how the icon in the panel shows a status.
func face(line string, s control.Status) tray.Face {
	f := tray.Face{Text: line}
	if s.Language != "" {
		f.Text += "; language " + s.Language
	}
	if s.LanguageNote != "" {
		f.Text += ": " + s.LanguageNote
	}
	switch {
	case s.Recording:
		f.Mood = tray.Listening
	case s.Typing || s.Waiting > 0:
		f.Mood = tray.Thinking
	case s.Pause != "":
		f.Mood = tray.Paused
	case len(s.Lacks) > 0:
		f.Mood = tray.Problem
	}
	return f
}

// icon shows the icon in the panel until ctx is done, if the settings at the
// start want one.
func (d *daemon) icon(ctx context.Context) {
	if !d.current().cfg.Tray {
		return
	}
	if err := d.tray.Run(ctx); err != nil {
		d.log.Warn("no icon in the panel", "err", err)
	}
}
