package capture

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// onFake runs a test in a bubble with a fake server.
func onFake(t *testing.T, test func(t *testing.T, f *fake)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		t.Cleanup(f.served.Wait) // runs after the cleanups of the test
		test(t, f)
	})
}

// whole checks that the clip is a piece of the ramp without a gap.
func whole(t *testing.T, c pcm.Clip) {
	t.Helper()
	for i := 1; i < len(c.Samples); i++ {
		if d := c.Samples[i] - c.Samples[i-1]; d != 1 && d != 1-ramp {
			t.Fatalf("sample %d is %d after %d", i, c.Samples[i], c.Samples[i-1])
		}
	}
}

// lasts checks the length of a clip, with a tolerance of two packets.
func lasts(t *testing.T, c pcm.Clip, want time.Duration) {
	t.Helper()
	if d := c.Duration() - want; d < -40*time.Millisecond || d > 40*time.Millisecond {
		t.Errorf("%v of sound, want %v", c.Duration(), want)
	}
}

func TestRecord(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		m := runMic(t, f.config())
		m.ready(time.Second)
		for range 3 {
			h := m.record(time.Second)
			if h.err != nil {
				t.Fatal(h.err)
			}
			whole(t, h.clip)
			lasts(t, h.clip, time.Second+testTail)
			if took := time.Since(h.release); took > testTail+100*time.Millisecond {
				t.Errorf("returned %v after the release", took)
			}
		}
	})
}

// TestRecordTo checks that the hooks of a recording get exactly the samples of that
// recording, also if the next one follows at once.
func TestRecordTo(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		m := runMic(t, f.config())
		m.ready(time.Second)
		var heard [2][]int16
		var clips [2]pcm.Clip
		ended := make(chan error)
		var stops [2]chan struct{}
		for i := range heard {
			stops[i] = make(chan struct{})
			go func() {
				var err error
				clips[i], err = m.RecordTo(context.Background(), stops[i], Hooks{
					Samples: func(s []int16) { heard[i] = append(heard[i], s...) },
				})
				ended <- err
			}()
			<-time.After(time.Second) // the second ends the first
		}
		close(stops[1])
		for range heard {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		for i, c := range clips {
			more := len(heard[i]) - len(c.Samples)
			if more < 0 || more > int(samples(startMargin)) || !slices.Equal(heard[i][:len(c.Samples)], c.Samples) || len(c.Samples) < pcm.Rate*9/10 {
				t.Errorf("%d: heard %d samples of %d", i, len(heard[i]), len(c.Samples))
			}
		}
	})
}

// TestTail checks that a tail ends when the voice has ended, or at its longest.
func TestTail(t *testing.T) {
	const hold = 1024 * time.Millisecond // 32 frames
	for _, tt := range []struct {
		name  string
		tail  time.Duration
		voice time.Duration // end of the voice after the release; it begins before the press
		want  time.Duration // of tail
	}{
		{"no speech", 0, -time.Hour, minTail},
		{"released in silence", 0, -200 * time.Millisecond, minTail},
		{"released with the last word", 0, 0, 3 * pcm.VoiceFrame},
		{"released within the last word", 0, 150 * time.Millisecond, 150*time.Millisecond + 3*pcm.VoiceFrame},
		{"speech that goes on", 0, time.Hour, testTail},
		{"a longer tail", time.Second, 700 * time.Millisecond, 700*time.Millisecond + 3*pcm.VoiceFrame},
		{"a short tail", 30 * time.Millisecond, -time.Hour, 30 * time.Millisecond},
		{"no tail", -1, time.Hour, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				c := f.config()
				c.Tail = tt.tail
				c.detector = func() detector {
					return &fakeVoice{in: func(frame int, _ []int16) bool { return time.Duration(frame)*pcm.VoiceFrame < hold+tt.voice }}
				}
				m := runMic(t, c)
				m.ready(time.Second)
				m.record(time.Second)
				for range 5 {
					<-time.After(time.Second) // otherwise the recording would begin where the previous one ended
					h := m.record(hold)
					if h.err != nil {
						t.Fatal(h.err)
					}
					whole(t, h.clip)
					lasts(t, h.clip, hold+tt.want+startMargin)
					if took := time.Since(h.release); took > tt.want+60*time.Millisecond {
						t.Errorf("returned %v after the release", took)
					}
					if want := (len(h.clip.Samples) + 511) / 512; len(h.clip.Voice) != want {
						t.Errorf("%d frames of %d samples", len(h.clip.Voice), len(h.clip.Samples))
					}
				}
			})
		})
	}
}

// TestTailInBursts checks that a tail ends where the voice ends, although more sound arrives
// at once.
func TestTailInBursts(t *testing.T) {
	for _, voice := range []time.Duration{-time.Hour, 150 * time.Millisecond} {
		onFake(t, func(t *testing.T, f *fake) {
			f.set(func(b *behavior) { b.burst, b.exact = 10, true })
			const hold = 1024 * time.Millisecond
			c := f.config()
			c.detector = func() detector {
				return &fakeVoice{in: func(frame int, _ []int16) bool { return time.Duration(frame)*pcm.VoiceFrame < hold+voice }}
			}
			m := runMic(t, c)
			m.ready(time.Second)
			m.record(time.Second)
			for range 5 {
				<-time.After(1037 * time.Millisecond)
				h := m.record(hold)
				whole(t, h.clip)
				lasts(t, h.clip, hold+max(minTail, voice+3*pcm.VoiceFrame)+startMargin)
			}
		})
	}
}

func TestTailReckonsWithLatency(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) { b.latency = 300 * time.Millisecond })
		m := runMic(t, f.config())
		m.ready(time.Second)
		m.record(time.Second)
		h := m.record(time.Second) // on a running stream
		lasts(t, h.clip, time.Second+testTail+startMargin)
		// The fake does not report how much of its next packet it has.
		const packet = 20 * time.Millisecond
		if took := time.Since(h.release); took < testTail+300*time.Millisecond-packet {
			t.Errorf("returned %v after the release, before its sound can have come", took)
		}
	})
}

// TestBursts has a server that sends five times a second and reports no latency. Sound
// from just before the release arrives 190 ms later.
func TestBursts(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) { b.burst = 10 })
		began := time.Now()
		m := runMic(t, f.config())
		m.ready(time.Second)
		m.record(time.Second)
		phase := time.Since(began) % (200 * time.Millisecond)
		<-time.After(1205*time.Millisecond - phase) // right after a burst
		const hold = 1190 * time.Millisecond        // until right before one
		h := m.record(hold)
		whole(t, h.clip)
		if got := h.clip.Duration(); got < hold+testTail {
			t.Errorf("%v of sound, want %v", got, hold+testTail)
		}
	})
}

// TestProcessSuspended has a recorder that does not run for ten seconds of a hold, like
// that of a suspended process. It must read all sound that the server has kept.
func TestProcessSuspended(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		still := make(chan time.Duration, 1)
		c := f.config()
		c.Hooks.Samples = func([]int16) {
			select {
			case d := <-still:
				<-time.After(d)
			default:
			}
		}
		m := runMic(t, c)
		m.ready(time.Second)
		for _, d := range []time.Duration{time.Second, 2 * time.Second, 10 * time.Second} {
			h := m.hold()
			<-time.After(time.Second)
			still <- d
			<-time.After(d + 300*time.Millisecond)
			h.letGo()
			whole(t, h.clip)
			lasts(t, h.clip, d+1300*time.Millisecond+testTail)
			if h.err != nil {
				t.Errorf("%v: %v", d, h.err)
			}
		}
		select {
		case p := <-m.problems:
			t.Errorf("reported: %v", p)
		default:
		}
	})
}

// TestStallAfterDelay has a server that stops sending while the recorder does not run. The
// recording then times out when the stream is given up: a new stream must be opened.
func TestStallAfterDelay(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		stuck := make(chan struct{})
		c := f.config()
		c.Hooks.Samples = func([]int16) {
			select {
			case stuck <- struct{}{}:
				<-time.After(2 * time.Second)
			default:
			}
		}
		m := runMic(t, c)
		m.ready(time.Second)
		h := m.hold()
		<-time.After(time.Second)
		<-stuck
		f.newest().cork <- true
		h.letGo()
		h.fails(t, ErrGap)
		m.ready(time.Second)
	})
}

// TestAlive has a recorder whose loop is stuck in a hook.
func TestAlive(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		stuck, free := make(chan struct{}), make(chan struct{})
		c := f.config()
		c.Hooks.Samples = func([]int16) {
			select {
			case stuck <- struct{}{}:
				<-free
			default:
			}
		}
		m := runMic(t, c)
		m.ready(time.Second)
		alive := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			return m.Alive(ctx)
		}
		if err := alive(); err != nil {
			t.Error(err)
		}
		h := m.hold()
		<-stuck
		if err := alive(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stuck: %v", err)
		}
		close(free)
		if err := alive(); err != nil {
			t.Error(err)
		}
		h.letGo()
	})
}

func TestPressCutsTail(t *testing.T) {
	for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
		for _, preRoll := range []time.Duration{0, 300 * time.Millisecond} {
			onFake(t, func(t *testing.T, f *fake) {
				f.set(func(b *behavior) { b.latency = latency })
				c := f.config()
				c.PreRoll = preRoll
				m := runMic(t, c)
				m.ready(time.Second)
				m.record(time.Second)
				<-time.After(time.Second)
				first := m.hold()
				<-time.After(time.Second)
				first.release = time.Now()
				close(first.stop)
				synctest.Wait()
				// The two moments are measured separately and are not quite the same.
				f.set(func(b *behavior) { b.lie = 7 * time.Millisecond })
				<-time.After(90 * time.Millisecond)
				second := m.record(time.Second)
				<-first.done
				if first.err != nil || second.err != nil {
					t.Fatal(first.err, second.err)
				}
				both := pcm.Clip{Rate: pcm.Rate, Samples: append(first.clip.Samples, second.clip.Samples...)}
				whole(t, both)
				lasts(t, both, 2*time.Second+90*time.Millisecond+testTail+preRoll+startMargin)
				lasts(t, second.clip, time.Second+testTail+startMargin)
			})
		}
	}
}

func TestPressEndsHold(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		m := runMic(t, f.config())
		m.ready(time.Second)
		first := m.hold()
		<-time.After(time.Second)
		second := m.record(time.Second)
		<-first.done
		whole(t, pcm.Clip{Samples: append(first.clip.Samples, second.clip.Samples...)})
		lasts(t, first.clip, time.Second)
	})
}

func TestPreRoll(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		c := f.config()
		c.PreRoll = 300 * time.Millisecond
		m := runMic(t, c)
		m.ready(time.Second)
		<-time.After(time.Second)
		h := m.record(time.Second)
		whole(t, h.clip)
		lasts(t, h.clip, time.Second+testTail+c.PreRoll+startMargin)
	})
}

func TestLinger(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		m := runMic(t, f.config())
		m.ready(time.Second)
		m.record(time.Second)
		conn := f.newest()
		before := conn.total()
		<-time.After(testLinger - time.Second)
		lingering := conn.total()
		<-time.After(2 * time.Second)
		rested := conn.total()
		<-time.After(time.Hour)
		if lingering-before < 100*32000 {
			t.Errorf("%d bytes while lingering", lingering-before)
		}
		if conn.total() != rested {
			t.Errorf("%d bytes at rest", conn.total()-rested)
		}
	})
}

func TestDiscard(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		m := runMic(t, f.config())
		m.ready(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		clip, err := m.Record(ctx, nil)
		if len(clip.Samples) > 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d samples, %v", len(clip.Samples), err)
		}
		lasts(t, m.record(time.Second).clip, time.Second+testTail)
	})
}

func TestClosed(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		rec := New(f.config())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h := &held{done: make(chan struct{})}
		go func() {
			defer close(h.done)
			h.clip, h.err = rec.Record(t.Context(), nil)
		}()
		if err := rec.Run(ctx); err != nil {
			t.Error(err)
		}
		<-h.done
		h.fails(t, ErrClosed)
		lasts(t, h.clip, time.Second) // the words so far
		if _, err := rec.Record(t.Context(), nil); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

// TestClosedAndReleased: if Run ends at the moment of the release, the words so far are
// returned, whichever Record sees first. A select of two ready channels takes either, so
// each order is tried often.
func TestClosedAndReleased(t *testing.T) {
	const tries = 20 // it lost a third of them
	for name, first := range map[string]func(end context.CancelFunc, stop chan struct{}){
		"Run ends first":      func(end context.CancelFunc, stop chan struct{}) { end(); close(stop) },
		"released first":      func(end context.CancelFunc, stop chan struct{}) { close(stop); end() },
		"released by the end": func(end context.CancelFunc, stop chan struct{}) { go close(stop); end() },
	} {
		t.Run(name, func(t *testing.T) {
			lost := 0
			for range tries {
				onFake(t, func(t *testing.T, f *fake) {
					rec := New(f.config())
					ctx, end := context.WithCancel(t.Context())
					ran := make(chan error)
					go func() { ran <- rec.Run(ctx) }()
					h := &held{done: make(chan struct{})}
					stop := make(chan struct{})
					go func() {
						defer close(h.done)
						h.clip, h.err = rec.Record(t.Context(), stop)
					}()
					<-time.After(300 * time.Millisecond)
					first(end, stop)
					<-h.done
					if err := <-ran; err != nil {
						t.Error(err)
					}
					if h.clip.Duration() < 200*time.Millisecond {
						lost++
					}
				})
			}
			if lost > 0 {
				t.Errorf("%d of %d recordings are lost", lost, tries)
			}
		})
	}
}

// TestHandshake ends the first connection after each number of bytes. The next connection
// must work.
func TestHandshake(t *testing.T) {
	total := 0
	onFake(t, func(t *testing.T, f *fake) {
		m := runMic(t, f.config())
		m.ready(time.Second)
		synctest.Wait()
		total = f.newest().total()
	})
	for limit := 1; limit <= total+2000; limit += 1 + limit/total*100 {
		onFake(t, func(t *testing.T, f *fake) {
			f.set(func(b *behavior) { b.limit = limit })
			c := f.config()
			c.Linger = -1
			m := runMic(t, c)
			h := m.hold()
			<-time.After(50 * time.Millisecond)
			f.set(func(b *behavior) { b.limit = 0 })
			<-time.After(200 * time.Millisecond)
			h.letGo()
			whole := m.record(200 * time.Millisecond)
			if whole.err != nil {
				t.Errorf("limit %d: %v", limit, whole.err)
			}
			lasts(t, whole.clip, 200*time.Millisecond+testTail)
		})
	}
}

// TestSlowServer has a server that answers too late, like one that its socket has just
// started.
func TestSlowServer(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) { b.delay = 4 * time.Second })
		m := runMic(t, f.config())
		m.ready(time.Minute)
		f.set(func(b *behavior) { b.delay = 6 * time.Second })
		h := m.hold()
		m.expect(Stalled, time.Second)
		h.letGo()
		if took := time.Since(h.release); took > testTail+stallTimeout {
			t.Errorf("returned %v after the release", took)
		}
		if h.err == nil {
			t.Error("no error")
		}
		f.set(func(b *behavior) { b.delay = 0 })
		m.until(time.Minute, "ready", State.Ready)
		lasts(t, m.record(time.Second).clip, time.Second+testTail)
	})
}

// TestRetries checks that a missing server costs little, and that a press connects to a
// server that has appeared.
func TestRetries(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) { b.refuse = true })
		m := runMic(t, f.config())
		<-time.After(time.Minute)
		minute := f.count()
		<-time.After(time.Hour)
		hour := f.count() - minute
		f.set(func(b *behavior) { b.refuse = false })
		if minute < 55 || hour > 3600/5+1 {
			t.Errorf("%d attempts in the first minute, %d in the next hour", minute, hour)
		}
		h := m.record(time.Second)
		if h.err != nil {
			t.Error(h.err)
		}
		lasts(t, h.clip, time.Second+testTail)
	})
}
