package capture

import (
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestRoom checks that a long recording moves to a larger buffer twice only, and what it
// then has: a buffer that doubles takes three times the size of the sound for a moment.
func TestRoom(t *testing.T) {
	for _, longest := range []time.Duration{0, time.Second, time.Minute, 30 * time.Minute} {
		rec := newRecording(time.Now(), &fakeVoice{}, longest)
		block := make([]int16, 320)
		moved, cap0 := 0, 0
		for pos := int64(0); pos < samples(max(longest, 3*time.Minute)); pos += int64(len(block)) {
			for i := range block {
				block[i] = int16(pos + int64(i))
			}
			rec.add(pos, block)
			if cap(rec.buf) != cap0 {
				moved, cap0 = moved+1, cap(rec.buf)
			}
		}
		for i, v := range rec.buf {
			if v != int16(i) {
				t.Fatalf("longest %v: sample %d is %d", longest, i, v)
			}
		}
		if longest > 3*time.Minute && (moved != 3 || cap0 != int(samples(longest))) {
			t.Errorf("longest %v: %d buffers, the last of %v", longest, moved, time.Duration(cap0)*time.Second/pcm.Rate)
		}
	}
}
