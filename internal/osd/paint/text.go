package paint

import (
	"image/color"
	"slices"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"

	"github.com/arealicehole/vocoder/internal/printable"
)

// A style is how a text is drawn.
type style struct {
	size  float64 // logical
	heavy bool
	color color.Color
}

// A writer shapes texts of any script. It implements shaping.Fontmap for the style of the
// text that it shapes.
type writer struct {
	fonts  *Fonts
	own    *font.Face
	shaper shaping.HarfbuzzShaper
	split  shaping.Segmenter
	wrap   shaping.LineWrapper
}

// ResolveFace implements shaping.Fontmap.
func (w *writer) ResolveFace(r rune) *font.Face { return w.fonts.face(w.own, r) }

// A line is a shaped line of text: its runs from left to right.
type line struct {
	runs  []shaping.Output
	width float64 // logical

	leftward bool // its paragraph is written from right to left
}

// maxText bounds a text that is shaped, in characters.
const maxText = 2000

// lines shapes a text into lines of at most a width, with at most so many lines; 0 means no
// limit. A longer text ends with an ellipsis.
func (w *writer) lines(text string, st style, unit, width float64, most int) (all []line) {
	runes := []rune(printable.Line(text, maxText))
	if len(runes) == 0 || width < st.size {
		return nil
	}
	w.own = w.fonts.own(st.heavy)
	dir := direction(string(runes))
	shape := func(runes []rune) (outs []shaping.Output) {
		in := shaping.Input{Text: runes, RunEnd: len(runes), Direction: dir, Face: w.own, Size: fixed.Int26_6(st.size * unit * 64)}
		for _, part := range w.split.Split(in, w) {
			outs = append(outs, w.shaper.Shape(part))
		}
		return outs
	}
	config := shaping.WrapConfig{Direction: dir, TruncateAfterLines: most}
	if most > 0 {
		config.Truncator = shape([]rune("…"))[0]
	}
	wrapped, _ := w.wrap.WrapParagraphF(config, fixed.Int26_6(width*unit*64), runes, shaping.NewSliceIterator(shape(runes)))
	for _, l := range wrapped {
		runs := slices.Clone(l)
		slices.SortStableFunc(runs, func(a, b shaping.Output) int { return int(a.VisualIndex) - int(b.VisualIndex) })
		out := line{runs: runs, leftward: dir == di.DirectionRTL}
		var advance fixed.Int26_6
		for _, run := range runs {
			advance += run.Advance
		}
		out.width = float64(advance) / 64 / unit
		all = append(all, out)
	}
	return all
}

// direction returns the direction of a paragraph, by its first letter that has one.
func direction(text string) di.Direction {
	for _, r := range text {
		properties, _ := bidi.LookupRune(r)
		switch properties.Class() {
		case bidi.L:
			return di.DirectionLTR
		case bidi.R, bidi.AL:
			return di.DirectionRTL
		}
	}
	return di.DirectionLTR
}

// text draws a line with its left end and its baseline at a point.
func (c *canvas) text(l line, at point, paint func(index int) color.Color) {
	x := c.px(at.x)
	y := c.px(at.y)
	for _, run := range l.runs {
		scale := float32(run.Size) / 64 / float32(run.Face.Upem())
		for _, g := range run.Glyphs {
			c.glyph(run.Face, g.GlyphID, x+f32(g.XOffset), y-f32(g.YOffset), scale, paint(g.TextIndex()))
			x += f32(g.Advance)
		}
	}
}

func f32(v fixed.Int26_6) float32 { return float32(v) / 64 }

// glyph draws a glyph with its origin at a place in pixels.
func (c *canvas) glyph(face *font.Face, id font.GID, x, y, scale float32, col color.Color) {
	var outline font.GlyphOutline
	switch data := face.GlyphData(id).(type) {
	case font.GlyphOutline:
		outline = data
	case font.GlyphSVG:
		outline = data.Outline
	case font.GlyphBitmap:
		if data.Outline == nil {
			return
		}
		outline = *data.Outline
	}
	c.begin()
	for _, s := range outline.Segments {
		out := segment{op: s.Op}
		for i, p := range s.Args {
			out.x[i], out.y[i] = x+p.X*scale, y-p.Y*scale
		}
		c.path = append(c.path, out)
	}
	c.fill(col)
}
