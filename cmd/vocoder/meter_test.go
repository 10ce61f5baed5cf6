package main

import (
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/ttytest"
)

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		level      capture.Level
		rms, peaks int
	}{
		{capture.Level{Peak: 0, RMS: 0}, 40, 0},
		{capture.Level{Peak: -15, RMS: -30}, 20, 10},
		{capture.Level{Peak: -96, RMS: -96}, 0, 0},
	} {
		got := bar(tt.level)
		if len(got) != barWidth || strings.Count(got, "#") != tt.rms || strings.Count(got, "-") != tt.peaks {
			t.Errorf("%v: [%s]", tt.level, got)
		}
	}
}

// On a terminal one line moves and a warning stands above it; elsewhere there
// is a line a second.
func TestMeter(t *testing.T) {
	for _, live := range []bool{true, false} {
		var b strings.Builder
		m := newMeter(&b, live)
		for i := range 40 {
			m.show(capture.Level{Peak: float64(-i), RMS: -30})
		}
		m.say("warning")
		m.end()
		got := b.String()
		want := "-30 dB, peak 0 dB\n-30 dB, peak -20 dB\nwarning\n"
		switch {
		case live && (strings.Count(got, "\r[####################") != 40 || !strings.HasSuffix(got, "\r\x1b[Kwarning\n\n")):
			t.Errorf("on a terminal: %q", got)
		case !live && got != want:
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// In a narrow terminal the line that moves stays one.
func TestMeterNarrow(t *testing.T) {
	master, tty := ttytest.Open(t)
	ttytest.Resize(t, master, 30)
	if err := master.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	m := newMeter(tty, true)
	for range 3 {
		m.show(capture.Level{Peak: -15, RMS: -30})
	}
	m.say("END")
	g := &glass{t: t, columns: 30, lines: [][]rune{nil}}
	for b := make([]byte, 4096); !strings.HasSuffix(g.String(), "END\n\n"); { // with its end of line
		n, err := master.Read(b)
		if err != nil {
			t.Fatalf("%s: %v", g, err)
		}
		g.show(b[:n])
	}
	if got := g.String(); got != "END\n\n" {
		t.Errorf("one sees %q", got)
	}
}
