package recognition

import (
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestCut cuts a recording. Each case lists in milliseconds how long the user speaks, is
// silent, speaks and so on.
func TestCut(t *testing.T) {
	for _, tt := range []struct {
		name string
		open []int
		want float64 // seconds; 0 is no cut
	}{
		{"nothing", nil, 0},
		{"silence", []int{0, 20_000}, 0},
		{"a click", []int{40, 20_000}, 0},
		{"a word and a pause", []int{1300, 400}, 1.5},
		{"a word and a pause after silence", []int{0, 3000, 1300, 400}, 4.5},
		{"a short word and a pause", []int{300, 900}, 0},
		{"a pause that is not long yet", []int{1500, 300}, 0},
		{"no gap in five seconds", []int{2000, 300, 2600, 100}, 0},
		{"a gap of 300 ms in six seconds", []int{4000, 300, 1800}, 4.15},
		{"not so early", []int{2000, 300, 3800}, 0},
		{"the longest gap in six seconds", []int{3500, 280, 600, 350, 600, 280, 800}, 4.55},
		{"a gap of 200 ms in nine and a half seconds", []int{5000, 200, 4400}, 5.1},
		{"and not before", []int{5000, 200, 4200}, 0},
		{"a gap of 160 ms is too short", []int{5000, 160, 7500}, 0},
		{"a gap of 100 ms in thirteen seconds", []int{7000, 110, 6000}, 7.05},
		{"and not before", []int{7000, 110, 5000}, 0},
		{"the later one of two", []int{3200, 320, 1088, 320, 1088}, 4.77},
		{"a plosive", []int{7000, 64, 9000}, 0},
		{"no gap at all", []int{60_000}, 0},
	} {
		var open pcm.Voice
		at := 0
		for i, ms := range tt.open {
			for at += ms; len(open)*32 < at; {
				open = append(open, float32(1-i%2))
			}
		}
		frames, ok := cut(open)
		got := (time.Duration(frames) * pcm.VoiceFrame).Seconds()
		if ok != (tt.want > 0) || got < tt.want-.05 || got > tt.want+.05 {
			t.Errorf("%s: cut after %.2f s, %v, want %.2f", tt.name, got, ok, tt.want)
		}
		if ok && pcm.IsVoice(open[frames-1]) {
			t.Errorf("%s: cut within a word", tt.name)
		}
	}
}
