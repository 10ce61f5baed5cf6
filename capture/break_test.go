package capture

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// TestBreaks ends the stream during a recording in each way that a server has.
func TestBreaks(t *testing.T) {
	for name, end := range map[string]func(c *fakeConn){
		"killed":    func(c *fakeConn) { c.say(proto.OpRecordStreamKilled, new(tags).u32(1)) },
		"suspended": func(c *fakeConn) { c.say(proto.OpRecordStreamSuspended, new(tags).u32(1).yes(true)) },
		"moved": func(c *fakeConn) {
			c.say(proto.OpRecordStreamMoved, new(tags).u32(1).u32(2).str("speaker.monitor").yes(false).u32(1).u32(1).usec(0))
		},
		"closed":      func(c *fakeConn) { _ = c.Close() },
		"no data":     func(c *fakeConn) { c.cork <- true },
		"huge packet": func(c *fakeConn) { c.raw(append([]byte{0xff, 0, 0, 0}, make([]byte, 16)...)) },
		"half sample": func(c *fakeConn) { c.packet(1, []byte{1}) },
	} {
		t.Run(name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				m := runMic(t, f.config())
				m.ready(time.Second)
				h := m.hold()
				<-time.After(time.Second)
				end(f.newest())
				m.expect(Broken, stallTimeout+100*time.Millisecond)
				<-time.After(time.Second)
				h.letGo()
				h.fails(t, ErrGap)
				if got := h.clip.Duration(); got < 2*time.Second {
					t.Errorf("%v of sound: %v", got, h.err)
				}
			})
		})
	}
}

// TestOddMessages sends messages that a client must ignore or survive.
func TestOddMessages(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for name, odd := range map[string]func(f *fake, c *fakeConn){
		"unknown command": func(_ *fake, c *fakeConn) { c.say(200, new(tags).u32(1)) },
		"late reply":      func(_ *fake, c *fakeConn) { c.send(proto.OpReply, 4000, proto.OpAuth, new(tags).u32(1)) },
		"late error":      func(_ *fake, c *fakeConn) { c.send(proto.OpError, 4000, proto.OpAuth, new(tags).u32(1)) },
		"long names": func(f *fake, c *fakeConn) {
			f.set(func(b *behavior) { b.sources = append(b.sources, fakeSource{name: long, description: long}) })
			c.say(proto.OpSubscribeEvent, new(tags).u32(0x11).u32(1))
		},
		"longer reply": func(f *fake, c *fakeConn) {
			f.set(func(how *behavior) {
				how.mangle = func(command uint32, b []byte) []byte {
					if command == proto.OpGetServerInfo {
						b = append(b, new(tags).u32(7).str("more").b...)
					}
					return b
				}
			})
			c.say(proto.OpSubscribeEvent, new(tags).u32(0x11).u32(1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			onFake(t, func(t *testing.T, server *fake) {
				m := runMic(t, server.config())
				m.ready(time.Second)
				odd(server, server.newest())
				h := m.record(time.Second)
				if h.err != nil {
					t.Error(h.err)
				}
				lasts(t, h.clip, time.Second+testTail)
				if n := server.count(); n != 1 {
					t.Errorf("%d connections", n)
				}
			})
		})
	}
}

// TestGarbage changes a byte of each message of the handshake.
func TestGarbage(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		onFake(t, func(t *testing.T, f *fake) {
			n := 1 + rnd.IntN(6)
			f.set(func(how *behavior) {
				how.mangle = func(_ uint32, b []byte) []byte {
					if n--; n == 0 {
						b[rnd.IntN(len(b))] = byte(rnd.Int())
					}
					return b
				}
			})
			c := f.config()
			c.Linger = -1
			m := runMic(t, c)
			<-time.After(2 * replyTimeout)
			f.set(func(b *behavior) { b.mangle = nil })
			m.record(100 * time.Millisecond)
			<-time.After(2 * replyTimeout)
			if h := m.record(time.Second); h.err != nil {
				t.Error(h.err)
			}
		})
	}
}

// TestIntroduction: a connection begins with who it is and which changes it wants to know.
// It fails if the server refuses any of that.
func TestIntroduction(t *testing.T) {
	introduction := []uint32{proto.OpAuth, proto.OpSetClientName, proto.OpSubscribe, proto.OpGetServerInfo, proto.OpGetSourceInfoList}
	for refused := range len(introduction) + 1 {
		onFake(t, func(t *testing.T, f *fake) {
			var asked []uint32
			f.set(func(how *behavior) {
				how.mangle = func(command uint32, b []byte) []byte {
					if asked = append(asked, command); len(asked) == refused {
						tag := binary.BigEndian.Uint32(b[6:])
						return new(tags).u32(proto.OpError).u32(tag).u32(uint32(proto.ErrAccessDenied)).b
					}
					return b
				}
			})
			_, err := Sources(t.Context(), f.config())
			if refused == 0 && (err != nil || !slices.Equal(asked, introduction)) {
				t.Errorf("asked %v, %v", asked, err)
			}
			if refused > 0 && (!errors.Is(err, ErrServer) || !errors.Is(err, proto.ErrAccessDenied) || len(asked) != refused) {
				t.Errorf("request %d is refused: asked %v, %v", refused, asked, err)
			}
		})
	}
}
