package capture

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// longest is the longest clip that a Player takes: what a server buffers at
// most is 4 MB. Source: PulseAudio, pulsecore/protocol-native.c,
// MAX_MEMBLOCKQ_LENGTH.
const maxClip = time.Minute

// period is longer than servers mix at once: 8192 samples at 48 kHz at most.
// Source: pipewire.conf(5), default.clock.max-quantum.
const flushPadding = 180 * time.Millisecond

// A Player plays clips on an output. The connection to the server is opened
// with the first clip and kept; the next clip after it is lost opens another.
// Its methods are for one goroutine.
type Player struct {
	Server string // as Config.Server
	Output string // the server's name of the output; empty is its default

	conn *connection
}

// Play plays a clip and returns when it has been heard to its end, as far as the
// server knows its devices. When ctx is done the rest is not played,
// and Play returns its error. Other errors wrap ErrServer.
func (p *Player) Play(ctx context.Context, c pcm.Clip) error {
	if len(c.Samples) == 0 {
		return nil
	}
	if c.Duration() > maxClip {
		return fmt.Errorf("play: %v of sound, want at most %v", c.Duration().Round(time.Second), maxClip)
	}
	err := p.play(ctx, c)
	if ctx.Err() != nil {
		return fmt.Errorf("play: %w", context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("play: %w: %w", ErrServer, err)
	}
	return nil
}

func (p *Player) play(ctx context.Context, c pcm.Clip) error {
	if err := p.open(ctx); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { p.conn.conn.fail(ctx.Err()) })()
	index, err := p.start(c)
	if err == nil {
		err = p.drain(index, int64(2*len(c.Samples)), c.Rate)
	}
	if err == nil {
		err = p.conn.ask("end the stream", &proto.DeletePlaybackStream{StreamIndex: index}, nil)
	}
	return err
}

// open connects, unless a connection is there and lives.
func (p *Player) open(ctx context.Context) error {
	if p.conn != nil {
		select {
		case <-p.conn.closed:
		default:
			if p.conn.conn.cause() == nil {
				return nil
			}
		}
		p.Close()
	}
	conn, err := (&Config{Server: p.Server}).connect(ctx, func(uint32, []int16) {})
	if err != nil {
		return err
	}
	p.conn = conn
	return nil
}

// start opens a stream and gives it the whole clip, which the server has room
// for, so that it never has to ask for more.
func (p *Player) start(c pcm.Clip) (uint32, error) {
	sound := make([]byte, 0, 2*len(c.Samples))
	for _, s := range c.Samples {
		sound = binary.LittleEndian.AppendUint16(sound, uint16(s))
	}
	var reply proto.CreatePlaybackStreamReply
	err := p.conn.ask("open an output", &proto.CreatePlaybackStream{
		SampleSpec:            proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: uint32(c.Rate)},
		ChannelMap:            proto.ChannelMap{proto.ChannelMono},
		SinkIndex:             proto.Undefined,
		SinkName:              p.Output,
		BufferMaxLength:       proto.Undefined,
		BufferTargetLength:    uint32(c.Rate / 10 * 2), // 100 ms; more is taken, up to the maximum
		BufferPrebufferLength: uint32(c.Rate / 100 * 2),
		BufferMinimumRequest:  proto.Undefined,
		AdjustLatency:         true, // without it an idle output of PulseAudio is two seconds late
		NoMove:                p.Output != "",
		Properties: proto.PropList{
			"media.name": proto.PropListString("vocoder"),
			"media.role": proto.PropListString("event"),
		},
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)},
	}, &reply)
	if err != nil {
		return 0, err
	}
	// PipeWire leaves unread what does not fill its last period.
	sound = append(sound, make([]byte, 2*c.Rate*int(flushPadding/time.Millisecond)/1000)...)
	const packet = 32 << 10
	for len(sound) > 0 {
		n := min(packet, len(sound))
		if err := p.conn.client.Send(reply.StreamIndex, sound[:n]); err != nil {
			return 0, err
		}
		sound = sound[n:]
	}
	return reply.StreamIndex, nil
}

// asking is how long to wait before asking again how far a stream is that has
// not begun.
const latencyPollInterval = 20 * time.Millisecond

// drain waits until the clip, of size bytes, has been heard. To be told by the server when its
// buffers are empty (DrainPlaybackStream) takes PulseAudio two seconds.
func (p *Player) drain(index uint32, size int64, rate int) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for read := false; ; {
		select {
		case <-p.conn.closed: // also when ctx is done
			return p.conn.conn.cause()
		case <-timer.C:
		}
		if read { // to ask again is of no use: PipeWire tells a latency of what is over too
			return nil
		}
		var l proto.GetPlaybackLatencyReply
		if err := p.conn.ask("ask for the latency", &proto.GetPlaybackLatency{StreamIndex: index}, &l); err != nil {
			return err
		}
		left, over := playTimeLeft(l, size, rate)
		read = over
		timer.Reset(left)
	}
}

// playTimeLeft returns how long the first size bytes of a stream will still be heard,
// and whether that is final: what the server has not read yet, then what lies in
// the output, without what came after the end.
//
//	heard now ──latency──▶ read ──▶ written
//	     clip clip clip │ silence, underrun
//
// Source: PulseAudio, pulse/stream.c, calc_time.
func playTimeLeft(l proto.GetPlaybackLatencyReply, size int64, rate int) (time.Duration, bool) {
	const most = 1 << 30 // what is beyond it overflows below, and is no server's word
	bytes := min(max(size-l.ReadIndex, -most), most)
	if bytes > 0 && !l.Running {
		return latencyPollInterval, l.ReadIndex > 0 // then it was stopped
	}
	if bytes <= 0 {
		bytes -= int64(min(l.UnderrunFor, most))
	}
	return time.Duration(l.Latency)*time.Microsecond + time.Duration(bytes/2)*time.Second/time.Duration(rate), bytes <= 0
}

// Close ends the connection, and with it what is being played.
func (p *Player) Close() {
	if p.conn != nil {
		p.conn.Close()
		p.conn = nil
	}
}
