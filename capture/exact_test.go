package capture

import (
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestExact checks sample by sample that a recording begins with the press and
// ends with the release and the tail.
func TestExact(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		if r.name == "pipewire" {
			monitorExact(t, r)
			return
		}
		s := r.speak(r.fifo, 1)
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		for i := range 5 {
			h := m.record(700 * time.Millisecond)
			if h.err != nil {
				t.Fatal(h.err)
			}
			s.check(t, i == 0, h.clip, h.press, h.release.Add(testTail), 2*tick)
			// Otherwise the next recording would begin where this one ended.
			<-time.After(2 * startMargin)
		}
	})
}

// monitorSlack is the largest error of the latency that PipeWire 0.3 reports. It is less
// than the tail, so that the clip has all sound until the release.
const monitorSlack = 150 * time.Millisecond

// monitorExact is TestExact on PipeWire, whose FIFO source pads and drops samples. The
// test records the monitor of an output instead, whose clock is exact only to a period
// or two.
func monitorExact(t *testing.T, r *rig) {
	t.Helper()
	p := r.play("speaker")
	m := runMic(t, Config{Server: r.socket, Source: "speaker.monitor"})
	m.ready(soon)
	for i := range 5 {
		s := p.speaker(t)
		h := m.record(700 * time.Millisecond)
		if h.err != nil {
			t.Fatal(h.err)
		}
		s.check(t, i == 0, h.clip, h.press, h.release.Add(testTail), monitorSlack)
	}
}

// check compares a clip with the sound of the speaker from press to end. The clip may
// lack slack at the end, the largest error of the speaker's clock. On a busy host the
// speaker is late, or the server does not read: check allows for that delay, and for the
// samples for which the FIFO had no room.
func (s *speaker) check(t *testing.T, cold bool, clip pcm.Clip, press, end time.Time, slack time.Duration) {
	t.Helper()
	silent := zeros(t, clip)
	spoken := clip.Samples[silent:]
	for i := range spoken[1:] {
		d := spoken[i+1] - spoken[i]
		if d != 1 && d != 1-ramp && !s.lostAfter(s.spoken(spoken[i], s.index(press)+int64(i))) {
			t.Fatalf("sample %d: %d after %d", silent+i+1, spoken[i+1], spoken[i])
		}
	}
	first := s.first(t, clip, press) - s.index(press)
	last := s.spoken(spoken[len(spoken)-1], s.index(end)) - s.index(end)
	delay := s.delay()
	slack += delay
	t.Logf("cold %v, speaker late by %v: first sample %+.1f ms from the press, last %+.1f ms from the end", cold, delay, ms(first), ms(last))
	if !cold && (first > samples(2*tick+delay) || silent > 0) {
		t.Errorf("%d zeros, first sample %+.1f ms after the press", silent, ms(first))
	}
	if last < -samples(slack) || last > samples(2*startMargin+slack) {
		t.Errorf("last sample %+.1f ms from the end", ms(last))
	}
}

// speaker returns a speaker with the sound of the player, according to its clock now.
func (p *player) speaker(t *testing.T) *speaker {
	t.Helper()
	c := p.clock(t)
	return &speaker{began: c.at.Add(-time.Duration(c.pos) * time.Second / pcm.Rate), sign: 1}
}

// first returns which sample of the speaker is the first of a clip that began near the
// press.
func (s *speaker) first(t *testing.T, clip pcm.Clip, press time.Time) int64 {
	t.Helper()
	return s.spoken(clip.Samples[zeros(t, clip)], s.index(press))
}

// zeros returns the number of zeros at the beginning of a clip.
func zeros(t *testing.T, clip pcm.Clip) (n int) {
	t.Helper()
	for n < len(clip.Samples) && clip.Samples[n] == 0 {
		n++
	}
	if n == len(clip.Samples) {
		t.Fatalf("%d samples, all zero", n)
	}
	return n
}

func ms(n int64) float64 { return float64(n) * 1000 / pcm.Rate }

// TestExactPreRoll checks, on a stream that always runs, that a recording begins PreRoll
// before the press. A press within the tail of the previous recording divides the sound
// without loss.
func TestExactPreRoll(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		const preRoll = 300 * time.Millisecond
		c := Config{Server: r.socket, PreRoll: preRoll}
		slack := 2 * tick
		var s *speaker
		if r.name == "pipewire" {
			p := r.play("speaker")
			<-time.After(time.Second) // the stream has no exact clock before
			s = p.speaker(t)
			c.Source, slack = "speaker.monitor", monitorSlack
		} else {
			s = r.speak(r.fifo, 1)
		}
		m := runMic(t, c)
		m.ready(soon)
		<-time.After(time.Second)
		first := m.hold()
		<-time.After(700 * time.Millisecond)
		first.release = time.Now()
		close(first.stop)
		<-time.After(80 * time.Millisecond)
		second := m.record(500 * time.Millisecond)
		<-first.done
		if first.err != nil || second.err != nil {
			t.Fatal(first.err, second.err)
		}
		s.check(t, false, first.clip, first.press.Add(-preRoll), second.press.Add(-startMargin), slack)
		both := pcm.Clip{Rate: pcm.Rate, Samples: append(first.clip.Samples, second.clip.Samples...)}
		s.check(t, false, both, first.press.Add(-preRoll), second.release.Add(testTail), slack)
	})
}
