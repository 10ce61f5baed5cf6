package terminal

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/test/tty"
)

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		level      capture.Frame
		rms, peaks int
	}{
		{capture.Frame{Peak: 0, Level: 0}, 40, 0},
		{capture.Frame{Peak: -15, Level: -30}, 20, 10},
		{capture.Frame{Peak: -96, Level: -96}, 0, 0},
	} {
		got := bar(tt.level)
		if len(got) != barWidth || strings.Count(got, "#") != tt.rms || strings.Count(got, "-") != tt.peaks {
			t.Errorf("%v: [%s]", tt.level, got)
		}
	}
}

// On a terminal one line changes and a warning is above it. Elsewhere there is a line
// a second.
func TestMeter(t *testing.T) {
	for _, live := range []bool{true, false} {
		var b strings.Builder
		m := NewMeter(&b, live)
		for i := range 2 * perLine {
			m.Show(capture.Frame{Peak: float64(-i), Level: -30})
		}
		m.Print("warning")
		m.End()
		got := b.String()
		want := "-30 dB, peak 0 dB\n-30 dB, peak -31 dB\nwarning\n"
		switch {
		case live && (strings.Count(got, "\r[####################") != 2*perLine || !strings.HasSuffix(got, "\r\x1b[Kwarning\n\n")):
			t.Errorf("on a terminal: %q", got)
		case !live && got != want:
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// In a narrow terminal the line that changes does not wrap.
func TestMeterNarrow(t *testing.T) {
	master, pts := tty.Open(t)
	tty.Resize(t, master, 30)
	if err := master.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	m := NewMeter(pts, true)
	for range 3 {
		m.Show(capture.Frame{Peak: -15, Level: -30})
	}
	m.Print("END")
	if _, err := pts.WriteString("!"); err != nil {
		t.Fatal(err)
	}
	screen := tty.NewScreen(t, 30)
	screen.Until(master, regexp.MustCompile(`^!$`))
	if got := screen.String(); got != "END\n!\n" {
		t.Errorf("the screen has %q", got)
	}
}
