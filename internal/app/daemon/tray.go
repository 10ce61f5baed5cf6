package daemon

import (
	"context"
	"strings"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/tray"
)

// moods are the pictures of the icon for each state.
var moods = map[control.State]tray.Mood{
	control.Listening: tray.Listening, control.Typing: tray.Thinking, control.Paused: tray.Paused,
	control.Thinking: tray.Thinking, control.Problem: tray.Problem, control.Idle: tray.Idle,
}

// face returns what the icon in the panel shows for a status.
func face(s control.Status) tray.Face {
	texts := s.Texts()
	if s.Language != "" {
		texts = append(texts, "language: "+s.Languages())
	}
	return tray.Face{Mood: moods[s.State], Text: strings.Join(texts, "; ")}
}

// showTray shows the icon in the panel until ctx is done, if the settings at the start ask
// for it.
func (d *daemon) showTray(ctx context.Context) {
	if !d.current().cfg.Tray {
		return
	}
	var last string
	d.tray.Run(ctx, func(err error) {
		if err.Error() != last {
			last = err.Error()
			d.log.Warn("no icon in the panel", "err", err)
		}
	})
}
