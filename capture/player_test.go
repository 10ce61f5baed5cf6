package capture

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A player plays the ramp to an output. The monitor of the output is then a microphone
// with its own clock.
type player struct {
	line  *connection
	index uint32
	asked chan uint32 // bytes that the server requests
	next  int64       // the next sample to write
	done  sync.WaitGroup
}

func (r *rig) play(sink string) *player {
	r.t.Helper()
	p := &player{asked: make(chan uint32, 256)}
	conn, err := net.Dial("unix", r.socket)
	if err != nil {
		r.t.Fatal(err)
	}
	l := &connection{client: new(proto.Client), closed: make(chan struct{})}
	l.checked = newCheckedConn(conn, nil)
	p.line = l
	l.client.Callback = func(m any) {
		switch m := m.(type) {
		case *proto.ConnectionClosed:
			close(l.closed)
		case *proto.Request:
			p.asked <- m.Length
		}
	}
	l.client.SetTimeout(replyTimeout)
	l.client.Open(playerConn{conn})
	r.t.Cleanup(p.close)
	var auth proto.AuthReply
	if err := l.client.Request(&proto.Auth{Version: l.client.Version(), Cookie: make([]byte, cookieSize)}, &auth); err != nil {
		r.t.Fatal(err)
	}
	l.client.SetVersion(auth.Version)
	if err := l.client.Request(&proto.SetClientName{Props: proto.PropList{}}, &proto.SetClientNameReply{}); err != nil {
		r.t.Fatal(err)
	}
	var reply proto.CreatePlaybackStreamReply
	const target = 6400
	err = l.client.Request(&proto.CreatePlaybackStream{
		SampleSpec: proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: pcm.Rate},
		ChannelMap: proto.ChannelMap{proto.ChannelMono}, SinkIndex: proto.Undefined, SinkName: sink,
		BufferMaxLength: proto.Undefined, BufferTargetLength: target, BufferPrebufferLength: target, BufferMinimumRequest: 640,
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)}, AdjustLatency: true, Properties: proto.PropList{},
	}, &reply)
	if err != nil {
		r.t.Fatal(err)
	}
	p.index = reply.StreamIndex
	p.done.Go(func() {
		for range 60 { // a minute, so that the server never waits for this test
			p.write(2 * pcm.Rate)
		}
		for n := range p.asked {
			p.write(n)
		}
	})
	return p
}

// A playerConn ends in EOF. The client does not report any other end.
type playerConn struct{ net.Conn }

func (c playerConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

func (p *player) close() {
	p.line.checked.conn.Close()
	<-p.line.closed
	close(p.asked)
	p.done.Wait()
}

func (p *player) write(n uint32) {
	b := make([]byte, 0, n)
	for range n / 2 {
		b = binary.LittleEndian.AppendUint16(b, uint16(p.next%ramp+1))
		p.next++
	}
	_ = p.line.client.Send(p.index, b) // it may be closed
}

// clock asks the server which sample it plays now.
func (p *player) clock(t *testing.T) clock {
	t.Helper()
	var l proto.GetPlaybackLatencyReply
	if err := p.line.client.Request(&proto.GetPlaybackLatency{StreamIndex: p.index}, &l); err != nil {
		t.Fatal(err)
	}
	return clock{pos: l.ReadIndex/2 - samples(time.Duration(l.Latency)*time.Microsecond), at: time.Now()}
}
