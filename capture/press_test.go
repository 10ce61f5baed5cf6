package capture

import (
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/measure"
)

// TestBenchPress measures the time from the press to the first sample of a recording: if
// the microphone was closed, if it is still open, and with a pre-roll, which makes the
// time negative.
func TestBenchPress(t *testing.T) {
	measure.Wanted(t)
	for server, suffix := range map[string]string{"pulseaudio": "", "pipewire": " on PipeWire"} {
		t.Run(server, func(t *testing.T) { benchPress(t, server, suffix) })
	}
}

func benchPress(t *testing.T, server, suffix string) {
	onServer(t, server, func(t *testing.T, r *rig) {
		p := r.play("speaker")
		<-time.After(time.Second) // its clock is not exact before
		for _, tt := range []struct {
			what string
			c    Config
		}{
			{"microphone closed", Config{Linger: -1}},
			{"microphone open", Config{}},
			{"pre-roll of 300 ms", Config{PreRoll: 300 * time.Millisecond}},
		} {
			t.Run(tt.what, func(t *testing.T) {
				tt.c.Server, tt.c.Source = r.socket, "speaker.monitor"
				m := runMic(t, tt.c)
				m.ready(soon)
				<-time.After(time.Second) // longer than the pre-roll
				m.record(500 * time.Millisecond)
				var firsts []float64
				for range 20 {
					<-time.After(500 * time.Millisecond) // otherwise the next recording begins where this one ended
					c := p.clock(t)
					h := m.record(500 * time.Millisecond)
					if h.err != nil {
						t.Fatal(h.err)
					}
					firsts = append(firsts, ms(first(h.clip, c.sample(h.press))-c.sample(h.press)))
				}
				measure.Tell(t, "press to first sample, "+tt.what+suffix, "ms", firsts...)
			})
		}
	})
}

// first returns the number of the first sample of a clip that is not zero. It is near the
// given one.
func first(c pcm.Clip, near int64) int64 {
	i := slices.IndexFunc(c.Samples, func(v int16) bool { return v != 0 })
	return number(c.Samples[max(i, 0)], near)
}
