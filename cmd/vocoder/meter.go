package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/arealicehole/vocoder/capture"
)

// A meter shows how loud it is: on a terminal as a line that moves, elsewhere
// as a line a second.
type meter struct {
	w    io.Writer
	live bool

	drawn bool          // the line that moves is there
	n     int           // levels since the last line
	sum   capture.Level // of them: the highest peak, and the sum of the RMS
}

func newMeter(w io.Writer, live bool) *meter { return &meter{w: w, live: live} }

// perLine is how many levels, of 50 ms each, a line elsewhere stands for.
const perLine = 20

// show takes the next level.
func (m *meter) show(l capture.Level) {
	if m.live {
		fmt.Fprint(m.w, "\r"+fitting(columns(m.w), fmt.Sprintf("[%s] %3.0f dB, peak %3.0f dB", bar(l), l.RMS, l.Peak)))
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

// say writes a line above the one that moves.
func (m *meter) say(line string) {
	if m.drawn {
		line = "\r\x1b[K" + line // EL of console_codes(4): erase the line
	}
	fmt.Fprintln(m.w, line)
}

// end leaves the line that moves.
func (m *meter) end() {
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
