package desktop

import (
	"path/filepath"
	"testing"
)

// BenchmarkState asks a compositor, sway and a bus that answer at once.
func BenchmarkState(b *testing.B) {
	c := place(b)
	newCompositor(b, filepath.Join(c.Runtime, "wayland-1"), symbols("German", "English (US)"))
	fakeSway(b, c).set(`[{"type": "keyboard", "name": "vocoder keyboard", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 1}]`)
	newFakeBus(b, filepath.Join(c.Runtime, "bus"))
	w := start(b, c)
	b.ReportAllocs()
	for b.Loop() {
		if s, err := w.State(b.Context()); err != nil || s.Group != 1 {
			b.Fatal(s, err)
		}
	}
}
