package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestExact checks that a recording has all that is said from the press to the release, as
// the server sent it. The samples have numbers, so the test does not depend on how long
// anything takes. TestPlaces checks where exactly a recording begins and ends.
func TestExact(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		e := newExact(t, r, Config{})
		for range 5 {
			x := e.press()
			<-time.After(700 * time.Millisecond)
			x.release()
			e.reaches(x.clip.Samples, x.heard, x.released)
			e.w.sent(t, x.clip.Samples)
			// Otherwise the next recording would begin where this one ended.
			<-time.After(2 * ringMargin)
		}
	})
}

// TestExactPreRoll checks, on a stream that always runs, that a recording begins PreRoll
// before the press. A press within the tail of the previous recording divides the sound
// without loss.
func TestExactPreRoll(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		const preRoll = 300 * time.Millisecond
		e := newExact(t, r, Config{PreRoll: preRoll, Tail: 3 * time.Second}) // the second press comes within it
		first := e.press()
		<-time.After(700 * time.Millisecond)
		close(first.stop)
		<-time.After(80 * time.Millisecond)
		second := e.press()
		<-time.After(500 * time.Millisecond)
		second.release()
		<-first.done
		if first.err != nil {
			t.Fatal(first.err)
		}
		both := append(first.clip.Samples, second.clip.Samples...)
		e.reaches(both, first.heard-samples(preRoll), second.released)
		e.w.sent(t, both)
	})
}

// An exact records what a player plays.
type exact struct {
	t     *testing.T
	p     *player
	m     *mic
	w     *wire
	tail  time.Duration
	slack time.Duration
}

func newExact(t *testing.T, r *rig, c Config) *exact {
	t.Helper()
	e := &exact{t: t, p: r.play("speaker"), w: new(wire), tail: orTest(c.Tail, testTail)}
	if r.name == "pipewire" {
		e.slack = 150 * time.Millisecond
	}
	c.Source = "speaker.monitor"
	c.dial = func(ctx context.Context) (net.Conn, error) { return e.w.dial(ctx, r.socket) }
	e.m = runMic(t, c)
	e.m.ready(soon)
	r.until("exact clock of PipeWire", func() bool { return e.now() > samples(time.Second) })
	r.until("pre-roll", func() bool { return c.PreRoll == 0 || e.w.total() > 2*int(samples(c.PreRoll+time.Second)) })
	return e
}

// now returns the number of the sample that is played now, as the server reports.
func (e *exact) now() int64 { return e.p.clock(e.t).pos }

// A numbered is a recording, with the numbers of samples that were played at its moments.
type numbered struct {
	*held
	e        *exact
	heard    int64 // when the recorder had its first sound, after the press
	released int64 // just before the release
}

// press begins a recording and waits until it has sound.
func (e *exact) press() *numbered {
	x := &numbered{held: &held{stop: make(chan struct{}), done: make(chan struct{})}, e: e}
	heard := make(chan struct{})
	var once sync.Once
	go func() {
		defer close(x.done)
		x.clip, x.err = e.m.RecordTo(context.Background(), x.stop, Hooks{Samples: func([]int16) { once.Do(func() { close(heard) }) }})
	}()
	select {
	case <-heard:
	case <-time.After(soon):
		e.t.Fatal("no sound")
	}
	x.heard = e.now()
	return x
}

// release ends the recording and waits for its sound.
func (x *numbered) release() {
	x.released = x.e.now()
	close(x.stop)
	<-x.done
	if x.err != nil {
		x.e.t.Fatal(x.err)
	}
}

// reaches checks that sound has all samples from one number to another, and a tail. It may
// have more before. PipeWire 0.3 reports latencies that are wrong by up to 150 ms.
func (e *exact) reaches(sound []int16, from, to int64) {
	e.t.Helper()
	const more = time.Second
	said := func(v int16) bool { return v != 0 } // a server sends zeros when it is late
	i := slices.IndexFunc(sound, said)
	if i < 0 {
		e.t.Fatalf("%d samples, all zero", len(sound))
	}
	first, last := int64(0), int64(0)
	for first = number(sound[i], from); !said(sound[len(sound)-1]); {
		sound = sound[:len(sound)-1]
	}
	last = number(sound[len(sound)-1], to+samples(e.tail))
	e.t.Logf("begins %+.1f ms before, ends %+.1f ms after", ms(from-first), ms(last-to))
	if first > from+samples(e.slack) || first < from-samples(more) || last < to {
		e.t.Errorf("has the samples %d to %d, want %d to %d", first, last, from, to)
	}
}

func ms(n int64) float64 { return float64(n) * 1000 / pcm.Rate }

// A wire keeps what a server sends.
type wire struct {
	mu    sync.Mutex
	conns []*bytes.Buffer
}

type wireConn struct {
	net.Conn
	w    *wire
	kept *bytes.Buffer
}

func (w *wire) dial(ctx context.Context, server string) (net.Conn, error) {
	conn, err := dialServer(ctx, server)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := new(bytes.Buffer)
	w.conns = append(w.conns, kept)
	return wireConn{conn, w, kept}, nil
}

func (c wireConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.kept.Write(b[:n])
	return n, err
}

// total returns how many bytes the server has sent.
func (w *wire) total() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kept := range w.conns {
		n += kept.Len()
	}
	return n
}

// sent checks that the server sent this sound, without a sample more or less in it.
func (w *wire) sent(t *testing.T, sound []int16) {
	t.Helper()
	want, err := binary.Append(nil, binary.LittleEndian, sound)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kept := range w.conns {
		var all []byte
		for b := kept.Bytes(); len(b) >= descriptorSize; {
			end := min(len(b), descriptorSize+int(binary.BigEndian.Uint32(b)))
			if binary.BigEndian.Uint32(b[4:]) != messageChannel {
				all = append(all, b[descriptorSize:end]...)
			}
			b = b[end:]
		}
		if bytes.Contains(all, want) {
			return
		}
	}
	t.Errorf("%d samples are not what the server sent", len(sound))
}
