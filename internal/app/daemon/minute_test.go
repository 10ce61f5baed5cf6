package daemon

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/measure"
	"github.com/arealicehole/vocoder/internal/test/pulse"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	human "github.com/arealicehole/vocoder/internal/test/speech"
)

// TestMinute plays speech of five seconds and of a minute into the microphone of a real
// PulseAudio, and vocoder-engine transcribes it meanwhile. After a minute the text comes as
// soon as after five seconds, and it is as good as that of the whole recording sent at once.
func TestMinute(t *testing.T) {
	if os.Getenv("VOCODER_SERVERS") != "1" {
		t.Skip("make bench-latency runs this, on a quiet machine")
	}
	h := newHall(t)
	var short time.Duration
	for range 3 {
		short += h.speak(t, 5*time.Second).after
	}
	long := h.speak(t, time.Minute)
	if long.rate > long.inOne+1 {
		t.Errorf("word error rate %.1f %%, in one %.1f %%", long.rate, long.inOne)
	}
	ratio := float64(long.after) / float64(short/3)
	t.Logf("release to text after a minute against five seconds: %.2f times", ratio)
	if ratio > 1.3 || long.requests < 3 {
		t.Errorf("%.2f times as long, %d requests while the key was held", ratio, long.requests)
	}
}

// TestBenchLengths measures the time from the release to the text, by the length of the
// speech.
func TestBenchLengths(t *testing.T) {
	measure.Wanted(t)
	h := newHall(t)
	for _, seconds := range []int{3, 5, 10, 30, 60, 120} {
		var after, rate, inOne []float64
		for range min(3, 240/seconds) {
			s := h.speak(t, time.Duration(seconds)*time.Second)
			after = append(after, float64(s.after)/float64(time.Millisecond))
			rate, inOne = append(rate, s.rate), append(inOne, s.inOne)
		}
		measure.Tell(t, fmt.Sprintf("release to text, %d s of speech", seconds), "ms", after...)
		measure.Tell(t, fmt.Sprintf("word error rate, %d s of speech", seconds), "%", rate...)
		measure.Tell(t, fmt.Sprintf("word error rate, %d s of speech sent as one file", seconds), "%", inOne...)
	}
}

// A hall is a daemon with a microphone that people speak into, and vocoder-engine.
type hall struct {
	d     *daemon
	p     tape
	asked atomic.Int64 // requests with sound
}

func newHall(t *testing.T) *hall {
	t.Helper()
	engine, err := realserver.StartEngine(context.Background(), realserver.Moonshine, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Stop(); err != nil {
			t.Error(err)
		}
	})
	h := new(hall)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: engine.Addr})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 10_000 { // with sound
			h.asked.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	h.d = pulseDaemon(t, "whisper_url: "+web.URL+"/v1/transcribe\naudio: {source: mic}\n", h.p.run)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !h.d.status.working(control.Microphone) {
		<-tick.C
	}
	h.speak(t, 5*time.Second) // finds the recognizer
	return h
}

// A heardSpeech is how an utterance was understood.
type heardSpeech struct {
	after       time.Duration // from the release to the text
	requests    int64         // before the release
	rate, inOne float64       // word error rates, in percent: of the text, of the whole asked for in one
}

// speak plays speech of about this length while the key is held.
func (h *hall) speak(t *testing.T, length time.Duration) (s heardSpeech) {
	t.Helper()
	said := monologue(t, length)
	stop, recorded := make(chan struct{}), make(chan dictate.Recording)
	go func() {
		r, err := recorder{h.d}.Record(t.Context(), 0, stop)
		if err != nil {
			t.Error(err)
		}
		recorded <- r
	}()
	h.asked.Store(0)
	h.p.play(said.Clip)
	<-time.After(300 * time.Millisecond)
	s.requests = h.asked.Load()
	released := time.Now()
	close(stop)
	r := <-recorded
	defer r.Wipe()
	text, err := r.Text(t.Context(), false)
	s.after = time.Since(released)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := r.Text(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	s.rate, s.inOne = 100*human.Compare(said.Words, text).Rate(), 100*human.Compare(said.Words, whole).Rate()
	t.Logf("%v of speech: text %v after the release, %d requests before it; word error rate %.1f %%, in one %.1f %%",
		r.Duration().Round(100*time.Millisecond), s.after.Round(time.Millisecond), s.requests, s.rate, s.inOne)
	return s
}

// monologue returns sentences joined with pauses, of about the length. The last
// is always the same, so that what remains at the end is.
func monologue(t *testing.T, length time.Duration) human.Clip {
	t.Helper()
	clips, err := human.Clips()
	if err != nil {
		t.Fatal(err)
	}
	last := slices.MinFunc(clips, func(a, b human.Clip) int {
		off := func(c human.Clip) time.Duration { return (c.Duration() - min(length, 5*time.Second)).Abs() }
		return cmp.Compare(off(a), off(b))
	})
	pause := make([]int16, pcm.Rate*8/10)
	all := human.Clip{Clip: pcm.Clip{Rate: pcm.Rate}}
	for i := 0; ; i++ {
		c := clips[i%len(clips)]
		if all.Duration()+c.Duration()/2+last.Duration() > length {
			break
		}
		all.Samples = slices.Concat(all.Samples, c.Samples, pause)
		all.Words += " " + c.Words
	}
	all.Samples = append(all.Samples, last.Samples...)
	all.Words += " " + last.Words
	return all
}

// A tape plays into the fifo of a microphone: clips, and faint noise between them.
type tape struct {
	clips chan []int16
	over  chan struct{}
}

// play plays a clip and returns when all of it was heard.
func (p *tape) play(c pcm.Clip) {
	p.clips <- c.Samples
	<-p.over
}

func (p *tape) run(t *testing.T, server pulse.Server) {
	t.Helper()
	p.clips, p.over = make(chan []int16), make(chan struct{}, 1)
	room := rand.New(rand.NewPCG(1, 1))
	var clip []int16
	server.Play(t, func() int16 {
		v := int16(room.IntN(21) - 10)
		if len(clip) == 0 {
			select {
			case clip = <-p.clips:
			default:
				return v
			}
		}
		v += clip[0]
		if clip = clip[1:]; len(clip) == 0 {
			p.over <- struct{}{} // has room
		}
		return v
	})
}
