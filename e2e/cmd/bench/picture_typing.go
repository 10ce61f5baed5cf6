package main

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func typingPicture() picture {
	return picture{file: "typing.svg", of: contests(), alt: typingAlt, draw: drawTyping, high: 360}
}

// A typed has the speed of one contestant in characters a second, and how many characters
// in 1000 were wrong.
type typed struct {
	who         string
	rate, wrong float64
}

// words returns the label of a bar.
func (c typed) words() string {
	if c.wrong == 0 {
		return short(c.rate) + ", none wrong"
	}
	return fmt.Sprintf("%s, %s in 1000 wrong", short(c.rate), short(c.wrong))
}

// under returns all contestants in a session, in the order of the table.
func under(session string, f figures) (all []typed) {
	for _, c := range contestants {
		if who, is := strings.CutPrefix(c, session+": "); is {
			all = append(all, typed{who, f.byWhat["rate, "+c].Median(), f.byWhat["wrong, "+c].Median()})
		}
	}
	return all
}

func typingAlt(f figures) string {
	var said []string
	for _, session := range []string{"sway", "xorg"} {
		for _, c := range under(session, f) {
			said = append(said, session+": "+c.who+" "+c.words())
		}
	}
	return "Characters a second: " + strings.Join(said, "; ") + "."
}

func drawTyping(f figures, dc draw.Canvas) error {
	sway, xorg := under("sway", f), under("xorg", f)
	fastest := 0.0
	for _, c := range append(sway, xorg...) {
		fastest = max(fastest, c.rate)
	}
	var plots [][]*plot.Plot
	for _, s := range []struct {
		title string
		all   []typed
	}{{"Characters a second under sway; orange: some wrong, missing or too many", sway}, {"under Xorg", xorg}} {
		p, err := barsOf(s.title, s.all)
		if err != nil {
			return err
		}
		p.X.Min, p.X.Max = 0, 1.6*fastest // with room for the words
		plots = append(plots, []*plot.Plot{p})
	}
	for i, row := range plot.Align(plots, draw.Tiles{Rows: 2, Cols: 1, PadY: 14}, dc) {
		plots[i][0].Draw(row[0])
	}
	return nil
}

// barsOf returns a plot with a bar for each contestant, the first at the top.
func barsOf(title string, all []typed) (*plot.Plot, error) {
	p := sheet(title)
	names := make([]string, len(all))
	for i, c := range all {
		at := len(all) - 1 - i
		names[at] = c.who
		bar, err := plotter.NewBarChart(plotter.Values{c.rate}, vg.Points(15))
		if err != nil {
			return nil, err
		}
		bar.Horizontal, bar.XMin, bar.Color, bar.LineStyle.Width = true, float64(at), blue, 0
		if c.wrong > 0 {
			bar.Color = orange
		}
		words, err := note(plotter.XY{X: c.rate, Y: float64(at)}, c.words(), bar.Color)
		if err != nil {
			return nil, err
		}
		p.Add(bar, words)
	}
	p.NominalY(names...)
	p.HideX()
	p.Y.Min, p.Y.Max = -0.5, float64(len(all))-0.5
	return p, nil
}
