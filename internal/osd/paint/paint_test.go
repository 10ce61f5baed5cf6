package paint

import (
	"image"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/osd/view"
)

// drawn returns the picture of a view.
func drawn(v view.View, look Look, at Place, unit float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, int(Width*unit), int(Height*unit)))
	var p Painter
	p.Draw(img, v, look, at, unit)
	return img
}

// row returns the middle row of the pill at the top of a picture of full height.
func row(img *image.RGBA) int { return img.Rect.Dy() * (margin + height/2) / Height }

// extent returns the columns of a picture that are opaque in its middle row.
func extent(img *image.RGBA) (first, last int) {
	first, last = -1, -1
	y := row(img)
	for x := range img.Rect.Dx() {
		if img.RGBAAt(x, y).A > 200 {
			if first < 0 {
				first = x
			}
			last = x
		}
	}
	return first, last
}

// barHeights returns how high each bar of the meter is, in pixels, from the left.
func barHeights(img *image.RGBA, look Look, unit float64) (heights []int) {
	want := look.colors().bar
	_, last := extent(img)
	from := last - int((padding+meterSize)*unit)
	column := func(x int) (n int) {
		is := func(y int) bool {
			c := img.RGBAAt(x, y)
			return near(c.R, want.R) && near(c.G, want.G) && near(c.B, want.B)
		}
		for y := row(img); y >= 0 && is(y); y-- {
			n++
		}
		for y := row(img) + 1; y < img.Rect.Dy() && is(y); y++ {
			n++
		}
		return n
	}
	for i := range view.Bars {
		most := 0
		for x := from + int(float64(i*barStep)*unit); x < from+int(float64((i+1)*barStep)*unit); x++ {
			most = max(most, column(x))
		}
		heights = append(heights, most)
	}
	return heights
}

func near(a, b uint8) bool { return math.Abs(float64(a)-float64(b)) < 12 }

// The bars are as high as the levels, at each scale and in each look; in silence they are
// dots, and with reduced motion all are equal.
func TestBars(t *testing.T) {
	v := view.View{Icon: view.Listening, Text: "Listening", Meter: true}
	for i := range v.Levels {
		v.Levels[i] = i * 100 / (view.Bars - 1)
	}
	for _, unit := range []float64{1, 1.25, 1.6, 2, 3} {
		for _, look := range []Look{{}, {Light: true}, {Contrast: true}, {Light: true, Contrast: true}} {
			heights := barHeights(drawn(v, look, Place{Top: true}, unit), look, unit)
			for i := 4; i < view.Bars; i += 4 {
				if heights[i] <= heights[i-4] {
					t.Errorf("unit %v, %+v: bar %d is %d high, bar %d is %d", unit, look, i, heights[i], i-4, heights[i-4])
				}
			}
			if got, want := float64(heights[view.Bars-1]), barHeight*unit; math.Abs(got-want) > 2+unit {
				t.Errorf("unit %v: full scale is %v high, want %v", unit, got, want)
			}
			silent := v
			silent.Levels = [view.Bars]int{}
			for i, h := range barHeights(drawn(silent, look, Place{Top: true}, unit), look, unit) {
				if float64(h) > (barWidth+1)*unit || h == 0 {
					t.Errorf("unit %v: in silence bar %d is %d high", unit, i, h)
				}
			}
			look.Still = true
			for i, h := range barHeights(drawn(v, look, Place{Top: true}, unit), look, unit) {
				if h != heights[view.Bars-1] {
					t.Errorf("unit %v, still: bar %d is %d high, want %d", unit, i, h, heights[view.Bars-1])
				}
			}
		}
	}
}

// The pill is in the middle, or at a side, and always whole, also in a narrow picture with
// a long text of any script.
func TestPlace(t *testing.T) {
	long := "A very long text that does not fit into the overlay at all and has to end somewhere before its end"
	for _, text := range []string{"Typed", long, "שלום עולם שלום עולם", "日本語の長い文章日本語の長い文章日本語の長い文章日本語の長い文章", "\u202e\u0000\x1b[1m", "a\nb", "e\u0301\u0301\u0301", "👩‍👩‍👧"} {
		for _, width := range []float64{200, 320, Width} {
			for _, align := range []Align{Left, Center, Right} {
				img := image.NewRGBA(image.Rect(0, 0, int(width), Height))
				var p Painter
				p.Draw(img, view.View{Icon: view.Problem, Text: text, Note: "vocoderctl retry", Elapsed: time.Minute}, Look{}, Place{Top: true, Align: align}, 1)
				first, last := extent(img)
				if first < margin-2 || last > int(width)-margin+2 {
					t.Errorf("%q in %v, %d: from %d to %d", text, width, align, first, last)
				}
				middle := float64(first+last) / 2
				switch {
				case align == Left && first > margin+2, align == Right && last < int(width)-margin-2, align == Center && math.Abs(middle-width/2) > 2:
					t.Errorf("%q in %v, %d: from %d to %d", text, width, align, first, last)
				}
			}
		}
	}
}

// Words make the pill a card, of the last two lines of them: first those that stay, then,
// dim and with an ellipsis, those that may change.
func TestWords(t *testing.T) {
	var p Painter
	p.writer.fonts = &p.fonts
	for _, tt := range []struct {
		stable, provisional string
		text                string
		stays               int
	}{
		{"one", "two", "one two…", 4},
		{"one", "", "one", 3},
		{"", "two", "two…", 0},
		{"日本", "語", "日本語…", 2},
	} {
		lines, stays := p.words(view.View{Stable: tt.stable, Provisional: tt.provisional}, 1, 400)
		want := p.writer.lines(tt.text, style{size: wordSize}, 1, 400, 0)
		if len(lines) != 1 || lines[0].width != want[0].width || stays != tt.stays {
			t.Errorf("%q, %q: %d lines, %d stay; want %q, %d", tt.stable, tt.provisional, len(lines), stays, tt.text, tt.stays)
		}
	}
	long := strings.Repeat("word ", 5000)
	if lines, _ := p.words(view.View{Stable: long, Provisional: long}, 1, 400); len(lines) != wordLines {
		t.Errorf("%d lines of a long text", len(lines))
	}
	for _, at := range []Place{{}, {Top: true}} {
		img := image.NewRGBA(image.Rect(0, 0, Width, Height))
		drawn := p.Draw(img, view.View{Icon: view.Listening, Text: "Listening", Meter: true, Stable: long, Provisional: long}, Look{}, at, 1)
		if !drawn.In(img.Rect) || drawn.Dy() < height+wordLines*lineHeight {
			t.Errorf("%+v: drawn at %v", at, drawn)
		}
	}
}

// No two icons are alike without their colors.
func TestIcons(t *testing.T) {
	shapes := map[string]view.Icon{}
	for i := view.Listening; i <= view.Problem; i++ {
		img := image.NewRGBA(image.Rect(0, 0, 40, 40))
		c := &canvas{img: img, unit: 2}
		c.icon(i, Look{}.colors(), point{10, 10})
		shape := ""
		for k := 3; k < len(img.Pix); k += 4 {
			if img.Pix[k] > 127 {
				shape += "#"
			} else {
				shape += " "
			}
		}
		if other, is := shapes[shape]; is {
			t.Errorf("icons %d and %d have the same shape", i, other)
		}
		shapes[shape] = i
	}
}

// Each text has a contrast of at least 4.5 to its background, and each icon of 3. Source:
// WCAG 2.2, 1.4.3 and 1.4.11.
func TestContrast(t *testing.T) {
	for _, look := range []Look{{}, {Light: true}, {Contrast: true}, {Light: true, Contrast: true}} {
		p := look.colors()
		for name, c := range map[string]struct {
			color [3]uint8
			least float64
		}{
			"text": {[3]uint8{p.text.R, p.text.G, p.text.B}, 4.5}, "dim": {[3]uint8{p.dim.R, p.dim.G, p.dim.B}, 4.5},
			"amber": {[3]uint8{p.amber.R, p.amber.G, p.amber.B}, 4.5}, "red": {[3]uint8{p.red.R, p.red.G, p.red.B}, 3},
			"green": {[3]uint8{p.green.R, p.green.G, p.green.B}, 3}, "bar": {[3]uint8{p.bar.R, p.bar.G, p.bar.B}, 3},
		} {
			a, b := luminance(c.color), luminance([3]uint8{p.back.R, p.back.G, p.back.B})
			if ratio := (max(a, b) + .05) / (min(a, b) + .05); ratio < c.least {
				t.Errorf("%+v: %s has a contrast of %.1f", look, name, ratio)
			}
		}
	}
}

// luminance returns the relative luminance of a color of sRGB.
func luminance(c [3]uint8) (l float64) {
	for i, part := range []float64{.2126, .7152, .0722} {
		v := float64(c[i]) / 255
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		l += part * v
	}
	return l
}

// A frame must be cheap: there are fifteen in a second.
func BenchmarkDraw(b *testing.B) {
	img := image.NewRGBA(image.Rect(0, 0, 2*Width, 2*Height))
	var p Painter
	v := view.View{Icon: view.Listening, Text: "Listening", Meter: true, Elapsed: time.Minute}
	for b.Loop() {
		clear(img.Pix)
		p.Draw(img, v, Look{}, Place{}, 2)
	}
}

// Shaping and drawing never fail, whatever the words are.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a", "שלום abc", "\xff", "\u200d\u200d", "a\u0300\u0301", "مرحبا 123", "👩‍👩‍👧"} {
		f.Add(s, 100.0)
	}
	var p Painter
	img := image.NewRGBA(image.Rect(0, 0, 200, Height))
	f.Fuzz(func(t *testing.T, s string, _ float64) {
		clear(img.Pix)
		if at := p.Draw(img, view.View{Icon: view.Done, Text: s}, Look{}, Place{}, 1); !at.In(img.Rect) {
			t.Errorf("drew at %v", at)
		}
	})
}
