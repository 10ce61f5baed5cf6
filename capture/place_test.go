package capture

import (
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestPlaces: with a server that knows its latency, each recording begins and ends at the
// very sample of its moment.
func TestPlaces(t *testing.T) {
	const preRoll = 300 * time.Millisecond
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) { b.exact = true })
		c := f.config()
		c.PreRoll = preRoll // the stream is open from the beginning
		began := time.Now()
		m := runMic(t, c)
		m.ready(time.Second)
		check := func(name string, clip pcm.Clip, from, to time.Time) {
			t.Helper()
			whole(t, clip)
			first, end := samples(from.Sub(began)), samples(to.Sub(began))
			if got := int64(clip.Samples[0]); got != first%ramp+1 {
				t.Errorf("%s: begins %d samples late", name, got-first%ramp-1)
			}
			if got := int64(len(clip.Samples)); got != end-first {
				t.Errorf("%s: %d samples, want %d", name, got, end-first)
			}
			if got, want := len(clip.Voice), (len(clip.Samples)+vad.Window-1)/vad.Window; got != want {
				t.Errorf("%s: %d frames of voice, want %d", name, got, want)
			}
		}
		<-time.After(3007 * time.Millisecond)
		h := m.record(time.Second)
		check("alone", h.clip, h.press.Add(-preRoll-startMargin), h.release.Add(testTail))
		ended := h.release.Add(testTail)

		<-time.After(113 * time.Millisecond)
		h = m.record(time.Second)
		check("soon after another", h.clip, ended, h.release.Add(testTail))

		<-time.After(2003 * time.Millisecond)
		h = m.hold()
		<-time.After(time.Second)
		release := time.Now()
		close(h.stop)
		<-time.After(93 * time.Millisecond)
		next := m.record(time.Second)
		<-h.done
		border := next.press.Add(-startMargin)
		check("a tail that a press ends", h.clip, h.press.Add(-preRoll-startMargin), border)
		check("a press in a tail", next.clip, border, next.release.Add(testTail))
		if !release.Before(border) {
			t.Error("the press came after the tail")
		}

		for held := 500 * time.Millisecond; held < 533*time.Millisecond; held += 5 * time.Millisecond {
			<-time.After(2003 * time.Millisecond)
			h = m.hold()
			<-time.After(held)
			next = m.record(time.Second)
			<-h.done
			border = next.press.Add(-startMargin)
			check("a hold that a press ends", h.clip, h.press.Add(-preRoll-startMargin), border)
			check("a press during a hold", next.clip, border, next.release.Add(testTail))
		}
	})
}

// TestNothingTwice: a recording that begins soon after another has no sound of that, even if
// the stream ends before its clock is known.
func TestNothingTwice(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		c := f.config()
		c.PreRoll = 300 * time.Millisecond
		m := runMic(t, c)
		m.ready(time.Second)
		<-time.After(time.Second)
		first := m.record(time.Second)
		f.set(func(b *behavior) { b.delay = time.Second }) // so the clock is not known in time
		second := m.hold()
		<-time.After(200 * time.Millisecond)
		_ = f.newest().Close()
		m.expect(Broken, time.Second)
		f.set(func(b *behavior) { b.delay = 0 })
		<-time.After(10 * time.Second)
		second.letGo()
		last := first.clip.Samples[len(first.clip.Samples)-1]
		if got := second.clip.Samples[0]; got != last+1 && got != last+1-ramp {
			t.Errorf("begins with sample %d after %d", got, last)
		}
	})
}

// TestArrivalClock: what has arrived was spoken, so the sound of a moment is no earlier
// sample. The bound is that of the earliest arrival, for two seconds.
func TestArrivalClock(t *testing.T) {
	s := newSession(&Config{}, nil)
	began := time.Now()
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	for _, tt := range []struct {
		name     string
		now      int   // ms
		received int64 // samples
		want     int64 // which sample is spoken now
	}{
		{"first", 0, 320, 320},
		{"late", 100, 1600, 1920},
		{"later", 1000, 9600, 16320},
		{"early", 1100, 18000, 18000},
		{"late again", 1200, 18320, 19600},
		{"late for almost two seconds", 3099, 19000, 49984},
		{"late for two seconds", 3100, 19320, 19320},
	} {
		s.received = tt.received
		s.updateArrivalClock(at(tt.now))
		if got := s.sample(at(tt.now)); got != tt.want {
			t.Errorf("%s: sample %d, want %d", tt.name, got, tt.want)
		}
	}
	ends := func(end int64) *recording {
		rec := newRecording(began, &fakeVoice{}, 0)
		rec.released, rec.endTime, rec.end = at(3000), at(3200), end
		return rec
	}
	released, located, held, shortened := ends(unknown), ends(20000), ends(unknown), ends(20000)
	held.released, shortened.shortened = time.Time{}, true
	s.recordings = []*recording{released, located, held, shortened}
	s.received = 40000
	s.updateArrivalClock(at(3150))
	for name, is := range map[string]bool{
		"not located": released.end == unknown, "located": located.end == 40800, "held": held.end == unknown, "ended by a press": shortened.end == 20000,
	} {
		if !is {
			t.Errorf("%s: ends at %d, %d, %d or %d", name, released.end, located.end, held.end, shortened.end)
		}
	}
}

// TestRingWhileClosed: sound that arrives after the microphone was closed is not kept.
func TestRingWhileClosed(t *testing.T) {
	s := newSession(&Config{}, nil)
	sound := []int16{1, 2, 3}
	s.receive(sound, time.Now())
	if got := s.ring.last(3); slices.Contains(got, 1) {
		t.Errorf("closed: %d is kept", got)
	}
	s.recordings = []*recording{newRecording(time.Now(), &fakeVoice{}, 0)} // the stream is about to start
	s.receive(sound, time.Now())
	if got := s.ring.last(3); !slices.Equal(got, sound) {
		t.Errorf("during a recording: %d is kept, want %d", got, sound)
	}
	s.recordings, s.running = nil, true
	s.receive([]int16{4}, time.Now())
	if got := s.ring.last(3); !slices.Equal(got, []int16{2, 3, 4}) {
		t.Errorf("while open: %d is kept", got)
	}
}
