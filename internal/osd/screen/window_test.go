package screen

import (
	"image"
	"testing"

	"github.com/arealicehole/vocoder/internal/osd/paint"
)

func TestScaleOf(t *testing.T) {
	for _, tt := range []struct {
		resources string
		want      float64
	}{
		{"", 1},
		{"Xcursor.size:\t24\nXft.dpi:\t192\n", 2},
		{"Xft.dpi:\t144", 1.5},
		{"Xft.dpi:\t0", 1},
		{"Xft.dpi:\t-96", 1},
		{"Xft.dpi:\t1e9", 1},
		{"Xft.dpi:\tNaN", 1},
		{"*Xft.dpi:\t192", 1},
	} {
		if got := scaleOf(tt.resources); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.resources, got, tt.want)
		}
	}
}

// The picture is on the output with most of the focused window, or on the first.
func TestMostOf(t *testing.T) {
	left, right := image.Rect(0, 0, 1280, 720), image.Rect(1280, 0, 3200, 1080)
	both, whole := []image.Rectangle{left, right}, left.Union(right)
	for _, tt := range []struct {
		name    string
		window  image.Rectangle
		outputs []image.Rectangle
		want    image.Rectangle
	}{
		{"left", image.Rect(10, 10, 100, 100), both, left},
		{"right", image.Rect(2000, 10, 2100, 100), both, right},
		{"mostly right", image.Rect(1200, 10, 2100, 100), both, right},
		{"outside", image.Rect(9000, 10, 9100, 100), both, left},
		{"no window", image.Rectangle{}, both, left},
		{"outputs not known", image.Rect(10, 10, 100, 100), nil, whole},
	} {
		if got := mostOf(tt.window, tt.outputs, whole); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// The picture is within its output, wherever that is, at each place and scale.
func TestIn(t *testing.T) {
	for _, output := range []image.Rectangle{image.Rect(0, 0, 1280, 720), image.Rect(1280, -100, 2280, 900), image.Rect(-1920, 0, 0, 1080)} {
		for _, unit := range []float64{.5, 1, 1.6, 3} {
			for _, align := range []paint.Align{paint.Left, paint.Center, paint.Right} {
				for _, top := range []bool{true, false} {
					at := Place{At: paint.Place{Top: top, Align: align}, Size: 1}.in(output, unit)
					if !at.In(output) || at.Empty() {
						t.Errorf("%v, unit %v, %d, top %v: %v", output, unit, align, top, at)
					}
					if above := at.Max.Y < output.Min.Y+output.Dy()/2; above != top && unit < 3 {
						t.Errorf("%v, unit %v, top %v: %v", output, unit, top, at)
					}
				}
			}
		}
	}
}

func TestSwapColors(t *testing.T) {
	to := make([]byte, 8)
	swapColors(to, []byte{1, 2, 3, 4, 5, 6, 7, 8})
	if got := [8]byte(to); got != [8]byte{3, 2, 1, 4, 7, 6, 5, 8} {
		t.Errorf("got %v", got)
	}
}
