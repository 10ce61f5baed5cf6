package tray

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "draw the icons again and write them")

// TestIcons checks that each icon is the one that this file draws, that it is neither
// empty nor full and leaves the corners free, and that no two icons are alike.
func TestIcons(t *testing.T) {
	if *update {
		for m := Idle; m <= Problem; m++ {
			write(t, m)
		}
		return
	}
	for i, n := range sizes {
		var seen [][]byte
		for m := Idle; m <= Problem; m++ {
			picture := pixmaps(m)[i].Data
			if !bytes.Equal(picture, draw(m, n)) {
				t.Errorf("%s.png at %d pixels: not as drawn; go generate ./internal/tray draws it", names[m], n)
			}
			covered := 0
			for i := 0; i < len(picture); i += 4 {
				if picture[i] > 127 {
					covered++
				}
			}
			if covered < n*n/10 || covered > n*n/2 || picture[0] != 0 || picture[4*(n-1)] != 0 {
				t.Errorf("mood %d at %d: %d of %d pixels", m, n, covered, n*n)
			}
			for _, other := range seen {
				if bytes.Equal(other, picture) {
					t.Errorf("mood %d at %d has the picture of a different mood", m, n)
				}
			}
			seen = append(seen, picture)
		}
	}
}

// write draws the file of a mood: the icon in each size, from left to right.
func write(t *testing.T, m Mood) {
	t.Helper()
	width := 0
	for _, n := range sizes {
		width += n
	}
	strip := image.NewNRGBA(image.Rect(0, 0, width, slices.Max(sizes)))
	left := 0
	for _, n := range sizes {
		for i, argb := range slices.Collect(slices.Chunk(draw(m, n), 4)) {
			strip.SetNRGBA(left+i%n, i/n, color.NRGBA{A: argb[0], R: argb[1], G: argb[2], B: argb[3]})
		}
		left += n
	}
	f, err := os.Create("icons/" + names[m] + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, strip); err != nil {
		t.Fatal(err)
	}
}

// An rgb is red, green and blue, from 0 to 255.
type rgb [3]float64

// The colors are visible on a light and on a dark panel.
var (
	gray  = rgb{148, 158, 170}
	red   = rgb{229, 62, 62}
	amber = rgb{214, 148, 32}
)

// fine is the number of parts into which draw divides each side of a pixel, for smooth
// edges.
const fine = 4

// draw returns the pixels of an icon, as pixmap.Data has them.
func draw(m Mood, n int) []byte {
	data := make([]byte, 0, 4*n*n)
	for y := range n {
		for x := range n {
			var sum rgb
			covered := 0.0
			for k := range fine * fine {
				at := point{
					(float64(x) + (float64(k%fine)+0.5)/fine) / float64(n),
					(float64(y) + (float64(k/fine)+0.5)/fine) / float64(n),
				}
				if c, ok := at.of(m); ok {
					covered++
					for i := range sum {
						sum[i] += c[i]
					}
				}
			}
			data = append(data, byte(math.Round(255*covered/(fine*fine))))
			for i := range sum {
				data = append(data, byte(math.Round(sum[i]/max(covered, 1))))
			}
		}
	}
	return data
}

// A point is a place in the picture. The sides of the picture have the length 1.
type point struct{ x, y float64 }

// of returns the color of an icon at p, and false if the icon is transparent there.
func (p point) of(m Mood) (rgb, bool) {
	switch m {
	case Listening:
		return red, p.microphone()
	case Thinking:
		for _, x := range []float64{0.25, 0.5, 0.75} {
			if p.near(point{x, 0.92}, point{x, 0.92}) < 0.075 {
				return amber, true
			}
		}
		return amber, p.microphone() && p.y < 0.8
	case Paused:
		across := p.near(point{0.15, 0.9}, point{0.85, 0.1})
		if across < 0.05 {
			return gray, true
		}
		return gray, across > 0.12 && p.microphone()
	case Problem:
		center := point{0.77, 0.74}
		switch far := p.near(center, center); {
		case far < 0.22 && (p.near(point{0.77, 0.62}, point{0.77, 0.75}) < 0.04 || p.near(point{0.77, 0.86}, point{0.77, 0.86}) < 0.045):
			return rgb{255, 255, 255}, true
		case far < 0.22:
			return rgb{221, 107, 32}, true
		case far < 0.28:
			return rgb{}, false
		}
	}
	return gray, p.microphone()
}

// microphone reports whether p is in the microphone: a capsule in a fork, on a foot.
func (p point) microphone() bool {
	top, bottom := point{0.5, 0.22}, point{0.5, 0.46}
	fork := p.near(top, bottom)
	return fork < 0.155 || // the capsule
		fork > 0.24 && fork < 0.315 && p.y > 0.42 || // the fork
		p.near(point{0.5, 0.76}, point{0.5, 0.88}) < 0.04 ||
		p.near(point{0.34, 0.92}, point{0.66, 0.92}) < 0.045
}

// near returns the distance of p from the line between two points.
func (p point) near(a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = min(max(((p.x-a.x)*dx+(p.y-a.y)*dy)/l, 0), 1)
	}
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}
