// Package paint draws the overlay: a pill with an icon, a meter and a few words. It needs no
// display, no graphics card and no font of the system.
package paint

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/arealicehole/vocoder/internal/osd/view"
	"github.com/arealicehole/vocoder/internal/printable"
)

// A Look is what the desktop prefers.
type Look struct {
	Light    bool
	Contrast bool // high contrast
	Still    bool // reduced motion
}

// An Align says where in its picture the overlay is.
type Align int8

// The places.
const (
	Left   Align = -1
	Center Align = 0
	Right  Align = 1
)

// A Place is at which edges of its picture the overlay is.
type Place struct {
	Top   bool
	Align Align
}

// The logical sizes of the overlay.
const (
	Width  = 560 // of the picture
	margin = 14  // around the pill, for its shadow
	height = 40  // of the pill
	Height = height + wordsHeight + 2*margin

	// With words the pill is a card: its first row is that of the pill.
	wordsWidth  = 420
	wordsHeight = wordLines*lineHeight + 10
	wordLines   = 2
	lineHeight  = 21
	wordSize    = 15

	padding   = 15
	gap       = 10
	iconSize  = 14
	barWidth  = 3
	barStep   = 5
	barHeight = 20
	meterSize = view.Bars*barStep - (barStep - barWidth)
	leastText = 200 // room for the text and all after it
	textSize  = 14
	noteSize  = 12.5
)

// A palette has the colors of a look.
type palette struct {
	back, edge, text, dim, bar, red, amber, green color.NRGBA
}

func rgba(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 24), uint8(hex >> 16), uint8(hex >> 8), uint8(hex)}
}

// colors returns the palette of a look. Texts have a contrast of at least 4.5 to 1.
func (l Look) colors() palette {
	p := palette{
		back: rgba(0x1b1c20f2), edge: rgba(0xffffff26), text: rgba(0xf4f4f6ff), dim: rgba(0xa9abb4ff),
		bar: rgba(0xd5d7deff), red: rgba(0xff6b61ff), amber: rgba(0xf5b544ff), green: rgba(0x5bd08aff),
	}
	if l.Light {
		p = palette{
			back: rgba(0xfcfcfdf5), edge: rgba(0x0000001f), text: rgba(0x1d1e22ff), dim: rgba(0x62656fff),
			bar: rgba(0x4a4d57ff), red: rgba(0xcf2a22ff), amber: rgba(0x9a5b00ff), green: rgba(0x14783dff),
		}
	}
	if l.Contrast {
		p.back.A, p.edge, p.dim, p.bar = 0xff, p.text, p.text, p.text
	}
	return p
}

// A Painter draws overlays. It keeps the fonts that it needed until Forget.
type Painter struct {
	fonts  Fonts
	writer writer
	back   []byte // the pixels of the last background
	backOf pill
}

// Forget lets go of the fonts.
func (p *Painter) Forget() { *p = Painter{} }

// Draw draws a view into an empty picture of Width x Height logical pixels, or of less
// width, of unit pixels each. It returns the part that it drew.
func (p *Painter) Draw(img *image.RGBA, v view.View, look Look, at Place, unit float64) image.Rectangle {
	p.writer.fonts = &p.fonts
	c := &canvas{img: img, unit: unit}
	full := float64(img.Rect.Dx()) / unit
	parts := p.layout(v, look, unit, full-2*margin-2*padding)
	is := pill{rect: img.Rect, unit: unit, look: look, width: 2.0*padding - gap, height: height}
	for _, part := range parts {
		is.width += part.width + gap
	}
	var words []line
	stable := 0
	if v.Stable != "" || v.Provisional != "" {
		is.width = min(max(is.width, wordsWidth), full-2*margin)
		words, stable = p.words(v, unit, is.width-2*padding)
		is.height += float64(len(words))*lineHeight + 10
	}
	is.x = map[Align]float64{Left: margin, Center: (full - is.width) / 2, Right: full - margin - is.width}[at.Align]
	is.y = float64(img.Rect.Dy())/unit - margin - is.height
	if at.Top {
		is.y = margin
	}
	p.pill(c, is)
	x, middle := is.x+padding, is.y+height/2
	for _, part := range parts {
		part.draw(c, point{x, middle})
		x += part.width + gap
	}
	c.words(words, stable, look.colors(), is)
	return image.Rect(int((is.x-margin)*unit), int((is.y-margin)*unit), int((is.x+is.width+margin)*unit)+1, int((is.y+is.height+margin)*unit)+1).Intersect(img.Rect)
}

// maxWords bounds the words that are shown, in characters: more than the lines hold.
const maxWords = 400

// words returns the last lines of the words, and how many characters of them stay. An
// ellipsis follows those that may change.
func (p *Painter) words(v view.View, unit, width float64) (lines []line, stable int) {
	first, second := []rune(printable.Line(v.Stable, 1<<16)), []rune(printable.Line(v.Provisional, 1<<16))
	first = first[max(0, len(first)-maxWords):]
	if len(first) > 0 && len(second) > 0 && spaced(first[len(first)-1]) && spaced(second[0]) {
		first = append(first, ' ')
	}
	text := string(first) + string(second[max(0, len(second)-maxWords):])
	if len(second) > 0 {
		text += "…"
	}
	lines = p.writer.lines(text, style{size: wordSize}, unit, width, 0)
	return lines[max(0, len(lines)-wordLines):], len(first)
}

// spaced reports whether a character is of a script with spaces between its words.
func spaced(r rune) bool {
	return !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) &&
		!strings.ContainsRune("、。，！？：；", r)
}

// words draws lines below the first row of a card. Text from right to left is at the right.
func (c *canvas) words(lines []line, stable int, colors palette, is pill) {
	for i, l := range lines {
		x := is.x + padding
		if l.leftward {
			x = is.x + is.width - padding - l.width
		}
		c.text(l, point{x, is.y + height + float64(i)*lineHeight + wordSize}, func(index int) color.Color {
			if index < stable {
				return colors.text
			}
			return colors.dim
		})
	}
}

// A pill is the background of a view.
type pill struct {
	rect                image.Rectangle
	x, y, width, height float64 // logical
	unit                float64
	look                Look
}

// pill draws a background into an empty picture. It keeps the last one, as most frames have
// the same.
func (p *Painter) pill(c *canvas, is pill) {
	if p.back != nil && p.backOf == is {
		copy(c.img.Pix, p.back)
		return
	}
	colors := is.look.colors()
	const line, radius = 1, height / 2
	c.shadow(is.x, is.y+2, is.width, is.height, radius, margin-2, 0.28)
	c.begin()
	c.round(is.x, is.y, is.width, is.height, radius)
	c.fill(colors.edge)
	c.begin()
	c.round(is.x+line, is.y+line, is.width-2*line, is.height-2*line, radius-line)
	c.fill(colors.back)
	p.back, p.backOf = slices.Clone(c.img.Pix), is
}

// A part is a piece of the overlay: icon, meter or text.
type part struct {
	width float64
	draw  func(c *canvas, at point) // at its left end, in the middle of the row
}

// layout returns the parts of a view, from left to right, which take at most a width.
func (p *Painter) layout(v view.View, look Look, unit, room float64) (parts []part) {
	colors := look.colors()
	add := func(pt part) {
		parts = append(parts, pt)
		room -= pt.width + gap
	}
	add(part{iconSize, func(c *canvas, at point) { c.icon(v.Icon, colors, point{at.x + iconSize/2., at.y}) }})
	var tail []part
	right := func(text string, col color.Color) {
		if room < leastText {
			return // the text itself is more important
		}
		if pt := p.label(text, style{noteSize, false, col}, unit, room/2); pt.width > 0 {
			tail = append(tail, pt)
			room -= pt.width + gap
		}
	}
	switch {
	case v.Left > 0:
		right(fmt.Sprintf("%d s left", v.Left/time.Second), colors.amber)
	case v.Elapsed > 0:
		right(clock(v.Elapsed), colors.dim)
	}
	right(v.Note, colors.dim)
	if v.Meter {
		room -= meterSize + gap
	}
	if pt := p.label(v.Text, style{textSize, true, colors.text}, unit, room); pt.width > 0 {
		parts = append(parts, pt)
	}
	if v.Meter {
		parts = append(parts, part{meterSize, func(c *canvas, at point) { c.meter(v.Levels, look.Still, colors.bar, at) }})
	}
	return append(parts, tail...)
}

// clock returns a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// label returns a part with one line of text.
func (p *Painter) label(text string, st style, unit, room float64) part {
	lines := p.writer.lines(text, st, unit, room, 1)
	if len(lines) == 0 {
		return part{}
	}
	l := lines[0]
	return part{l.width, func(c *canvas, at point) {
		c.text(l, point{at.x, at.y + st.size*0.36}, func(int) color.Color { return st.color })
	}}
}

// meter draws a bar for each level. Silence is a row of dots. If it must stand still, all bars
// have the newest level.
func (c *canvas) meter(levels [view.Bars]int, still bool, col color.Color, at point) {
	c.begin()
	for i, l := range levels {
		if still {
			l = levels[view.Bars-1]
		}
		h := barWidth + (barHeight-barWidth)*float64(l)/100
		c.round(at.x+float64(i*barStep), at.y-h/2, barWidth, h, barWidth/2.)
	}
	c.fill(col)
}

// icon draws an icon around a point.
func (c *canvas) icon(i view.Icon, colors palette, at point) {
	c.begin()
	x, y := at.x, at.y
	switch i {
	case view.Listening:
		c.circle(x, y, 5.5)
		c.fill(colors.red)
	case view.Working:
		for _, dx := range []float64{-5, 0, 5} {
			c.circle(x+dx, y, 1.7)
		}
		c.fill(colors.dim)
	case view.Done:
		c.stroke(point{x - 5, y + .5}, point{x - 1.5, y + 4}, 2)
		c.stroke(point{x - 1.5, y + 4}, point{x + 5.5, y - 4}, 2)
		c.fill(colors.green)
	case view.Kept:
		c.stroke(point{x, y - 6}, point{x, y + 1}, 2)
		c.stroke(point{x - 3, y - 1.5}, point{x, y + 1.5}, 2)
		c.stroke(point{x + 3, y - 1.5}, point{x, y + 1.5}, 2)
		c.stroke(point{x - 6, y + 2}, point{x - 6, y + 5.5}, 2)
		c.stroke(point{x - 6, y + 5.5}, point{x + 6, y + 5.5}, 2)
		c.stroke(point{x + 6, y + 5.5}, point{x + 6, y + 2}, 2)
		c.fill(colors.amber)
	case view.Refused:
		c.circle(x, y, 6.5)
		c.hole(x, y, 4.7)
		c.fill(colors.dim)
		c.begin()
		c.stroke(point{x - 3.6, y - 3.6}, point{x + 3.6, y + 3.6}, 1.8)
		c.fill(colors.dim)
	case view.Paused:
		c.round(x-5, y-6, 3.6, 12, 1)
		c.round(x+1.4, y-6, 3.6, 12, 1)
		c.fill(colors.dim)
	case view.Problem:
		c.polygon(point{x, y - 6.5}, point{x + 7, y + 5.5}, point{x - 7, y + 5.5})
		c.fill(colors.amber)
		c.begin()
		c.stroke(point{x, y - 2.2}, point{x, y + 1.2}, 1.6)
		c.circle(x, y+3.6, 0.95)
		c.fill(colors.back)
	}
}
