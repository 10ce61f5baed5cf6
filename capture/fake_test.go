package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// A fake is a sound server that answers the requests of this package, and can misbehave.
// Its sound is given, or a ramp that shows when the fake sent it.
type fake struct {
	mu     sync.Mutex
	how    behavior
	conns  []*fakeConn
	opened int // connections so far
	asked  int // record streams that were asked for
	open   int // record streams that exist
	served sync.WaitGroup
}

// A behavior is how a fake behaves.
type behavior struct {
	sources []fakeSource
	preset  string // the default
	refuse  bool   // connections
	denied  bool   // record streams
	limit   int    // bytes it sends before it hangs up; 0 is no limit
	delay   time.Duration
	mangle  func(command uint32, message []byte) []byte // before it is sent
	exact   bool                                        // the latency that it reports includes the sound that it has not sent yet
	burst   int                                         // fragments sent at once; 0 is one
	sound   []int16                                     // sent once by each connection, then silence; nil is the ramp

	latency time.Duration // from the sound to its packet
	lie     time.Duration // added to the latency that it reports
}

// set changes the fake's behavior.
func (f *fake) set(change func(*behavior)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.how)
}

func (f *fake) behavior() behavior {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.how
}

// count returns how many connections there were.
func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opened
}

// streams returns how many record streams were asked for, and how many exist.
func (f *fake) streams() (asked, open int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked, f.open
}

// stream counts record streams.
func (f *fake) stream(asked, open int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked += asked
	f.open += open
}

type fakeSource struct {
	name, description string
	monitor, muted    bool
	properties        []string // names and values, in turn
}

// A fakeConn is one client's connection.
type fakeConn struct {
	*fake
	net.Conn
	limit  int
	sent   int
	source string
	record bool      // it has a record stream
	cork   chan bool // receives whether there is no record stream
	burst  int
	wg     sync.WaitGroup
	wm     sync.Mutex
	spoke  time.Time // when it last sent sound; guarded by wm
}

var errRefused = errors.New("connection refused")

func newFake() *fake {
	return &fake{how: behavior{sources: []fakeSource{{name: "mic", description: "A Microphone"}}, preset: "mic"}}
}

// config is that of a Recorder that uses the fake.
func (f *fake) config() Config { return Config{dial: f.dial} }

func (f *fake) dial(context.Context) (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened++
	if f.how.refuse {
		return nil, errRefused
	}
	ours, theirs := net.Pipe()
	c := &fakeConn{fake: f, Conn: ours, cork: make(chan bool), burst: max(1, f.how.burst), limit: f.how.limit}
	f.conns = append(f.conns, c)
	f.served.Go(c.serve)
	return theirs, nil
}

// newest returns the newest connection.
func (f *fake) newest() *fakeConn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conns[len(f.conns)-1]
}

// serve answers requests until the connection ends.
func (c *fakeConn) serve() {
	done := make(chan struct{})
	c.wg.Go(func() { c.speak(done) })
	defer c.wg.Wait()
	defer close(done)
	defer c.end()
	defer c.Close()
	for {
		var head [descriptorSize]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		if d := c.behavior().delay; d > 0 {
			<-time.After(d)
		}
		c.answer(binary.BigEndian.Uint32(b[1:]), binary.BigEndian.Uint32(b[6:]), b[messageHead:])
	}
}

// answer sends the reply to a request.
func (c *fakeConn) answer(command, tag uint32, body []byte) {
	r, how := new(tags), c.behavior()
	switch command {
	case proto.OpAuth:
		r.u32(35)
	case proto.OpSetClientName:
		r.u32(7)
	case proto.OpGetServerInfo:
		r.str("fake").str("1").str("me").str("here").spec().str("sink").str(how.preset).u32(1).cmap()
	case proto.OpGetSourceInfoList:
		for i, s := range how.sources {
			r.source(uint32(i), s)
		}
	case proto.OpCreateRecordStream:
		c.source = c.wanted(body)
		if c.source == "" {
			c.send(proto.OpError, tag, command, new(tags).u32(uint32(proto.ErrNoSuchEntity)))
			return
		}
		c.stream(1, 0)
		if how.denied {
			c.send(proto.OpError, tag, command, new(tags).u32(uint32(proto.ErrAccessDenied)))
			return
		}
		c.stream(0, 1)
		c.record = true
		c.cork <- false
		r.u32(1).u32(2).u32(65536).u32(fragmentBytes).spec().cmap().u32(0).str(c.source).yes(false).usec(0).format()
	case proto.OpDeleteRecordStream:
		c.end()
		c.cork <- true
	case proto.OpGetRecordLatency:
		latency := how.latency + how.lie
		if how.exact {
			latency += c.unsent()
		}
		r.usec(0).usec(uint64(latency.Microseconds())).yes(true).time().time().s64(0).s64(0)
	}
	c.send(proto.OpReply, tag, command, r)
}

// end ends the record stream.
func (c *fakeConn) end() {
	if c.record {
		c.stream(0, -1)
	}
	c.record = false
}

// unsent returns how much sound has accumulated since the last send.
func (c *fakeConn) unsent() time.Duration {
	c.wm.Lock()
	defer c.wm.Unlock()
	if c.spoke.IsZero() {
		return 0
	}
	return time.Since(c.spoke)
}

// wanted returns the name of the source that a CreateRecordStream asks for.
func (c *fakeConn) wanted(body []byte) string {
	for _, s := range c.behavior().sources {
		if strings.Contains(string(body), "t"+s.name+"\x00") {
			return s.name
		}
	}
	return ""
}

// say sends a message that is not a reply.
func (c *fakeConn) say(command uint32, r *tags) { c.send(command, 0xFFFFFFFF, command, r) }

func (c *fakeConn) send(command, tag, to uint32, body *tags) {
	b := append(new(tags).u32(command).u32(tag).b, body.b...)
	if mangle := c.behavior().mangle; mangle != nil {
		b = mangle(to, b)
	}
	c.packet(messageChannel, b)
}

func (c *fakeConn) packet(channel uint32, b []byte) {
	head := make([]byte, descriptorSize)
	binary.BigEndian.PutUint32(head, uint32(len(b)))
	binary.BigEndian.PutUint32(head[4:], channel)
	c.raw(append(head, b...))
}

// total returns how many bytes were sent.
func (c *fakeConn) total() int {
	c.wm.Lock()
	defer c.wm.Unlock()
	return c.sent
}

// raw sends bytes, up to the limit.
func (c *fakeConn) raw(b []byte) {
	c.wm.Lock()
	defer c.wm.Unlock()
	if c.limit > 0 && c.sent+len(b) >= c.limit {
		b = b[:c.limit-c.sent]
		defer c.Close()
	}
	c.sent += len(b)
	_, _ = c.Write(b) // the client may be gone
}

// speak sends sound while the stream is not corked: the given sound, or a ramp from 1.
// While the client does not read, the sound waits.
func (c *fakeConn) speak(done <-chan struct{}) {
	corked, n := true, 0
	sound := c.behavior().sound
	every := time.Duration(c.burst) * 20 * time.Millisecond
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var sent, first time.Time
	for {
		select {
		case <-done:
			return
		case corked = <-c.cork:
			sent, first = time.Time{}, time.Now().Add(c.behavior().latency)
		case now := <-ticker.C:
			if corked || now.Before(first) {
				continue
			}
			if sent.IsZero() {
				sent = now.Add(-every)
			}
			for ; sent.Before(now); sent = sent.Add(every) {
				var b []byte
				for range c.burst * fragmentBytes / 2 {
					v := int16(n%ramp + 1)
					if sound != nil {
						v = 0
						if n < len(sound) {
							v = sound[n]
						}
					}
					n++
					b = binary.LittleEndian.AppendUint16(b, uint16(v))
				}
				c.packet(1, b)
			}
			c.wm.Lock()
			c.spoke = now
			c.wm.Unlock()
		}
	}
}

// tags builds tagged values.
type tags struct{ b []byte }

func (t *tags) put(tag byte, b ...byte) *tags {
	t.b = append(append(t.b, tag), b...)
	return t
}

func (t *tags) u32(v uint32) *tags  { return t.put('L', binary.BigEndian.AppendUint32(nil, v)...) }
func (t *tags) usec(v uint64) *tags { return t.put('U', binary.BigEndian.AppendUint64(nil, v)...) }
func (t *tags) s64(v uint64) *tags  { return t.put('r', binary.BigEndian.AppendUint64(nil, v)...) }
func (t *tags) str(s string) *tags  { return t.put('t', append([]byte(s), 0)...) }
func (t *tags) time() *tags         { return t.put('T', make([]byte, 8)...) }
func (t *tags) spec() *tags         { return t.put('a', proto.FormatInt16LE, 1, 0, 0, 0x3e, 0x80) }
func (t *tags) cmap() *tags         { return t.put('m', 1, proto.ChannelMono) }
func (t *tags) format() *tags       { return t.put('f', 'B', proto.EncodingPCM).props() }

func (t *tags) yes(v bool) *tags {
	if v {
		return t.put('1')
	}
	return t.put('0')
}

func (t *tags) props(kv ...string) *tags {
	t.put('P')
	for i := 0; i < len(kv); i += 2 {
		n := uint32(len(kv[i+1]) + 1)
		t.str(kv[i]).u32(n).put('x', binary.BigEndian.AppendUint32(nil, n)...)
		t.b = append(append(t.b, kv[i+1]...), 0)
	}
	return t.put('N')
}

// source adds an element of a list of sources, in version 32.
func (t *tags) source(i uint32, s fakeSource) {
	monitorOf, class := uint32(proto.Undefined), "sound"
	t.u32(i).str(s.name).str(s.description).spec().cmap().u32(1).put('v', 1, 0, 1, 0, 0).yes(s.muted)
	if s.monitor {
		monitorOf, class = 0, "monitor"
		t.u32(monitorOf).str("sink")
	} else {
		t.u32(monitorOf).put('N')
	}
	t.usec(0).str("driver").u32(0).props(append([]string{"device.class", class}, s.properties...)...).usec(0)
	t.put('V', 0, 1, 0, 0).u32(0).u32(65537).u32(0)
	t.u32(1).str("port").str("Port").u32(100).u32(0).str("port")
	t.put('B', 1).format()
}
