package look

import (
	"path/filepath"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/osd/paint"
)

func TestOf(t *testing.T) {
	v := dbus.MakeVariant
	for _, tt := range []struct {
		name string
		all  map[string]map[string]dbus.Variant
		want paint.Look
	}{
		{"nothing", nil, paint.Look{}},
		{"no preference", map[string]map[string]dbus.Variant{appearance: {"color-scheme": v(uint32(0))}}, paint.Look{}},
		{"dark", map[string]map[string]dbus.Variant{appearance: {"color-scheme": v(uint32(1))}}, paint.Look{}},
		{"light", map[string]map[string]dbus.Variant{appearance: {"color-scheme": v(uint32(2)), "contrast": v(uint32(0))}}, paint.Look{Light: true}},
		{"high contrast", map[string]map[string]dbus.Variant{appearance: {"contrast": v(uint32(1))}}, paint.Look{Contrast: true}},
		{"reduced motion", map[string]map[string]dbus.Variant{appearance: {"reduced-motion": v(uint32(1))}}, paint.Look{Still: true}},
		{"no animations", map[string]map[string]dbus.Variant{gnome: {"enable-animations": v(false)}}, paint.Look{Still: true}},
		{"animations", map[string]map[string]dbus.Variant{gnome: {"enable-animations": v(true)}}, paint.Look{}},
		{"of another type", map[string]map[string]dbus.Variant{appearance: {"color-scheme": v("light")}, gnome: {"enable-animations": v(3)}}, paint.Look{}},
	} {
		if got := of(tt.all); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if got := Ask(t.Context(), "unix:path="+filepath.Join(t.TempDir(), "bus")); got != (paint.Look{}) {
		t.Errorf("without a bus: %+v", got)
	}
}
