package capture

import (
	"context"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// newBlocks returns a function that passes 20 ms of sound to a recording. The recording
// has room for a minute.
func newBlocks() func() {
	heard := 0
	c := &Config{Hooks: Hooks{
		Frame: func(Frame) { heard++ }, Samples: func([]int16) { heard++ },
	}}
	d := newSession(c, func() *streamHandle { return &streamHandle{} })
	now := time.Now()
	d.running, d.clock, d.arrivalClock = true, clock{0, now}, clock{0, now}
	t := newRecording(now, vad.New(), 0)
	t.monitor.heard = &d.heard
	t.located, t.buf = true, make([]int16, 0, 60*pcm.Rate)
	d.recordings = append(d.recordings, t)
	block, voice := make([]int16, pcm.Rate/50), make([]int16, pcm.Rate/50)
	for i := range voice {
		voice[i] = int16(i%80*200 - 8000)
	}
	return func() {
		if len(t.buf)+len(block) > cap(t.buf) { // a new recording
			t.buf, t.notified, t.next, d.received = t.buf[:0], 0, 0, 0
			t.monitor.tracker.voice = t.monitor.tracker.voice[:0]
		}
		copy(block, voice)
		now = now.Add(20 * time.Millisecond)
		d.receive(block, now)
	}
}

// A server sends the same packet of 20 ms again and again.
type server struct {
	net.Conn
	packet []byte
	at     int
}

func (s *server) Read(b []byte) (int, error) {
	n := copy(b, s.packet[s.at:])
	s.at = (s.at + n) % len(s.packet)
	return n, nil
}

// TestSoundPacketsAllocateNothing checks that a packet of sound allocates no memory
// between the connection and the recorder.
func TestSoundPacketsAllocateNothing(t *testing.T) {
	packet := binary.BigEndian.AppendUint32(nil, fragmentBytes)
	packet = append(packet, make([]byte, descriptorSize-4+fragmentBytes)...)
	packet[descriptorSize+2] = 7 // the second sample
	events := make(chan any, 1)
	w := newCheckedConn(&server{packet: packet}, soundSender(context.Background(), events))
	pass := func() {
		if err := w.next(); err != nil {
			t.Fatal(err)
		}
		b := (<-events).(*block)
		if len(b.samples) != fragmentBytes/2 || b.samples[1] != 7 {
			t.Fatalf("%d samples, the second is %d", len(b.samples), b.samples[1])
		}
		b.end()
		if b.samples[1] != 0 || w.samples[1] != 0 {
			t.Fatal("sound is left in memory")
		}
	}
	if n := testing.AllocsPerRun(100, pass); n != 0 {
		t.Errorf("a packet allocates %v times", n)
	}
}

// TestSoundBlocksAllocateNothing checks that a block of sound allocates no memory between
// the recorder, the hooks, the detector and the recording.
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
