package terminal

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/arealicehole/vocoder/capture"
)

// A Meter shows the level of a recording: on a terminal as a line that changes,
// elsewhere as a line a second.
type Meter struct {
	w        io.Writer
	terminal bool

	drawn bool          // the line that changes is there
	n     int           // levels since the last line
	sum   capture.Level // of them: the highest peak, and the sum of the RMS
}

// NewMeter returns a meter that writes to w.
func NewMeter(w io.Writer, terminal bool) *Meter { return &Meter{w: w, terminal: terminal} }

// perLine is how many levels, of 50 ms each, a line outside of a terminal covers.
const perLine = 20

// Show shows the next level.
func (m *Meter) Show(l capture.Level) {
	if m.terminal {
		fmt.Fprint(m.w, "\r"+cut(fmt.Sprintf("[%s] %3.0f dB, peak %3.0f dB", bar(l), l.RMS, l.Peak), columns(m.w)))
		m.drawn = true
		return
	}
	if m.n == 0 {
		m.sum = capture.Level{Peak: l.Peak}
	}
	m.n++
	m.sum.Peak, m.sum.RMS = max(m.sum.Peak, l.Peak), m.sum.RMS+l.RMS
	if m.n == perLine {
		fmt.Fprintf(m.w, "%.0f dB, peak %.0f dB\n", m.sum.RMS/perLine, m.sum.Peak)
		m.n = 0
	}
}

// Print prints a line above the one that changes.
func (m *Meter) Print(line string) {
	if m.drawn {
		line = eraseLine + line
	}
	fmt.Fprintln(m.w, line)
}

// End moves to the line below the one that changes.
func (m *Meter) End() {
	if m.drawn {
		fmt.Fprintln(m.w)
	}
}

const (
	barWidth = 40
	barFloor = -60 // dB at its left end
)

// bar draws a level: # up to the mean, - up to the peak.
func bar(l capture.Level) string {
	part := func(db float64) int {
		return int(math.Round(barWidth * min(max(1-db/barFloor, 0), 1)))
	}
	rms, peak := part(l.RMS), max(part(l.RMS), part(l.Peak))
	return strings.Repeat("#", rms) + strings.Repeat("-", peak-rms) + strings.Repeat(" ", barWidth-peak)
}
