package capture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// fragmentBytes is how much sound the server sends at a time: 20 ms. Less has no
// advantage. If it is not set, PipeWire sends two seconds at once.
const fragmentBytes = 640

// A command is a request of the session to its stream.
type command int

const (
	cmdPress   command = iota // a recording begins: check the source, run, measure
	cmdMeasure                // send the clock
	cmdIdle                   // no recording is under way
	cmdRun                    // run before a recording
	cmdRest                   // stop the stream
)

// The events, besides blocks of sound, that a stream sends to the session.
type (
	opened  struct{ source Source } // the stream is prepared and corked
	waiting struct{ err error }     // the server has no microphone that fits
	started struct{}                // the server has uncorked the stream
	ended   struct{ err error }     // the connection has ended, and the stream with it
)

// A block is a piece of the stream. The receiver must call end.
type block struct {
	samples []int16
	spare   chan<- *block
}

// spareBlocks is how many blocks wait for reuse. One is enough while the recorder is not
// late.
const spareBlocks = 4

// end wipes a block and returns it for reuse.
func (b *block) end() {
	clear(b.samples)
	offer(b.spare, b)
}

// offer sends v to a channel if that has room.
func offer[T any](to chan<- T, v T) {
	select {
	case to <- v:
	default:
	}
}

// A clock relates time to the samples of a stream. Sample pos is the sound of the moment
// at. This sample has usually not arrived yet.
type clock struct {
	pos int64
	at  time.Time
}

// sample returns which sample of the stream is the sound of the moment t.
func (c clock) sample(t time.Time) int64 { return c.pos + samples(t.Sub(c.at)) }

func (c clock) known() bool { return !c.at.IsZero() }

// samples returns the number of samples in d.
func samples(d time.Duration) int64 { return int64(d) * pcm.Rate / int64(time.Second) }

// A stream is a connection with a record stream. It belongs to the goroutine of
// runStream.
type stream struct {
	*connection
	cfg            *Config
	source         Source
	index          uint32
	running        bool  // not corked
	receivedBefore int64 // samples that had arrived when it was uncorked
	busy           bool  // a recording is under way
	commands       <-chan command
}

// runStream connects, opens a stream and carries out commands. It returns an error when
// the stream cannot be used any more. When the context is done, it returns nil or an
// error that has no meaning.
func (c *Config) runStream(ctx context.Context, commands <-chan command, events chan<- any) error {
	send := func(e any) {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	}
	conn, err := c.connect(ctx, soundSender(ctx, events))
	if err != nil {
		return err
	}
	s := &stream{connection: conn, cfg: c, commands: commands}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { conn.checked.fail(ctx.Err()) })()
	if err := s.prepare(ctx, send); err != nil {
		return err
	}
	return s.serve(ctx, send)
}

// soundSender returns a function that sends sound to the session until the context is
// done.
func soundSender(ctx context.Context, events chan<- any) func(uint32, []int16) {
	spare := make(chan *block, spareBlocks)
	return func(_ uint32, samples []int16) {
		var b *block
		select {
		case b = <-spare:
		default:
			b = &block{spare: spare}
		}
		b.samples = append(b.samples[:0], samples...)
		select {
		case events <- b:
		case <-ctx.Done():
			b.end()
		}
	}
}

// prepare opens the stream, corked. If there is no microphone, it waits for one.
func (s *stream) prepare(ctx context.Context, send func(any)) error {
	for {
		err := s.open()
		if err == nil {
			send(opened{s.source})
			return nil
		}
		var refused proto.Error
		if !errors.Is(err, ErrSource) && !errors.As(err, &refused) {
			return err
		}
		send(waiting{err})
		select {
		case <-ctx.Done():
			return nil
		case <-s.closed:
			return s.checked.cause()
		case <-s.sourcesChanged:
		case c := <-s.commands:
			s.busy = c == cmdPress || s.busy && c != cmdIdle && c != cmdRest
		}
	}
}

// open chooses the source and creates a stream from it.
func (s *stream) open() error {
	all, err := s.sources()
	if err != nil {
		return err
	}
	if s.source, err = Choose(all, s.cfg.Source); err != nil {
		return err
	}
	var reply proto.CreateRecordStreamReply
	err = s.ask("open "+s.source.Name, &proto.CreateRecordStream{
		SampleSpec:         proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: pcm.Rate},
		ChannelMap:         proto.ChannelMap{proto.ChannelMono},
		SourceIndex:        proto.Undefined,
		SourceName:         s.source.Name,
		BufferMaxLength:    proto.Undefined,
		Corked:             true,
		BufferFragSize:     fragmentBytes,
		AdjustLatency:      true, // otherwise the source of PulseAudio keeps a latency of two seconds
		NoMove:             true, // otherwise the server replaces a removed source
		DirectOnInputIndex: proto.Undefined,
		Properties:         proto.PropList{"media.name": proto.PropListString("dictation")},
		// PulseAudio refuses a stream without volumes, even if they are not set.
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)},
	}, &reply)
	s.index = reply.StreamIndex
	if errors.Is(err, proto.ErrNoSuchEntity) {
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	return err
}

// serve carries out commands and handles events of the server.
func (s *stream) serve(ctx context.Context, send func(any)) error {
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-s.closed:
			return s.checked.cause()
		case err = <-s.failed:
			// The server suspends a source that no client uses. The stream remains
			// usable.
			if err == errSuspended && !s.running {
				err = nil
			}
		case <-s.sourcesChanged:
			err = s.checkSource(send)
		case c := <-s.commands:
			err = s.execute(c, send)
		}
		if err != nil {
			return err
		}
	}
}

// checkSource finds out whether the source was muted or unmuted, and whether the default
// changed.
func (s *stream) checkSource(send func(any)) error {
	all, err := s.sources()
	if err != nil {
		return err
	}
	now, err := Choose(all, s.cfg.Source)
	if now.Name != s.source.Name && !s.busy {
		if err == nil {
			err = errDefaultChanged
		}
		return err
	}
	for _, now := range all {
		if now.Name == s.source.Name && now.Muted != s.source.Muted {
			s.source = now
			send(now)
		}
	}
	return nil
}

func (s *stream) execute(c command, send func(any)) error {
	switch c {
	case cmdPress:
		if !s.busy {
			if err := s.checkSource(send); err != nil {
				return err
			}
			s.busy = true
		}
		if s.running {
			return s.measure(send)
		}
		return s.setCorked(false, send)
	case cmdMeasure:
		return s.measure(send)
	case cmdIdle:
		s.busy = false
		return s.checkSource(send)
	case cmdRun:
		return s.setCorked(false, send)
	case cmdRest:
		s.busy = false
		return s.setCorked(true, send)
	}
	panic("capture: no such command")
}

// setCorked stops or starts the stream.
func (s *stream) setCorked(corked bool, send func(any)) error {
	if s.running == !corked {
		return nil
	}
	select {
	case err := <-s.failed:
		if err != errSuspended { // an old errSuspended is from before the start
			return err
		}
	default:
	}
	if err := s.ask("cork", &proto.CorkRecordStream{StreamIndex: s.index, Corked: corked}, nil); err != nil {
		return err
	}
	s.running = !corked
	if s.running {
		s.receivedBefore = s.checked.lastReply().received
		send(started{})
	}
	return nil
}

// measure sends the stream's clock to the session. When the reply arrives, a known
// number of samples has arrived. The samples after those are in the server's queue or
// not yet delivered by the source.
//
//	spoken now ──source latency──▶ queue (write - read) ──▶ arrived
//
// Source: PulseAudio, pulse/stream.c, calc_time.
func (s *stream) measure(send func(any)) error {
	var l proto.GetRecordLatencyReply
	if err := s.ask("ask for the latency", &proto.GetRecordLatency{StreamIndex: s.index}, &l); err != nil {
		return err
	}
	at := s.checked.lastReply()
	if at.received == s.receivedBefore {
		return nil // the latency is undefined before the first sample
	}
	delay := time.Duration(l.Latency) * time.Microsecond
	// The output plays what its monitor delivers only after the output's latency.
	delay -= time.Duration(l.MonitorLatency) * time.Microsecond
	queued := max(0, l.WriteIndex-l.ReadIndex) / 2
	send(clock{pos: at.received + queued + samples(delay), at: at.at})
	return nil
}
