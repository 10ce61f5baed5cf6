package main

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A picture shows rows of a section. The page has it only if all of them were measured.
type picture struct {
	file string               // in docs/pictures
	of   []string             // the names of its figures
	alt  func(figures) string // the picture in words
	draw func(figures, draw.Canvas) error
	high vg.Length
}

const wide = 640

// is reports whether there is a picture and all its figures were measured.
func (p picture) is(f figures) bool {
	return p.file != "" && !slices.ContainsFunc(p.of, func(what string) bool { _, is := f.byWhat[what]; return !is })
}

// svg returns the picture, on white because pages may be dark. The same figures give the
// same bytes.
func (p picture) svg(f figures) ([]byte, error) {
	c := vgsvg.New(wide, p.high)
	dc := draw.New(c)
	dc.FillPolygon(color.White, []vg.Point{{}, {X: wide}, {X: wide, Y: p.high}, {Y: p.high}})
	if err := p.draw(f, draw.Crop(dc, 10, -16, 10, -10)); err != nil {
		return nil, fmt.Errorf("draw %s: %w", p.file, err)
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	// Where this font is missing, there is often one of the same width.
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arimo,Arial,Helvetica,sans-serif;")), nil
}

// draws writes all pictures to a folder.
func draws(f figures, dir string) error {
	for _, s := range sections {
		if !s.picture.is(f) {
			continue
		}
		b, err := s.picture.svg(f)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, s.picture.file), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

var (
	blue   = color.RGBA{0x2b, 0x6c, 0xb0, 0xff}
	orange = color.RGBA{0xdd, 0x6b, 0x20, 0xff}
	gray   = color.RGBA{0x71, 0x80, 0x96, 0xff}
	pale   = color.RGBA{0xe2, 0xe8, 0xf0, 0xff}
)

// sheet returns a plot with all texts in one font.
func sheet(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.Title.Padding = title, 8
	for _, s := range []*draw.TextStyle{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label} {
		s.Font = sans(11)
	}
	p.Title.TextStyle.Font = sans(13)
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.Label.Padding, p.Y.Label.Padding = 4, 4
	return p
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// note returns a label to the right of a point.
func note(at plotter.XY, words string, ink color.Color) (*plotter.Labels, error) {
	l, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{at}, Labels: []string{words}})
	if err != nil {
		return nil, err
	}
	l.TextStyle[0].Font, l.TextStyle[0].Color, l.TextStyle[0].YAlign = sans(11), ink, draw.YCenter
	l.Offset = vg.Point{X: 12, Y: 1.5}
	return l, nil
}
