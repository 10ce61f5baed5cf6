package daemon

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/pulse"
)

// TestSoundsNotRecorded is the worst case: a real PulseAudio whose microphone records
// exactly what its loudspeaker plays. Each sound is played, and no recording contains one.
func TestSoundsNotRecorded(t *testing.T) {
	pulse.Wanted(t)
	clips := make(chan pcm.Clip, 8)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f, _, err := r.FormFile("file"); err == nil {
			if c, err := pcm.ReadWAV(f); err == nil && c.Duration() > 1200*time.Millisecond {
				clips <- c
			}
		}
		_, _ = w.Write([]byte(`{"text": ""}`)) // nothing was said
	}))
	defer web.Close()
	var server pulse.Server
	d := pulseDaemon(t, "whisper_url: "+web.URL+"/v1/transcribe\nwhisper: {dialect: vocoder}\nbackground: false\n"+
		"sounds: true\naudio: {source: room.monitor, gate: false}\nmin_hold: 0s\n", func(_ *testing.T, s pulse.Server) { server = s })
	room := server.OpenNull(t, "room")
	heard := witness(t, capture.Config{Server: d.Env.PulseServer(), Source: room.Source()})
	for n := range 2 {
		press(t, d)
		<-time.After(2500 * time.Millisecond)
		release(t, d)
		var kept pcm.Clip
		select {
		case kept = <-clips:
		case <-time.After(time.Minute):
			t.Fatal("nothing was recorded")
		}
		<-time.After(time.Second)
		all := heard()
		if loud := loudest(kept.Samples); loud > 16 {
			t.Errorf("recording %d: there is sound in it, up to %d", n, loud)
		}
		bursts := bursts(all.Samples)
		t.Logf("recording %d: %v kept; heard around it: %v", n, kept.Duration(), bursts)
		if want := []string{"rising", "falling", "even"}; !slices.Equal(bursts, want) {
			t.Errorf("recording %d: heard %v, want %v", n, bursts, want)
		}
	}
}

// witness records what is played until the function that it returns is called, and then
// begins again. Each time it waits until the microphone, which sleeps for up to two seconds,
// delivers.
func witness(t *testing.T, conf capture.Config) func() pcm.Clip {
	t.Helper()
	flows := make(chan struct{}, 1)
	conf.Hooks.Samples = func([]int16) {
		select {
		case flows <- struct{}{}:
		default:
		}
	}
	mic := capture.New(conf)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- mic.Run(ctx) }()
	got := make(chan pcm.Clip, 1)
	record := func() (stop chan struct{}) {
		stop = make(chan struct{})
		go func() {
			c, err := mic.Record(ctx, stop)
			if err != nil && ctx.Err() == nil && !errors.Is(err, capture.ErrGap) {
				t.Error(err)
			}
			got <- c
		}()
		select {
		case <-flows:
		case <-time.After(time.Minute):
			t.Fatal("nothing is heard in the room")
		}
		return stop
	}
	t.Cleanup(func() {
		cancel()
		<-got
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	stop := record()
	return func() pcm.Clip {
		close(stop)
		c := <-got
		select {
		case <-flows: // of the recording that has ended
		default:
		}
		stop = record()
		return c
	}
}

func loudest(s []int16) int16 {
	most := int16(0)
	for _, v := range s {
		most = max(most, v, -v)
	}
	return most
}

// bursts returns how the pitch of each sound in a recording moves. Sounds are less
// than 50 ms of silence apart from each other.
func bursts(s []int16) (all []string) {
	const frame = pcm.Rate / 100
	var run []int16
	quiet := 0
	for ; len(s) >= frame; s = s[frame:] {
		if loudest(s[:frame]) > 100 {
			run, quiet = append(run, s[:frame]...), 0
			continue
		}
		if quiet++; quiet == 5 && len(run) > 0 {
			all = append(all, moves(run))
			run = nil
		}
	}
	return all
}

// moves compares the pitch of the first third of a sound with that of the last.
func moves(s []int16) string {
	first, last := pitch(s[:len(s)/3]), pitch(s[2*len(s)/3:])
	switch {
	case last > first*1.15:
		return "rising"
	case first > last*1.15:
		return "falling"
	}
	return "even"
}

// pitch is how often a sound crosses zero upwards, in Hz, by the first and last
// time it does.
func pitch(s []int16) float64 {
	first, last, n := 0, 0, 0
	for i := 1; i < len(s); i++ {
		if s[i-1] < 0 && s[i] >= 0 {
			if n++; n == 1 {
				first = i
			}
			last = i
		}
	}
	if n < 2 {
		return math.NaN()
	}
	return float64(n-1) * pcm.Rate / float64(last-first)
}
