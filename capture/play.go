package capture

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// maxClip is the longest clip that a Player accepts. A server buffers 4 MB at most.
// Source: PulseAudio, pulsecore/protocol-native.c, MAX_MEMBLOCKQ_LENGTH.
const maxClip = time.Minute

// flushPadding is the length of the silence after a clip. It is longer than the largest
// period of a server: 8192 samples at 48 kHz. Source: pipewire.conf(5),
// default.clock.max-quantum.
const flushPadding = 180 * time.Millisecond

// A Player plays clips on an output. It connects to the server at the first clip and
// keeps the connection. If the connection is lost, the next clip opens a new one. The
// methods of a Player are for one goroutine.
type Player struct {
	Server  string   // as Config.Server
	Cookies []string // as Config.Cookies
	Output  string   // the server's name of the output; empty is its default

	conn *connection
}

// Play plays a clip and returns when the clip has been played to its end, as far as the
// server knows its devices. If ctx ends first, Play stops and returns the context's
// error. Other errors wrap ErrServer.
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
	defer context.AfterFunc(ctx, func() { p.conn.checked.fail(ctx.Err()) })()
	index, err := p.start(c)
	if err == nil {
		err = p.drain(index, int64(2*len(c.Samples)), c.Rate)
	}
	if err == nil {
		err = p.conn.ask("end the stream", &proto.DeletePlaybackStream{StreamIndex: index}, nil)
	}
	return err
}

// open connects, unless there is a working connection.
func (p *Player) open(ctx context.Context) error {
	if p.conn != nil && p.conn.checked.cause() == nil {
		return nil
	}
	p.Close()
	var err error
	p.conn, err = (&Config{Server: p.Server, Cookies: p.Cookies}).connect(ctx, func(uint32, []int16) {})
	return err
}

// start opens a stream and sends it the whole clip. The server has room for all of it
// and never has to request more.
func (p *Player) start(c pcm.Clip) (uint32, error) {
	sound, err := binary.Append(nil, binary.LittleEndian, c.Samples)
	if err != nil {
		return 0, err
	}
	var reply proto.CreatePlaybackStreamReply
	err = p.conn.ask("open an output", &proto.CreatePlaybackStream{
		SampleSpec:            proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: uint32(c.Rate)},
		ChannelMap:            proto.ChannelMap{proto.ChannelMono},
		SinkIndex:             proto.Undefined,
		SinkName:              p.Output,
		BufferMaxLength:       proto.Undefined,
		BufferTargetLength:    uint32(c.Rate / 10 * 2), // 100 ms; the server accepts more, up to the maximum
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
	// PipeWire does not read an incomplete last period.
	sound = append(sound, make([]byte, 2*c.Rate*int(flushPadding/time.Millisecond)/1000)...)
	for packet := range slices.Chunk(sound, 32<<10) {
		if err := p.conn.client.Send(reply.StreamIndex, packet); err != nil {
			return 0, err
		}
	}
	return reply.StreamIndex, nil
}

// latencyPollInterval is how long drain waits before it asks again about a stream that
// has not started.
const latencyPollInterval = 20 * time.Millisecond

// drain waits until the clip, of size bytes, has been played. The server can report when
// its buffers are empty (DrainPlaybackStream), but PulseAudio does so two seconds late.
func (p *Player) drain(index uint32, size int64, rate int) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for read := false; ; {
		select {
		case <-p.conn.closed: // also when ctx is done
			return p.conn.checked.cause()
		case <-timer.C:
		}
		if read { // do not ask again: PipeWire reports a latency after the end too
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

// playTimeLeft returns how long the output still plays the first size bytes of a stream,
// and whether that is final. The server has yet to read some of them, and others are in
// the output. What follows the end of the clip does not count.
//
//	heard now ──latency──▶ read ──▶ written
//	     clip clip clip │ silence, underrun
//
// Source: PulseAudio, pulse/stream.c, calc_time.
func playTimeLeft(l proto.GetPlaybackLatencyReply, size int64, rate int) (time.Duration, bool) {
	const most = 1 << 30 // a larger value would overflow below; no real server sends one
	bytes := min(max(size-l.ReadIndex, -most), most)
	if bytes > 0 && !l.Running {
		return latencyPollInterval, l.ReadIndex > 0 // a stream that had started was stopped
	}
	if bytes <= 0 {
		bytes -= int64(min(l.UnderrunFor, most))
	}
	return time.Duration(l.Latency)*time.Microsecond + time.Duration(bytes/2)*time.Second/time.Duration(rate), bytes <= 0
}

// Close ends the connection and stops the clip that is playing.
func (p *Player) Close() {
	if p.conn != nil {
		p.conn.Close()
		p.conn = nil
	}
}
