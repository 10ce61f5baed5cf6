package capture

import (
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// newBlocks returns what a recording under way does with 20 ms of sound, and
// room for a minute of them.
func newBlocks() func() {
	heard := 0
	c := &Config{Hooks: Hooks{
		Level: func(Level) { heard++ }, Pause: func(Pause) {}, Heard: func([]int16) { heard++ },
	}}
	d := newDesk(c, func() *feed { return &feed{} })
	now := time.Now()
	d.running, d.clock, d.bound = true, clock{0, now}, clock{0, now}
	t := newTake(now)
	t.placed, t.buf = true, make([]int16, 0, 60*pcm.Rate)
	d.takes = append(d.takes, t)
	block, voice := make(sound, pcm.Rate/50), make(sound, pcm.Rate/50)
	for i := range voice {
		voice[i] = int16(i%80*200 - 8000)
	}
	return func() {
		if len(t.buf)+len(block) > cap(t.buf) { // a new recording
			t.buf, t.told, t.next, d.got = t.buf[:0], 0, 0, 0
		}
		copy(block, voice)
		now = now.Add(20 * time.Millisecond)
		d.hear(block, now)
	}
}

// A block of sound, once it was read from the stream, costs no memory on its way
// to the meter, the ear of the gate and the recording.
func TestSoundBlocksAllocateNothing(t *testing.T) {
	block := newBlocks()
	if n := testing.AllocsPerRun(500, block); n != 0 {
		t.Errorf("a block of sound allocates %v times", n)
	}
}

func BenchmarkBlock(b *testing.B) {
	b.ReportAllocs()
	block := newBlocks()
	for b.Loop() {
		block()
	}
}
