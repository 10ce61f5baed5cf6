package capture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// fragment is how much sound the server is asked to send at a time: 20 ms.
// Less gains nothing, and without it PipeWire sends two seconds at once.
const fragmentBytes = 640

// A command is what the owner of a stream wants of it.
type command int

const (
	cmdPress   command = iota // a recording begins: make sure that the source is right, run, measure
	cmdMeasure                // tell the clock
	cmdIdle                   // no recording is under way
	cmdRun                    // run although no recording is under way
	cmdRest                   // stop the flow of sound
)

// What a stream tells its owner, besides sound.
type (
	opened  struct{ source Source } // the stream is prepared, at rest
	waiting struct{ err error }     // the server is there, the microphone is not
	started struct{}                // the server was told to let sound flow
	ended   struct{ err error }     // the line has ended, with all that it had
)

// A block is a piece of the stream. Whoever receives it ends it.
type block struct {
	samples []int16
	spare   chan<- *block
}

// spares is how many blocks wait to be filled again; while the recorder keeps
// up, one is.
const spareBlocks = 4

// end wipes a block and gives it back.
func (b *block) end() {
	clear(b.samples)
	select {
	case b.spare <- b:
	default:
	}
}

// A clock relates time to the samples of a stream: the sound of the moment `at`
// is sample `pos`, which usually has not arrived yet.
type clock struct {
	pos int64
	at  time.Time
}

// sample returns which sample of the stream is the sound of the moment t.
func (c clock) sample(t time.Time) int64 { return c.pos + samples(t.Sub(c.at)) }

func (c clock) known() bool { return !c.at.IsZero() }

// samples returns how many samples last as long as d.
func samples(d time.Duration) int64 { return int64(d) * pcm.Rate / int64(time.Second) }

// A stream is a line with a record stream on it. It belongs to the goroutine of
// its run.
type stream struct {
	*connection
	cfg            *Config
	source         Source
	index          uint32
	running        bool  // sound flows
	receivedBefore int64 // what had been heard when it began to
	busy           bool  // a recording is under way
	commands       <-chan command
	events         chan<- any
}

// runStream opens a line and a stream and serves the owner's commands until the
// context is done, when it returns nil, or the stream is of no use any more.
func (c *Config) runStream(ctx context.Context, commands <-chan command, events chan<- any) error {
	tell := func(e any) {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	}
	conn, err := c.connect(ctx, soundSender(ctx, events))
	if err != nil {
		return unlessDone(ctx, err)
	}
	s := &stream{connection: conn, cfg: c, commands: commands, events: events}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { conn.conn.fail(ctx.Err()) })()
	if err := s.prepare(ctx, tell); err != nil {
		return unlessDone(ctx, err)
	}
	return unlessDone(ctx, s.serve(ctx, tell))
}

// soundSender returns what sends sound to the owner until the context is done.
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

func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// prepare opens the stream, at rest, waiting for a microphone to appear if
// there is none.
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
			return s.conn.cause()
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
		AdjustLatency:      true, // without it PulseAudio leaves its source at two seconds
		NoMove:             true, // else a removed source is replaced by any other
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

// serve carries out commands and heeds what the server says.
func (s *stream) serve(ctx context.Context, send func(any)) error {
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-s.closed:
			return s.conn.cause()
		case err = <-s.failed:
			// A source that nobody uses is suspended; that ends nothing.
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

// checkSource finds out what changed: the source's mute, or the default.
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

// setCorked stops the flow of sound or lets it run.
func (s *stream) setCorked(corked bool, send func(any)) error {
	if s.running == !corked {
		return nil
	}
	select {
	case err := <-s.failed:
		if err != errSuspended { // which would be from the time at rest
			return err
		}
	default:
	}
	if err := s.ask("cork", &proto.CorkRecordStream{StreamIndex: s.index, Corked: corked}, nil); err != nil {
		return err
	}
	s.running = !corked
	if s.running {
		s.receivedBefore = s.conn.lastReply().received
		send(started{})
	}
	return nil
}

// measure tells the owner the stream's clock. The moment of the reply is known
// as a number of samples that had arrived; behind those lie what the server
// has queued for us, and what the source has not delivered yet.
//
//	spoken now ──source latency──▶ queue (write - read) ──▶ arrived
//
// Source: PulseAudio, pulse/stream.c, calc_time.
func (s *stream) measure(send func(any)) error {
	var l proto.GetRecordLatencyReply
	if err := s.ask("ask for the latency", &proto.GetRecordLatency{StreamIndex: s.index}, &l); err != nil {
		return err
	}
	at := s.conn.lastReply()
	if at.received == s.receivedBefore {
		return nil // what a stream says that has yet to deliver means nothing
	}
	delay := time.Duration(l.Latency) * time.Microsecond
	// What a monitor delivers will only be heard after the output's latency.
	delay -= time.Duration(l.MonitorLatency) * time.Microsecond
	queued := max(0, l.WriteIndex-l.ReadIndex) / 2
	send(clock{pos: at.received + queued + samples(delay), at: at.at})
	return nil
}
