package whisper

import (
	"testing"
	"time"
)

// TestPace: a pace is the line through what requests took. Clips that hardly differ in
// length do not tell its slope, so half of the time is for the length.
func TestPace(t *testing.T) {
	type request struct{ length, took float64 } // in seconds
	line := func(fixed, each float64, lengths ...float64) (all []request) {
		for _, l := range lengths {
			all = append(all, request{l, fixed + each*l})
		}
		return all
	}
	for _, tt := range []struct {
		name     string
		requests []request
		length   float64
		want     float64
	}{
		{"no request", nil, 10, 0},
		{"a clip of nothing", []request{{0, 1}}, 10, 0},
		{"one", []request{{10, 1}}, 10, 1},
		{"one, and another length", []request{{10, 1}}, 20, 1.5},
		{"a line", line(0.5, 0.1, 1, 3, 10, 2, 8), 0, 0.5},
		{"a line, and a longer clip", line(0.5, 0.1, 1, 3, 10, 2, 8), 20, 2.5},
		{"a line of short clips", line(0.2, 0.2, 0.5, 1, 2), 4, 1},
		{"as long for each", line(2, 0, 1, 5, 10), 30, 2},
		{"only by length", line(0, 0.5, 1, 5, 10), 30, 15},
		{"the same length is known", line(1, 0.1, 10, 10, 10), 10, 2},
		{"hardly different", []request{{10, 1}, {11, 1.2}}, 0, 0.55},
		{"hardly different, and short", []request{{0.5, 1}, {0.55, 1.2}}, 0, 0.55},
		{"longer is quicker", []request{{1, 2}, {10, 1}}, 30, 1.44},
		{"longer is much slower", []request{{1, 0.01}, {10, 5}}, 10, 4.637},
	} {
		var p pace
		for _, r := range tt.requests {
			p = p.add(time.Duration(r.length*float64(time.Second)), time.Duration(r.took*float64(time.Second)))
		}
		got := p.of(time.Duration(tt.length * float64(time.Second))).Seconds()
		if diff := got - tt.want; diff < -0.02 || diff > 0.02 {
			t.Errorf("%s: %.3f s for %v s, want %v", tt.name, got, tt.length, tt.want)
		}
	}
}

// TestSlowAndQuick: a recognizer is slow from four fifths of the speech on, and quick if it
// is sure to answer within previewTime.
func TestSlowAndQuick(t *testing.T) {
	took := func(length, took time.Duration) pace { return pace{}.add(length, took) }
	for _, tt := range []struct {
		p           pace
		length      time.Duration
		slow, quick bool
	}{
		{pace{}, 10 * time.Second, false, false}, // it has not answered yet
		{took(10*time.Second, 8*time.Second), 10 * time.Second, false, false},
		{took(10*time.Second, 8100*time.Millisecond), 10 * time.Second, true, false},
		{took(10*time.Second, 300*time.Millisecond), 10 * time.Second, false, true},
		{took(10*time.Second, 310*time.Millisecond), 10 * time.Second, false, false},
		{took(10*time.Second, 300*time.Millisecond), 0, false, true}, // as for minPart
	} {
		if slow, quick := tt.p.slow(tt.length), tt.p.quick(tt.length); slow != tt.slow && tt.length > 0 || quick != tt.quick {
			t.Errorf("%v takes %v: slow %v, quick %v", tt.length, tt.p.of(tt.length), slow, quick)
		}
	}
}
