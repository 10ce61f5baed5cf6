package main

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ofLengths returns the measured lengths of speech in seconds, and the row of each.
func ofLengths() (seconds []float64, rows []string) {
	for _, what := range lengths() {
		var s float64
		if n, _ := fmt.Sscanf(what, "release to text, %f s of speech", &s); n == 1 {
			seconds, rows = append(seconds, s), append(rows, what)
		}
	}
	return seconds, rows
}

func lengthsPicture() picture {
	_, rows := ofLengths()
	return picture{file: "lengths.svg", of: rows, alt: lengthsAlt, draw: drawLengths, high: 300}
}

// proportion returns the time from release to text after 5 s of speech, divided by 5.
func proportion(f figures) float64 { return f.byWhat["release to text, 5 s of speech"].Median() / 5 }

func lengthsAlt(f figures) string {
	seconds, rows := ofLengths()
	var said []string
	for i, what := range rows {
		said = append(said, fmt.Sprintf("%s ms after %v s", short(f.byWhat[what].Median()), seconds[i]))
	}
	longest := seconds[len(seconds)-1]
	return fmt.Sprintf("From release to text: %s of speech. In proportion to that after 5 s it would be %s ms after %v s.",
		strings.Join(said, ", "), short(longest*proportion(f)), longest)
}

// points are medians, with the quartiles as errors.
type points struct {
	plotter.XYs
	plotter.YErrors
}

// drawn returns the points as a line with error bars.
func (p points) drawn() ([]plot.Plotter, error) {
	line, dots, err := plotter.NewLinePoints(p.XYs)
	if err != nil {
		return nil, err
	}
	line.Color, line.Width = blue, 1.5
	dots.Color, dots.Shape, dots.Radius = blue, draw.CircleGlyph{}, 2.2
	bars, err := plotter.NewYErrorBars(p)
	if err != nil {
		return nil, err
	}
	bars.Color, bars.Width = blue, 1.2
	return []plot.Plotter{line, dots, bars}, nil
}

func drawLengths(f figures, dc draw.Canvas) error {
	seconds, rows := ofLengths()
	longest := seconds[len(seconds)-1]
	var all points
	var ticks plot.ConstantTicks
	most := 0.0
	for i, what := range rows {
		low, high := f.byWhat[what].Quartiles()
		m := f.byWhat[what].Median()
		all.XYs = append(all.XYs, plotter.XY{X: seconds[i], Y: m})
		all.YErrors = append(all.YErrors, struct{ Low, High float64 }{m - low, high - m})
		ticks = append(ticks, plot.Tick{Value: seconds[i], Label: fmt.Sprint(seconds[i])})
		most = max(most, high)
	}
	measured, err := all.drawn()
	if err != nil {
		return err
	}
	// The line in proportion leaves at the top. If its end were in the picture, the measured
	// line would lie on the axis.
	top := 3.5 * most
	called, err := note(plotter.XY{X: longest / 2, Y: most + top/12}, "measured, with its quartiles", blue)
	if err != nil {
		return err
	}
	grown, would, err := proportional(proportion(f), longest, top)
	if err != nil {
		return err
	}
	grid := plotter.NewGrid()
	grid.Vertical.Width, grid.Horizontal.Color = 0, pale
	p := sheet("From release to text, by the length of what was said")
	p.X.Label.Text, p.Y.Label.Text = "seconds of speech", "ms from release to text"
	p.Add(grid, grown, would, called)
	p.Add(measured...)
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0, longest, ticks
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, top, plot.TickerFunc(round)
	p.Draw(dc)
	return nil
}

// proportional returns a line that grows by rate for each second, and its label next to
// the place where it leaves the picture.
func proportional(rate, longest, top float64) (*plotter.Line, *plotter.Labels, error) {
	line, err := plotter.NewLine(plotter.XYs{{}, {X: longest, Y: longest * rate}})
	if err != nil {
		return nil, nil, err
	}
	line.Color, line.Width, line.Dashes = gray, 1.5, []vg.Length{6, 4}
	at := min(0.85*top/rate, 0.9*longest)
	name, err := note(plotter.XY{X: at, Y: at * rate}, fmt.Sprintf("in proportion to that after 5 s: %s ms after %v s", short(longest*rate), longest), gray)
	if err != nil {
		return nil, nil, err
	}
	if at > longest/2 { // no room to the right
		name.TextStyle[0].XAlign, name.Offset.X = draw.XRight, -name.Offset.X
	}
	return line, name, nil
}

// round returns ticks with rounded labels.
func round(low, high float64) []plot.Tick {
	all := plot.DefaultTicks{}.Ticks(low, high)
	for i, tick := range all {
		if !tick.IsMinor() {
			all[i].Label = short(tick.Value)
		}
	}
	return all
}
