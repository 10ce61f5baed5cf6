package daemon

import (
	"testing"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/tray"
)

func TestFace(t *testing.T) {
	lacks := map[string]string{"recogniser": "down"}
	for _, tt := range []struct {
		name string
		s    control.Status
		want tray.Face
	}{
		{"idle", control.Status{}, tray.Face{Text: "line"}},
		{"listening comes first", control.Status{Recording: true, Waiting: 1, Lacks: lacks}, tray.Face{Mood: tray.Listening, Text: "line"}},
		{"thinking", control.Status{Waiting: 1}, tray.Face{Mood: tray.Thinking, Text: "line"}},
		{"paused", control.Status{Pause: "by command", Lacks: lacks}, tray.Face{Mood: tray.Paused, Text: "line"}},
		{"problem", control.Status{Lacks: lacks}, tray.Face{Mood: tray.Problem, Text: "line"}},
	} {
		if got := face("line", tt.s); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
