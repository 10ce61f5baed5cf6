package paint

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/vector"
)

// A canvas draws filled shapes into a picture. Its coordinates are logical: unit pixels of
// the picture each.
type canvas struct {
	img  *image.RGBA
	unit float64
	path []segment // outlined since begin, in pixels
	r    vector.Rasterizer
}

// A segment is a piece of an outline. Its last point is its end.
type segment struct {
	op   opentype.SegmentOp
	x, y [3]float32
}

func (c *canvas) px(v float64) float32 { return float32(v * c.unit) }

// begin begins a shape.
func (c *canvas) begin() { c.path = c.path[:0] }

func (c *canvas) moveTo(x, y float32) {
	c.path = append(c.path, segment{op: opentype.SegmentOpMoveTo, x: [3]float32{x}, y: [3]float32{y}})
}

func (c *canvas) lineTo(x, y float32) {
	c.path = append(c.path, segment{op: opentype.SegmentOpLineTo, x: [3]float32{x}, y: [3]float32{y}})
}

// bounds returns the pixels that the shape touches.
func (c *canvas) bounds() image.Rectangle {
	low, high := [2]float32{math.MaxFloat32, math.MaxFloat32}, [2]float32{-math.MaxFloat32, -math.MaxFloat32}
	for _, s := range c.path {
		for i := range points(s.op) {
			low = [2]float32{min(low[0], s.x[i]), min(low[1], s.y[i])}
			high = [2]float32{max(high[0], s.x[i]), max(high[1], s.y[i])}
		}
	}
	if len(c.path) == 0 {
		return image.Rectangle{}
	}
	r := image.Rect(int(math.Floor(float64(low[0]))), int(math.Floor(float64(low[1]))), int(high[0])+1, int(high[1])+1)
	return r.Intersect(c.img.Rect)
}

// points returns how many points a segment has.
func points(op opentype.SegmentOp) int {
	switch op {
	case opentype.SegmentOpQuadTo:
		return 2
	case opentype.SegmentOpCubeTo:
		return 3
	}
	return 1
}

// fill draws the shape outlined since begin. A new contour closes the one before.
func (c *canvas) fill(col color.Color) {
	at := c.bounds()
	if at.Empty() {
		return
	}
	c.r.Reset(at.Dx(), at.Dy())
	c.r.DrawOp = draw.Over
	dx, dy := float32(at.Min.X), float32(at.Min.Y)
	for i, s := range c.path {
		for j := range s.x {
			s.x[j] -= dx
			s.y[j] -= dy
		}
		switch s.op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				c.r.ClosePath()
			}
			c.r.MoveTo(s.x[0], s.y[0])
		case opentype.SegmentOpLineTo:
			c.r.LineTo(s.x[0], s.y[0])
		case opentype.SegmentOpQuadTo:
			c.r.QuadTo(s.x[0], s.y[0], s.x[1], s.y[1])
		case opentype.SegmentOpCubeTo:
			c.r.CubeTo(s.x[0], s.y[0], s.x[1], s.y[1], s.x[2], s.y[2])
		}
	}
	c.r.ClosePath()
	c.r.Draw(c.img, at, image.NewUniform(col), image.Point{})
}

// A point is a place in logical coordinates.
type point struct{ x, y float64 }

// polygon outlines a closed polygon.
func (c *canvas) polygon(points ...point) {
	for i, p := range points {
		if i == 0 {
			c.moveTo(c.px(p.x), c.px(p.y))
		} else {
			c.lineTo(c.px(p.x), c.px(p.y))
		}
	}
}

// kappa is the distance of the control points of a quarter of a circle.
const kappa = 0.5522847

// round outlines a rectangle with round corners.
func (c *canvas) round(x, y, w, h, radius float64) {
	r := min(radius, w/2, h/2)
	k := r * (1 - kappa)
	line := func(px, py float64) { c.lineTo(c.px(px), c.px(py)) }
	cube := func(ax, ay, bx, by, px, py float64) {
		c.path = append(c.path, segment{opentype.SegmentOpCubeTo,
			[3]float32{c.px(ax), c.px(bx), c.px(px)}, [3]float32{c.px(ay), c.px(by), c.px(py)}})
	}
	c.moveTo(c.px(x+r), c.px(y))
	line(x+w-r, y)
	cube(x+w-k, y, x+w, y+k, x+w, y+r)
	line(x+w, y+h-r)
	cube(x+w, y+h-k, x+w-k, y+h, x+w-r, y+h)
	line(x+r, y+h)
	cube(x+k, y+h, x, y+h-k, x, y+h-r)
	line(x, y+r)
	cube(x, y+k, x+k, y, x+r, y)
}

// circle outlines a circle.
func (c *canvas) circle(x, y, radius float64) {
	c.round(x-radius, y-radius, 2*radius, 2*radius, radius)
}

// hole outlines a circle the other way round, which leaves it out of a shape around it.
func (c *canvas) hole(x, y, radius float64) {
	const steps = 32
	for i := range steps {
		a := -2 * math.Pi * float64(i) / steps
		px, py := c.px(x+radius*math.Cos(a)), c.px(y+radius*math.Sin(a))
		if i == 0 {
			c.moveTo(px, py)
		} else {
			c.lineTo(px, py)
		}
	}
}

// stroke outlines a line with round ends.
func (c *canvas) stroke(a, b point, width float64) {
	dx, dy := b.x-a.x, b.y-a.y
	l := math.Hypot(dx, dy)
	nx, ny := -dy/l*width/2, dx/l*width/2
	c.polygon(point{a.x - nx, a.y - ny}, point{b.x - nx, b.y - ny}, point{b.x + nx, b.y + ny}, point{a.x + nx, a.y + ny})
	c.circle(a.x, a.y, width/2)
	c.circle(b.x, b.y, width/2)
}

// shadow darkens the picture around a rectangle with round corners, less with each pixel.
func (c *canvas) shadow(x, y, w, h, radius, blur, strength float64) {
	u := c.unit
	for py := max(0, int((y-blur)*u)); py < min(c.img.Rect.Dy(), int((y+h+blur)*u)+1); py++ {
		row := c.img.Pix[py*c.img.Stride:]
		for px := max(0, int((x-blur)*u)); px < min(c.img.Rect.Dx(), int((x+w+blur)*u)+1); px++ {
			// The distance from the rectangle, negative inside.
			qx := math.Abs((float64(px)+.5)/u-x-w/2) - w/2 + radius
			qy := math.Abs((float64(py)+.5)/u-y-h/2) - h/2 + radius
			d := math.Hypot(max(qx, 0), max(qy, 0)) + min(max(qx, qy), 0) - radius
			if t := 1 - (d+blur/4)/blur; t > 0 {
				t = min(t, 1)
				row[4*px+3] = uint8(255 * strength * t * t) // the picture is empty: black, premultiplied
			}
		}
	}
}
