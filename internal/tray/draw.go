package tray

import "math"

// A Mood is what the icon shows, by its colour and by its shape.
type Mood uint8

const (
	Idle      Mood = iota // a grey microphone
	Listening             // red
	Thinking              // amber, with dots below
	Paused                // struck through
	Problem               // with a mark beside it
)

// A colour is red, green and blue, 0 to 255.
type colour [3]float64

// The colours can be told from a light and from a dark panel.
var (
	grey  = colour{148, 158, 170}
	red   = colour{229, 62, 62}
	amber = colour{214, 148, 32}
)

// sizes are those that panels ask for, in pixels; they scale others.
var sizes = []int{16, 22, 24, 32, 48, 64}

// pixmaps are the pictures of a mood: ARGB of 8 bits each, in network byte
// order, not premultiplied. Source: IconPixmap of StatusNotifierItem. The names
// of icon themes are not used: a theme that lacks one shows that something is
// missing, as Adwaita does for audio-input-microphone.
func pixmaps(m Mood) []pixmap {
	var all []pixmap
	for _, n := range sizes {
		all = append(all, pixmap{int32(n), int32(n), draw(m, n)})
	}
	return all
}

// fine is into how many parts a pixel is divided, each way, for smooth edges.
const fine = 4

func draw(m Mood, n int) []byte {
	data := make([]byte, 0, 4*n*n)
	for y := range n {
		for x := range n {
			var sum colour
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

// A point is a place in the picture, whose sides are 1 long.
type point struct{ x, y float64 }

// of returns what colour a picture has at p, if any.
func (p point) of(m Mood) (colour, bool) {
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
			return grey, true
		}
		return grey, across > 0.12 && p.microphone()
	case Problem:
		center := point{0.77, 0.74}
		switch far := p.near(center, center); {
		case far < 0.22 && (p.near(point{0.77, 0.62}, point{0.77, 0.75}) < 0.04 || p.near(point{0.77, 0.86}, point{0.77, 0.86}) < 0.045):
			return colour{255, 255, 255}, true
		case far < 0.22:
			return colour{221, 107, 32}, true
		case far < 0.28:
			return colour{}, false
		}
	}
	return grey, p.microphone()
}

// microphone reports whether p is in one: a capsule in a fork, on a foot.
func (p point) microphone() bool {
	top, bottom := point{0.5, 0.22}, point{0.5, 0.46}
	fork := p.near(top, bottom)
	return fork < 0.155 || // the capsule
		fork > 0.24 && fork < 0.315 && p.y > 0.42 || // the fork
		p.near(point{0.5, 0.76}, point{0.5, 0.88}) < 0.04 ||
		p.near(point{0.34, 0.92}, point{0.66, 0.92}) < 0.045
}

// near is how far p is from the line between two points.
func (p point) near(a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = min(max(((p.x-a.x)*dx+(p.y-a.y)*dy)/l, 0), 1)
	}
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}
