package terminal

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Meter shows the level of a recording: on a terminal as a line that changes, elsewhere as
// one line each second.
type Meter struct {
	w        io.Writer
	terminal bool

	drawn bool          // the terminal shows the line that changes
	n     int           // frames since the last line
	sum   capture.Frame // of them: the highest peak, and the sum of the levels
}

// NewMeter returns a meter that writes to w.
func NewMeter(w io.Writer, terminal bool) *Meter { return &Meter{w: w, terminal: terminal} }

// perLine is the number of frames, about a second, of a line outside of a terminal.
const perLine = int(time.Second / pcm.VoiceFrame)

// Show shows the level of the next frame.
func (m *Meter) Show(f capture.Frame) {
	if m.terminal {
		fmt.Fprint(m.w, "\r"+cut(fmt.Sprintf("[%s] %3.0f dB, peak %3.0f dB", bar(f), f.Level, f.Peak), columns(m.w)))
		m.drawn = true
		return
	}
	if m.n == 0 {
		m.sum = capture.Frame{Peak: f.Peak}
	}
	m.n++
	m.sum.Peak, m.sum.Level = max(m.sum.Peak, f.Peak), m.sum.Level+f.Level
	if m.n == perLine {
		fmt.Fprintf(m.w, "%.0f dB, peak %.0f dB\n", m.sum.Level/float64(perLine), m.sum.Peak)
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
func bar(f capture.Frame) string {
	part := func(db float64) int {
		return int(math.Round(barWidth * min(max(1-db/barFloor, 0), 1)))
	}
	mean, peak := part(f.Level), max(part(f.Level), part(f.Peak))
	return strings.Repeat("#", mean) + strings.Repeat("-", peak-mean) + strings.Repeat(" ", barWidth-peak)
}
