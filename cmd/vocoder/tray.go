package main

import (
	"context"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/tray"
)

// face is how the icon in the panel shows a status. The names are of the icon
// naming specification and of Adwaita and Breeze.
func face(line string, s control.Status) tray.Face {
	f := tray.Face{Icon: "audio-input-microphone", Text: line}
	switch {
	case s.Recording:
		f.Icon = "media-record"
	case s.Typing || s.Waiting > 0:
		f.Icon = "view-refresh"
	case s.Pause != "":
		f.Icon = "media-playback-pause"
	case len(s.Lacks) > 0:
		f.Icon, f.Attention = "dialog-warning", true
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
