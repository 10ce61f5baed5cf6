package main

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
	human "github.com/arealicehole/vocoder/e2e/speech"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestMinute has people speak for five seconds and for a minute into the
// microphone of a real PulseAudio, and vocoder-engine recognise them while they
// do: the text is there as soon after a minute, and its words are as good as
// those of the whole asked for in one.
func TestMinute(t *testing.T) {
	if os.Getenv("VOCODER_SERVERS") != "1" {
		t.Skip("make bench-latency runs this, on a quiet machine")
	}
	engine, err := shipped.StartEngine(context.Background(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Stop(); err != nil {
			t.Error(err)
		}
	})
	var asked atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: engine.Addr})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 10_000 { // with sound
			asked.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	defer web.Close()
	var p tape
	d := pulseDaemon(t, "whisper_url: "+web.URL+"/v1/transcribe\naudio: {source: mic}\n", p.run)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !d.board.known("microphone") || !d.board.well("microphone") {
		<-tick.C
	}

	var short []time.Duration
	for i, length := range []time.Duration{5 * time.Second, 5 * time.Second, 5 * time.Second, 5 * time.Second, time.Minute} {
		said := monologue(t, length)
		stop, recorded := make(chan struct{}), make(chan pcm.Clip)
		go func() {
			clip, err := ears{d}.Record(t.Context(), 0, stop)
			if err != nil {
				t.Error(err)
			}
			recorded <- clip
		}()
		asked.Store(0)
		p.play(said.Clip)
		<-time.After(300 * time.Millisecond)
		before := asked.Load()
		released := time.Now()
		close(stop)
		clip := <-recorded
		text, err := speech{d}.Transcribe(t.Context(), 0, clip)
		after := time.Since(released)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := speech{d}.Transcribe(t.Context(), 0, clip)
		if err != nil {
			t.Fatal(err)
		}
		rate, inOne := 100*human.Compare(said.Words, text).Rate(), 100*human.Compare(said.Words, whole).Rate()
		t.Logf("%v of speech: text %v after the release, %d requests before it; word error rate %.1f %%, in one %.1f %%",
			clip.Duration().Round(100*time.Millisecond), after.Round(time.Millisecond), before, rate, inOne)
		if rate > inOne+1 && length == time.Minute {
			t.Errorf("word error rate %.1f %%, in one %.1f %%", rate, inOne)
		}
		switch {
		case length == 5*time.Second && i > 0: // the first finds the recogniser
			short = append(short, after)
		case length == time.Minute:
			base := (short[0] + short[1] + short[2]) / 3
			ratio := float64(after) / float64(base)
			t.Logf("release to text after a minute against five seconds: %.2f times", ratio)
			if ratio > 1.3 || before < 3 {
				t.Errorf("%.2f times as long, %d requests while the key was held", ratio, before)
			}
		}
	}
}

// monologue returns sentences joined with pauses, of about the length. The last
// is always the same, so that what remains at the end is.
func monologue(t *testing.T, length time.Duration) human.Clip {
	t.Helper()
	clips, err := human.Clips()
	if err != nil {
		t.Fatal(err)
	}
	last := clips[slices.IndexFunc(clips, func(c human.Clip) bool { return c.Duration().Round(time.Second) == 5*time.Second })]
	pause := make([]int16, pcm.Rate*8/10)
	all := human.Clip{Clip: pcm.Clip{Rate: pcm.Rate}}
	for i := 0; all.Duration() < length-2*last.Duration(); i++ {
		c := clips[i%len(clips)]
		all.Samples = slices.Concat(all.Samples, c.Samples, pause)
		all.Words += " " + c.Words
	}
	all.Samples = append(all.Samples, last.Samples...)
	all.Words += " " + last.Words
	return all
}

// A tape plays into the fifo of a microphone: a clip when it is given one, and
// the faint noise of a room else.
type tape struct {
	clips chan []int16
	over  chan struct{}
}

// play plays a clip and returns when all of it was heard.
func (p *tape) play(c pcm.Clip) {
	p.clips <- c.Samples
	<-p.over
}

func (p *tape) run(t *testing.T, fifo string) {
	p.clips, p.over = make(chan []int16), make(chan struct{}, 1)
	f := openFifo(t, fifo)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		var clip []int16
		room := rand.New(rand.NewPCG(1, 1))
		played := int64(0)
		for began := time.Now(); ; {
			select {
			case clip = <-p.clips:
				continue
			case <-done:
				return
			case <-tick.C:
			}
			var b []byte // a late tick is made up for
			for due := int64(time.Since(began).Seconds() * pcm.Rate); played < due; played++ {
				v := int16(room.IntN(21) - 10)
				if len(clip) > 0 {
					v += clip[0]
					if clip = clip[1:]; len(clip) == 0 {
						p.over <- struct{}{} // has room
					}
				}
				b = binary.LittleEndian.AppendUint16(b, uint16(v))
			}
			_, _ = f.Write(b) // nobody may be reading yet
		}
	})
	t.Cleanup(func() {
		close(done)
		_ = f.Close()
		wg.Wait()
	})
}
