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
	cmdPress   command = iota // a recording begins: check the source, open the microphone, measure
	cmdMeasure                // send the clock
	cmdIdle                   // no recording is under way
	cmdRun                    // open the microphone before a recording
	cmdRest                   // give the microphone back
)

// The events, besides blocks of sound, that a stream sends to the session.
type (
	opened  struct{ source Source } // the server has a microphone that fits; it is not open
	waiting struct{ err error }     // the server has none, or does not let it be opened
	started struct{ clock }         // the microphone is open, and was asked for at the time of the clock
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

// offer sends v to a channel if that has room, and reports whether it had.
func offer[T any](to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	default:
		return false
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

// A stream is a connection that has a record stream while the microphone is open. Without
// one, desktops show that no program listens, and a headset plays music as well as it
// can. A corked stream is not enough for that. It belongs to the goroutine of runStream.
type stream struct {
	*connection
	cfg            *Config
	source         Source
	index          uint32 // of the record stream
	running        bool   // there is a record stream
	receivedBefore int64  // samples that had arrived before its first
	busy           bool   // a recording is under way
	commands       <-chan command
}

// runStream connects, chooses the microphone and carries out commands. It returns an
// error when the connection cannot be used any more. When the context is done, it returns
// nil or an error that has no meaning.
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
	err = s.choose()
	if err == nil {
		send(opened{s.source})
	}
	for err == nil || isRefusal(err) && !s.running {
		if err != nil {
			err = s.retry(ctx, send, err)
		} else {
			err = s.serve(ctx, send)
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	return err
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

// isRefusal reports whether err is an answer of a server that works.
func isRefusal(err error) bool { return errors.Is(err, ErrSource) || isRefused(err) }

// isRefused reports whether the server refused a request.
func isRefused(err error) bool {
	var refused proto.Error
	return errors.As(err, &refused)
}

// retry waits until there is a microphone that can be opened; err says why there is none.
// A server reports when its sources change. It does not report when it would open one
// that it refused, so retry tries that with a growing pause.
func (s *stream) retry(ctx context.Context, send func(any), err error) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for wait := minRetry; ; wait = min(2*wait, maxLateRetry) {
		send(waiting{err})
		refused := isRefused(err)
		if pause.Stop(); refused {
			pause.Reset(wait)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.closed:
			return s.checked.cause()
		case <-s.sourcesChanged:
		case <-pause.C:
		case c := <-s.commands:
			s.busy = c == cmdPress || s.busy && c != cmdIdle
		}
		if err = s.choose(); err == nil {
			err = s.reopen(refused, send)
		}
		if !isRefusal(err) {
			return err
		}
	}
}

// reopen reports the chosen source to the session. If the server refused to open it
// before, reopen first opens it, and closes it again if no recording is under way.
func (s *stream) reopen(refused bool, send func(any)) error {
	var start started
	if refused {
		var err error
		start, err = s.open()
		if err == nil && !s.busy {
			err = s.close()
		}
		if err != nil {
			return err
		}
	}
	send(opened{s.source})
	if s.running {
		send(start)
	}
	return nil
}

// choose chooses the source.
func (s *stream) choose() error {
	all, err := s.sources()
	if err != nil {
		return err
	}
	s.source, err = Choose(all, s.cfg.Source)
	return err
}

// open creates a record stream from the source.
func (s *stream) open() (started, error) {
	select {
	case <-s.failed: // that was the stream before
	default:
	}
	asked := time.Now()
	var reply proto.CreateRecordStreamReply
	err := s.ask("open "+s.source.Name, &proto.CreateRecordStream{
		SampleSpec:         proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: pcm.Rate},
		ChannelMap:         proto.ChannelMap{proto.ChannelMono},
		SourceIndex:        proto.Undefined,
		SourceName:         s.source.Name,
		BufferMaxLength:    proto.Undefined,
		BufferFragSize:     fragmentBytes,
		AdjustLatency:      true, // otherwise the source of PulseAudio keeps a latency of two seconds
		NoMove:             true, // otherwise the server replaces a removed source
		DirectOnInputIndex: proto.Undefined,
		Properties:         proto.PropList{"media.name": proto.PropListString("dictation")},
		// PulseAudio refuses a stream without volumes, even if they are not set.
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)},
	}, &reply)
	if errors.Is(err, proto.ErrNoSuchEntity) {
		err = fmt.Errorf("%w: %w", ErrSource, err)
	}
	if err != nil {
		return started{}, err
	}
	s.index, s.running = reply.StreamIndex, true
	s.receivedBefore = s.checked.lastReply().received
	return started{clock{s.receivedBefore, asked}}, nil
}

// close ends the record stream.
func (s *stream) close() error {
	if !s.running {
		return nil
	}
	s.running = false
	return s.ask("close the microphone", &proto.DeleteRecordStream{StreamIndex: s.index}, nil)
}

// serve carries out commands and handles events of the server, until there is an error.
func (s *stream) serve(ctx context.Context, send func(any)) error {
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-s.closed:
			return s.checked.cause()
		case err = <-s.failed:
			if !s.running { // it is about a stream that was closed
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
	switch {
	case now.Name == s.source.Name || s.busy:
	case err != nil:
		return err
	case s.running:
		return errDefaultChanged
	default:
		s.source = now
		send(now)
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
		return s.start(send)
	case cmdMeasure:
		return s.measure(send)
	case cmdIdle:
		s.busy = false
		return s.checkSource(send)
	case cmdRun:
		return s.start(send)
	case cmdRest:
		s.busy = false
		return s.close()
	}
	panic("capture: no such command")
}

// start opens the microphone unless it is open.
func (s *stream) start(send func(any)) error {
	if s.running {
		return nil
	}
	start, err := s.open()
	if err == nil {
		send(start)
	}
	return err
}

// measure sends the stream's clock to the session.
func (s *stream) measure(send func(any)) error {
	if !s.running {
		return nil
	}
	var l proto.GetRecordLatencyReply
	if err := s.ask("ask for the latency", &proto.GetRecordLatency{StreamIndex: s.index}, &l); err != nil {
		return err
	}
	at := s.checked.lastReply()
	if at.received == s.receivedBefore {
		return nil // the latency is undefined before the first sample
	}
	send(clock{pos: at.received + onTheWay(l), at: at.at})
	return nil
}

// onTheWay returns how many samples have been spoken and not arrived. They are in the
// server's queue or not yet delivered by the source.
//
//	spoken now ──source latency──▶ queue (write - read) ──▶ arrived
//
// An output plays what its monitor delivers only after the output's latency, so for a
// monitor the number may be below zero. Source: PulseAudio, pulse/stream.c, calc_time.
func onTheWay(l proto.GetRecordLatencyReply) int64 {
	queued := min(max(0, l.WriteIndex-l.ReadIndex)/2, samples(maxLatency))
	return queued + samples(duration(l.Latency)-duration(l.MonitorLatency))
}

// maxLatency is the largest latency that is believed. A stream whose first sample takes
// longer is given up.
const maxLatency = firstSampleTimeout

// duration returns a latency that the server reported.
func duration(latency proto.Microseconds) time.Duration {
	return time.Duration(min(latency, proto.Microseconds(maxLatency/time.Microsecond))) * time.Microsecond
}
