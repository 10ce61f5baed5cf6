package capture

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestRemains checks how long a stream is still played, for replies of PulseAudio 16
// during a clip of 150 ms at 48 kHz.
func TestRemains(t *testing.T) {
	const never = math.MaxUint64 // the underrun of a stream that has not begun
	const size = 14400
	for _, tt := range []struct {
		name  string
		reply proto.GetPlaybackLatencyReply
		want  time.Duration
		over  bool
	}{
		{"not begun", proto.GetPlaybackLatencyReply{Latency: 708897, UnderrunFor: never}, latencyPollInterval, false},
		{"begun", proto.GetPlaybackLatencyReply{Latency: 27436, Running: true, ReadIndex: 2880}, 147436 * time.Microsecond, false},
		{"all read", proto.GetPlaybackLatencyReply{Latency: 30000, Running: true, ReadIndex: size}, 30 * time.Millisecond, true},
		{"more than all", proto.GetPlaybackLatencyReply{Latency: 30000, Running: true, ReadIndex: size + 960}, 20 * time.Millisecond, true},
		{"silence after it", proto.GetPlaybackLatencyReply{Latency: 6400, ReadIndex: size, UnderrunFor: 2880}, -23600 * time.Microsecond, true},
		{"stopped", proto.GetPlaybackLatencyReply{ReadIndex: size - 256}, latencyPollInterval, true},
		{"nonsense", proto.GetPlaybackLatencyReply{ReadIndex: math.MaxInt64, UnderrunFor: never}, -(1 << 30) * time.Second / 48000, true},
	} {
		if got, over := playTimeLeft(tt.reply, size, 48000); got != tt.want || over != tt.over {
			t.Errorf("%s: %v, %v, want %v, %v", tt.name, got, over, tt.want, tt.over)
		}
	}
}

func TestNullName(t *testing.T) {
	for _, tt := range []struct {
		module, args, want string
		ours               bool
	}{
		{moduleNull, "sink_name=vocoder_selftest_7 rate=48000", "vocoder_selftest_7", true},
		{moduleNull, `rate=48000 sink_name="a"`, "a", true},
		{moduleNull, "", "", false},
		{"module-pipe-source", "sink_name=a", "", false},
	} {
		if got, ours := nullName(tt.module, tt.args); got != tt.want || ours != tt.ours {
			t.Errorf("%s %s: %q, %v", tt.module, tt.args, got, ours)
		}
	}
}

// TestPresent checks the versions in proto's field tags.
func TestPresent(t *testing.T) {
	for _, tt := range []struct {
		tag     string
		version int
		want    bool
	}{{"", 32, true}, {"12", 12, true}, {"12", 11, false}, {"<15", 14, true}, {"<15", 15, false}} {
		if got := present(tt.tag, tt.version); got != tt.want {
			t.Errorf("%q in version %d: %v", tt.tag, tt.version, got)
		}
	}
}

// TestPlayerErrors plays without a server, and plays a clip that no server accepts.
func TestPlayerErrors(t *testing.T) {
	p := Player{Server: "unix:/nowhere"}
	if err := p.Play(t.Context(), pcm.Clip{Rate: 16000, Samples: make([]int16, 160)}); !errors.Is(err, ErrServer) {
		t.Errorf("no server: %v", err)
	}
	if err := p.Play(t.Context(), pcm.Clip{Rate: 1, Samples: make([]int16, 61)}); err == nil {
		t.Error("a minute and a second is played")
	}
	if err := p.Play(t.Context(), pcm.Clip{Rate: 16000}); err != nil {
		t.Errorf("no sound: %v", err)
	}
}

// TestNull checks that an output of OpenNull can be recorded, that Play takes as long as
// the clip and ends with its context, and that no module remains on the server.
func TestNull(t *testing.T) {
	onServers(t, func(t *testing.T, r *rig) {
		before := r.pactl("list", "short", "modules")
		n, err := OpenNull(t.Context(), Config{Server: r.socket}, "vocoder_test_1")
		if err != nil {
			t.Fatal(err)
		}
		c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, 5*pcm.Rate)}
		for i := range c.Samples {
			c.Samples[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/pcm.Rate))
		}
		heard := make(chan int16, 1<<20)
		rec := New(Config{Tail: testTail, Server: r.socket, Source: n.Source(), Hooks: Hooks{Samples: func(s []int16) {
			for _, v := range s {
				heard <- v
			}
		}}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		go func() { done <- rec.Run(ctx) }()
		go func() { _, _ = rec.Record(ctx, nil); done <- nil }() // it is discarded
		select {                                                 // the output is idle for two seconds before
		case <-heard:
		case <-time.After(soon):
			t.Fatal("nothing is heard")
		}
		p := &Player{Server: r.socket, Output: n.Output()}
		defer p.Close()
		began := time.Now()
		if err := p.Play(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < c.Duration() || took > c.Duration()+2*time.Second {
			t.Errorf("%v of sound took %v", c.Duration(), took)
		}
		loud := 0
		for len(heard) > 0 {
			if v := <-heard; v > 4000 {
				loud++
			}
		}
		// A sine is above half its height for a third of the time.
		if want := len(c.Samples) / 3; loud < want*9/10 || loud > want*5/4 { // PipeWire adds the two channels up
			t.Errorf("%d samples are loud, want about %d", loud, want)
		}
		short, end := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer end()
		if err := p.Play(short, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("broken off: %v", err)
		}
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := n.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := n.Close(t.Context()); err != nil {
			t.Errorf("again: %v", err)
		}
		if _, err := OpenNull(t.Context(), Config{Server: r.socket}, "vocoder_test_2"); err != nil {
			t.Fatal(err)
		}
		swept, err := SweepNulls(t.Context(), Config{Server: r.socket}, func(name string) bool { return name == "vocoder_test_2" })
		if err != nil || swept != 1 {
			t.Errorf("swept %d: %v", swept, err)
		}
		if after := r.pactl("list", "short", "modules"); after != before {
			t.Errorf("modules\n%s\nwere\n%s", after, before)
		}
		if name, err := ServerName(t.Context(), Config{Server: r.socket}); err != nil || name == "" {
			t.Errorf("server %q: %v", name, err)
		} else {
			t.Log(name)
		}
	})
}
