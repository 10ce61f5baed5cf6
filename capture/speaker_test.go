package capture

import (
	"context"
	"encoding/binary"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A speaker plays a ramp into the microphone. Each sample shows when it was spoken. The
// microphone is a FIFO that the server reads at its own rate. The speaker therefore
// keeps some samples in the FIFO and accounts for their delay. While the server does not
// read, these samples are zeros.
type speaker struct {
	began time.Time
	stop  context.CancelFunc
	done  sync.WaitGroup

	sign    int16 // of the samples, which differs between two speakers; zero is silence
	fd      int
	flowing bool  // the server reads
	next    int64 // the next sample to write
	last    time.Time
	lying   int // samples in the FIFO after the last write
	still   int // ticks since the server last read
}

const (
	ramp     = 32000 // number of values through which the samples count; none is zero
	lead     = 640   // samples in the FIFO: two periods of PipeWire
	tick     = 5 * time.Millisecond
	pipeSize = 4096
)

// speak speaks into a FIFO until the test ends.
func (r *rig) speak(fifo string, sign int16) *speaker {
	r.t.Helper()
	f, err := os.OpenFile(fifo, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	s := &speaker{began: time.Now(), fd: int(f.Fd()), sign: sign}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETPIPE_SZ, pipeSize); err != nil {
		r.t.Fatal(err)
	}
	if err := syscall.SetNonblock(s.fd, true); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() {
		defer f.Close()
		t := time.NewTicker(tick)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				s.utter(time.Now())
			}
		}
	})
	r.t.Cleanup(s.close)
	return s
}

func (s *speaker) close() {
	s.stop()
	s.done.Wait()
}

// utter writes the samples of the time since the last call.
func (s *speaker) utter(now time.Time) {
	lying, err := unix.IoctlGetInt(s.fd, unix.TIOCINQ)
	if err != nil {
		return
	}
	lying /= 2
	if s.still++; lying < s.lying {
		s.still = 0
	}
	due := s.index(now) - s.index(s.last)
	switch s.last = now; {
	case s.flowing && s.still > 60:
		s.flowing = false
	case !s.flowing && s.still == 0:
		s.flowing, s.next = true, s.index(now)+int64(lying)
	}
	if !s.flowing {
		due = int64(max(0, lead-lying))
	}
	b := make([]byte, 0, 2*due)
	for range due {
		v := uint16(0)
		if s.flowing {
			v = uint16(s.sign * int16(s.next%ramp+1))
			s.next++
		}
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	n, _ := syscall.Write(s.fd, b) // if the FIFO is full, the samples are lost
	s.lying = lying + max(n, 0)/2
}

// index returns the number of the sample that is spoken at a time.
func (s *speaker) index(at time.Time) int64 { return samples(at.Sub(s.began)) }

// number returns the number of the sample near the given one that has this value.
func number(value int16, near int64) int64 {
	want := int64(value) - 1
	turn := (near - want + ramp/2) / ramp
	return turn*ramp + want
}
